import { afterAll, beforeAll, expect, test } from 'vitest';
import { ofThisTurn } from '../../turn.ts';
import { agrees, compared } from './agreement.ts';
import { type Case, casesOf } from './corpus.ts';
import { removeCopies, withMistake } from './planted.ts';
import { plantedMistakes } from './planted-rows.ts';

/** Enough worlds that each mistake shows in one of them. */
const seeds = 30;
const questions = 150;

/** All of them take four minutes of CPU. */
const planted = ofThisTurn(plantedMistakes.map((mistake, number) => ({ ...mistake, number })));

let cases: readonly Case[] = [];

beforeAll(async () => {
  const found = await Promise.all(Array.from({ length: seeds }, (_, index) => casesOf(index + 1, questions)));
  cases = found.flat();
});
afterAll(removeCopies);

test('without a mistake both sides agree', () => {
  expect(cases.flatMap(compared).filter((each) => !agrees(each))).toEqual([]);
});

test.each(planted)('a mistake in the $side shows: $because', async ({ number, ...mistake }) => {
  const both = await withMistake(mistake, number);
  expect(cases.some((each) => both(each).some((comparison) => !agrees(comparison)))).toBe(true);
});
