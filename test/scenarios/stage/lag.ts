import { afterAll, beforeAll } from 'vitest';
import { type LagOptions, parseLag } from '../../../src/lab/sandbox/index.ts';

let ofThisFile = '';

/**
 * The delay of a scenario's writes at the edge: `GATES_LAG=5000`, `random` (0 to 30 s), or any value of `gates sandbox
 * --lag`; else that of the test file. Undefined: none.
 */
export function lagOfScenario(): LagOptions | undefined {
  const text = process.env.GATES_LAG || ofThisFile;
  return text === '' ? undefined : parseLag(text);
}

/** Delays the writes of the test file that calls it, unless `GATES_LAG` gives another delay. */
export function lagInThisFile(text: string): void {
  beforeAll(() => {
    ofThisFile = text;
  });
  // The next file shares this module.
  afterAll(() => {
    ofThisFile = '';
  });
}
