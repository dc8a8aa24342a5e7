import { afterAll, expect } from 'vitest';
import { mistakesOfFile } from '../lab/sandbox/held-contracts.ts';

/** Runs after every file of the quick suite, since its files share the modules that they load (vitest.config.ts). */
afterAll(() => {
  expect(mistakesOfFile(), 'calls that the vendor’s document does not know').toEqual([]);
});
