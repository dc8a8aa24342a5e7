import { expect, test } from 'vitest';
import { Laboratory, livedInSandbox, stateOf } from './laboratory.ts';
import { sweepsAfterKill } from './sweeps-after-kill.ts';

/** Every nth call, and each other time the call arrives: all of them are in the exhaustive suite. */
const stride = 43;

test('a sweep removes everything that a run made, at whichever call it was killed', async () => {
  const { killed, left } = await sweepsAfterKill('quick', stride);
  expect(left).toEqual([]);
  expect(killed).toBeGreaterThan(8);
});

test('a sweep touches no object without the marker of a run', async () => {
  const sandbox = await livedInSandbox();
  const before = stateOf(sandbox);
  expect(await new Laboratory(sandbox).sweep()).toEqual([]);
  expect(stateOf(sandbox)).toEqual(before);
});
