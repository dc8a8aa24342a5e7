import { afterAll, expect } from 'vitest';
import { mistakesOfFile } from '../lab/sandbox/held-contracts.ts';

/** Runs with every file of the quick suite, whose files share the modules that they load (vitest.config.ts). */
afterAll(() => {
  expect(mistakesOfFile(), 'calls that the vendor’s document does not know').toEqual([]);
});
