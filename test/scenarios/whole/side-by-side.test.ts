import { describe, expect, it } from 'vitest';
import { firstApply, interrupted } from './side-by-side.ts';

describe('new objects that are written in parallel', () => {
  it.each([
    ['behind Access', 30, 0, 45],
    ['behind the outpost', 0, 30, 130],
  ])('make the first apply of 30 hosts %s shorter, to the same end', async (what, access, outpost, saved) => {
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
  });

  it('expose nobody if the process is killed, and the next one adds the missing ones', async () => {
    await interrupted('kill', 3, 3);
  });
});
