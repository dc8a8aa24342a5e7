import { expect, it } from 'vitest';
import { inTurn, isUncut } from '../stage/cut.ts';
import { misfortunes } from '../stage/trouble.ts';
import { firstApply, interrupted } from './side-by-side.ts';

/** The step between interruptions: a check interrupts every fourth write, `GATES_MOVES=uncut` all of them. */
const step = isUncut ? 1 : 4;

it.each(inTurn(misfortunes))(
  'new objects that are written in parallel expose nobody if any one write fails: %s',
  async (kind) => {
    const writes = await interrupted(kind, 6, step);
    process.stdout.write(
      `side by side: ${Math.ceil(writes / step)} of ${writes} writes × ${kind}: converged, no duplicates, zero exposures\n`,
    );
  },
);

it.each(
  inTurn([
    ['behind Access', 30, 0, 45],
    ['behind the outpost', 0, 30, 130],
  ] as const),
)(
  'new objects that are written in parallel make the first apply of 30 hosts %s shorter, to the same end',
  async (what, access, outpost, saved) => {
    const one = await firstApply(access, outpost, 1);
    const four = await firstApply(access, outpost, 4);
    expect([one.most, four.most]).toEqual([1, 4]);
    expect(four.writes).toBe(one.writes);
    expect(one.chain - four.chain).toBeGreaterThanOrEqual(saved);
    expect(four.ids).toEqual(one.ids);
    expect(four.shape).toEqual(one.shape);
    process.stdout.write(
      `30 hosts ${what}: ${one.chain} calls in series, ${four.chain} with four writes at once\n`,
    );
  },
);
