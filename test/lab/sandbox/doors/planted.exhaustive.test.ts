import { afterAll, expect, test } from 'vitest';
import { ofThisTurn } from '../../../support/turn.ts';
import { type Case, casesOf } from './corpus.ts';
import { agreementWith, RightAnswers, removeCopies } from './planted.ts';
import { plantedMistakes } from './planted-rows.ts';

/** The number of seeds: enough that each bug shows in some world. Most show within 10, and one only in the 74th. */
const seeds = 100;
const questions = 150;
/** Drawing all worlds takes minutes of CPU, and a busy machine many times as long. */
const patience = 1_200_000;

/** All bugs take four minutes of CPU. */
const planted = ofThisTurn(plantedMistakes.map((mistake, number) => ({ ...mistake, number })));

const drawn = new Map<number, Promise<readonly Case[]>>();
const right = new RightAnswers();

/** The worlds one after the other: most bugs show in one of the first. */
async function* cases(): AsyncGenerator<Case> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const found = drawn.get(seed) ?? casesOf(seed, questions);
    drawn.set(seed, found);
    yield* await found;
  }
}

afterAll(removeCopies);

test.each(planted)(
  'a bug in the $side shows, and without it both sides agree: $because',
  async ({ number, ...mistake }) => {
    const holds = await agreementWith(mistake, number, right);
    for await (const each of cases()) {
      expect(await right.disagreements(each)).toEqual([]);
      if (!(await holds(each))) return;
    }
    expect.fail('no world shows it');
  },
  patience,
);
