import { expect, test } from 'vitest';
import { sweepsAfterKill } from './sweeps-after-kill.ts';

/** A check kills at every ninth call; `GATES_CONFORMANCE=uncut` at every one, half an hour. */
const stride = process.env.GATES_CONFORMANCE === 'uncut' ? 1 : 9;

test.each(['quick', 'full'] as const)(
  'a sweep leaves nothing after a kill at the calls of the %s set',
  async (set) => {
    const { killed, left } = await sweepsAfterKill(set, stride);
    expect(left).toEqual([]);
    expect(killed).toBeGreaterThan(30);
  },
  // Every call is two runs: how long that takes says nothing.
  3_600_000,
);
