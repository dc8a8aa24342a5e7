import { afterAll, expect, test } from 'vitest';
import { ofThisTurn } from '../../../support/turn.ts';
import { type Case, casesOf } from './corpus.ts';
import { agreementWith, RightAnswers, removeCopies } from './planted.ts';
import { plantedMistakes } from './planted-rows.ts';

/** The number of worlds: most bugs show in one of the first 10, and a few only in one of the first 139. */
const seeds = 150;
const questions = 150;
/** Drawing all worlds takes minutes of CPU, and a busy machine many times as long. */
const patience = 1_200_000;

/** All bugs take four minutes of CPU. */
const planted = ofThisTurn(plantedMistakes.map((mistake, number) => ({ ...mistake, number })));

const drawn = new Map<number, Promise<readonly Case[]>>();
const right = new RightAnswers();

/** All worlds, those of this seed first: a bug that shows late would take minutes. */
async function* casesFrom(first: number): AsyncGenerator<Case> {
  for (const seed of new Set([first, ...Array.from({ length: seeds }, (_, index) => index + 1)])) {
    const found = drawn.get(seed) ?? casesOf(seed, questions);
    drawn.set(seed, found);
    yield* await found;
  }
}

afterAll(removeCopies);

test.each(planted)(
  'a bug in the $side shows, and without it both sides agree: $because',
  async ({ number, seed, ...mistake }) => {
    const holds = await agreementWith(mistake, number, right);
    for await (const each of casesFrom(seed)) {
      expect(await right.disagreements(each)).toEqual([]);
      if (!(await holds(each))) return;
    }
    expect.fail('no world shows it');
  },
  patience,
);
