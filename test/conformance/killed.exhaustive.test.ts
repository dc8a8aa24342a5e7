import { expect, test } from 'vitest';
import { sweepsAfterKill } from './sweeps-after-kill.ts';

/**
 * A check kills at every ninth call of the full set, which includes every group of the quick set.
 * `GATES_CONFORMANCE=uncut` kills at every call of both sets, for half an hour.
 */
const isUncut = process.env.GATES_CONFORMANCE === 'uncut';
const [stride, sets] = isUncut ? ([1, ['quick', 'full']] as const) : ([9, ['full']] as const);

test.each(sets)(
  'a sweep leaves nothing after a kill at the calls of the %s set',
  async (set) => {
    const { killed, left } = await sweepsAfterKill(set, stride);
    expect(left).toEqual([]);
    expect(killed).toBeGreaterThan(30);
  },
  // Every call costs two runs, so that this has no useful time limit.
  3_600_000,
);
