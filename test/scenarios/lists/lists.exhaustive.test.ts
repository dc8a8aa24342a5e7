import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alterations } from './altered-lists.ts';
import { editedFile, firstFile } from './every-gate-file.ts';
import { ListedHouse, type ListedScene } from './listed-house.ts';

let house: ListedHouse;
let applied: ListedScene;

beforeAll(async () => {
  house = await ListedHouse.open();
  applied = await house.sceneAfter(house.emptyScene(), firstFile);
});

afterAll(() => {
  process.stdout.write(`lists: ${JSON.stringify(house.tally)}\n`);
});

describe('a list that lags or shifts', () => {
  it('changes nothing in a run that has nothing to do, if it is one of these', async () => {
    const end = await house.undisturbed(applied, firstFile);
    expect(end.writes).toBe(0);
    for (const { n, url } of end.reads.filter(({ n: read }) => read % 3 === 0)) {
      const alteration = alterations[n % alterations.length] ?? 'stale';
      await house.play(applied, firstFile, {
        end,
        where: `${alteration} at list ${n}, ${url}`,
        choose: (read) => (read.n === n ? { alteration, entry: n } : undefined),
      });
    }
    expect(house.tally.altered).toBeGreaterThan(end.reads.length / 6);
  });

  it('creates nothing permanent in a run that makes a change', async () => {
    const end = await house.undisturbed(applied, editedFile);
    for (const alteration of ['stale', 'slipped'] as const)
      await house.play(applied, editedFile, {
        end,
        where: `${alteration} at every list`,
        choose: ({ n }) => ({ alteration, entry: n }),
      });
  });
});
