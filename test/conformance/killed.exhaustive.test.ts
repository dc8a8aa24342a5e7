import { expect, test } from 'vitest';
import { sweepsAfterKill } from './sweeps-after-kill.ts';

test.each(['quick', 'full'] as const)(
  'a sweep leaves nothing after a kill at every call of the %s set',
  async (set) => {
    expect((await sweepsAfterKill(set, 1)).left).toEqual([]);
  },
);
