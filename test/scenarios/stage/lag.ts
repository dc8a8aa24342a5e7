import { type LagOptions, parseLag } from '../../../src/lab/sandbox/index.ts';

/**
 * How long what a scenario writes takes to the edge: `GATES_LAG=5000`, `random` (0 to 30 s), or whatever
 * `gates sandbox --lag` takes. Undefined: no time.
 */
export const lag: LagOptions | undefined =
  (process.env.GATES_LAG ?? '') === '' ? undefined : parseLag(process.env.GATES_LAG ?? '');
