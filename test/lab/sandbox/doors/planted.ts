import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { agrees } from './agreement.ts';
import type { Case } from './corpus.ts';
import { type Model, modelled } from './model-answers.ts';
import { type Reached, reachedIn } from './sandbox-answers.ts';

/** A bug in one file: its correct text, which occurs once, and the replacement. */
export interface PlantedMistake {
  readonly side: 'sandbox' | 'model';
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A bug as a table lists it. `seed`: a world in which it shows, if none of the first few does. */
export type MistakeRow = readonly [because: string, file: string, from: string, to: string, seed?: number];

const root = path.resolve(import.meta.dirname, '../../../..');
const copies = path.join(root, '.planted');

/** The answers of both sides without a bug. A bug in one side does not change the answers of the other. */
export class RightAnswers {
  readonly #reached = new Map<Case, readonly Reached[]>();
  readonly #models = new Map<Case, readonly Model[]>();

  /** The answers of the sandbox. */
  async reached(each: Case): Promise<readonly Reached[]> {
    const answers = this.#reached.get(each) ?? (await reachedIn(each));
    this.#reached.set(each, answers);
    return answers;
  }

  async models(each: Case): Promise<readonly Model[]> {
    const answers =
      this.#models.get(each) ?? (await this.reached(each)).map((asked) => modelled(each.store, asked));
    this.#models.set(each, answers);
    return answers;
  }

  /** The answers about which the sides do not agree. */
  async disagreements(each: Case): Promise<readonly object[]> {
    const models = await this.models(each);
    return (await this.reached(each))
      .map((asked, index) => ({ ...asked, model: models[index] as Model }))
      .filter((answer) => !agrees(answer));
  }
}

/** True if the sides agree on a case when this bug is in a copy of one of them. */
export async function agreementWith(
  { side, file, from, to }: PlantedMistake,
  number: number,
  right: RightAnswers,
): Promise<(each: Case) => Promise<boolean>> {
  const copy = path.join(copies, `${process.pid}-${number}`);
  for (const folder of ['src/core', 'src/doors', 'src/lab/sandbox', 'test/lab/sandbox/doors']) {
    mkdirSync(path.dirname(path.join(copy, folder)), { recursive: true });
    cpSync(path.join(root, folder), path.join(copy, folder), { recursive: true });
  }
  const place = path.join(copy, file);
  const text = readFileSync(place, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} has this not once: ${from}`);
  writeFileSync(
    place,
    text.replace(from, () => to),
  );
  const folder = path.join(copy, 'test/lab/sandbox/doors');
  if (side === 'model') {
    const planted = (await import(`${folder}/model-answers.ts`)) as { readonly modelled: typeof modelled };
    return async (each) =>
      (await right.reached(each)).every((asked) =>
        agrees({ ...asked, model: planted.modelled(each.store, asked) }),
      );
  }
  const planted = (await import(`${folder}/sandbox-answers.ts`)) as { readonly reachedIn: typeof reachedIn };
  return async (each) => {
    const asked = await right.reached(each);
    const models = await right.models(each);
    return (await planted.reachedIn(each)).every((answer, index) => {
      // A bug may change the visitors, or their credentials.
      const isSame =
        answer.visitor === asked[index]?.visitor && isDeepStrictEqual(answer.holds, asked[index].holds);
      const model = isSame ? (models[index] as Model) : modelled(each.store, answer);
      return agrees({ ...answer, model });
    });
  };
}

export function removeCopies(): void {
  rmSync(copies, { recursive: true, force: true });
}
