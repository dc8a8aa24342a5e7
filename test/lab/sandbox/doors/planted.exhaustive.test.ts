import { afterAll, beforeAll, expect, test } from 'vitest';
import { ofThisTurn } from '../../../support/turn.ts';
import { agrees } from './agreement.ts';
import { type Case, casesOf } from './corpus.ts';
import type { Model } from './model-answers.ts';
import { agreementWith, RightAnswers, removeCopies } from './planted.ts';
import { plantedMistakes } from './planted-rows.ts';

/** The number of seeds: enough that each bug shows in some world. */
const seeds = 30;
const questions = 150;
/** Drawing the worlds takes two minutes of CPU, and a busy machine many times as long. */
const patience = 1_200_000;

/** All bugs take four minutes of CPU. */
const planted = ofThisTurn(plantedMistakes.map((mistake, number) => ({ ...mistake, number })));

let cases: readonly Case[] = [];
const right = new RightAnswers();

beforeAll(async () => {
  const found = await Promise.all(Array.from({ length: seeds }, (_, index) => casesOf(index + 1, questions)));
  cases = found.flat();
}, patience);
afterAll(removeCopies);

test('both sides agree without a planted bug', async () => {
  for (const each of cases) {
    const models = await right.models(each);
    const compared = (await right.reached(each)).map((asked, index) => ({
      ...asked,
      model: models[index] as Model,
    }));
    expect(compared.filter((answer) => !agrees(answer))).toEqual([]);
  }
});

test.each(planted)('a bug in the $side shows: $because', async ({ number, ...mistake }) => {
  const holds = await agreementWith(mistake, number, right);
  expect(await isSomeWithout(holds)).toBe(true);
});

async function isSomeWithout(holds: (each: Case) => Promise<boolean>): Promise<boolean> {
  for (const each of cases) if (!(await holds(each))) return true;
  return false;
}
