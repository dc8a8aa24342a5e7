import { afterAll, beforeAll, expect, test } from 'vitest';
import { ofThisTurn } from '../../../support/turn.ts';
import { agrees } from './agreement.ts';
import { type Case, casesOf } from './corpus.ts';
import type { Model } from './model-answers.ts';
import { agreementWith, RightAnswers, removeCopies } from './planted.ts';
import { plantedMistakes } from './planted-rows.ts';

/** Enough worlds that each mistake shows in one of them. */
const seeds = 30;
const questions = 150;

/** All of them take four minutes of CPU. */
const planted = ofThisTurn(plantedMistakes.map((mistake, number) => ({ ...mistake, number })));

let cases: readonly Case[] = [];
const right = new RightAnswers();

beforeAll(async () => {
  const found = await Promise.all(Array.from({ length: seeds }, (_, index) => casesOf(index + 1, questions)));
  cases = found.flat();
});
afterAll(removeCopies);

test('without a mistake both sides agree', () => {
  const compared = cases.flatMap((each) => {
    const models = right.models(each);
    return right.reached(each).map((asked, index) => ({ ...asked, model: models[index] as Model }));
  });
  expect(compared.filter((each) => !agrees(each))).toEqual([]);
});

test.each(planted)('a mistake in the $side shows: $because', async ({ number, ...mistake }) => {
  const holds = await agreementWith(mistake, number, right);
  expect(cases.some((each) => !holds(each))).toBe(true);
});
