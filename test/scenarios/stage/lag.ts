import { type LagOptions, parseLag } from '../../../src/lab/sandbox/index.ts';

/**
 * The delay of a scenario's writes at the edge: `GATES_LAG=5000`, `random` (0 to 30 s), or any value of `gates sandbox
 * --lag`. Undefined: none.
 */
export const lag: LagOptions | undefined =
  (process.env.GATES_LAG ?? '') === '' ? undefined : parseLag(process.env.GATES_LAG ?? '');
