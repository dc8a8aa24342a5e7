import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alterations } from './altered-lists.ts';
import { type EveryGateFile, firstFile } from './every-gate-file.ts';
import { ListedHouse, type ListedScene } from './listed-house.ts';

/** The number of random runs of each sort: 5 in CI, more with `GATES_LISTS=500`. */
const count = Number(process.env.GATES_LISTS ?? 5);

/** Plays one sort of run with each list read altered, one at a time, and then with many at once. */
export function playLists(
  name: string,
  { from, to, every }: { readonly from: 'nothing' | 'first file'; readonly to: EveryGateFile; every: number },
): void {
  let house: ListedHouse;
  let scene: ListedScene;
  /** The step between altered list reads; 1 with `GATES_LISTS`. */
  const step = process.env.GATES_LISTS === undefined ? every : 1;

  beforeAll(async () => {
    house = await ListedHouse.open();
    scene = house.emptyScene();
    if (from === 'first file') scene = await house.sceneAfter(scene, firstFile);
  });

  afterAll(() => process.stdout.write(`lists, ${name}: ${JSON.stringify(house.tally)}\n`));

  describe(name, () => {
    it.each(alterations.map((alteration, offset) => ({ alteration, offset })))(
      'ends well if one of its lists is $alteration',
      async ({ alteration, offset }) => {
        const end = await house.undisturbed(scene, to);
        for (const { n, url } of end.reads) {
          if ((n + offset) % step !== 0) continue;
          await house.play(scene, to, {
            end,
            where: `${name}, ${alteration} at list ${n}, ${url}`,
            choose: (read) => (read.n === n ? { alteration, entry: n } : undefined),
          });
        }
        expect(house.tally.altered).toBeGreaterThan(0);
      },
    );

    it('ends well if many of its lists are altered', async () => {
      const end = await house.undisturbed(scene, to);
      const draw = fc.tuple(fc.nat(99), fc.constantFrom(...alterations), fc.nat(19));
      const draws = fc.sample(fc.array(draw, { minLength: 200, maxLength: 200 }), {
        numRuns: count,
        seed: 20261126,
      });
      for (const [run, drawn] of draws.entries()) {
        await house.play(scene, to, {
          end,
          where: `${name}, random run ${run}`,
          choose: ({ n }) => {
            const [chance = 99, alteration = 'stale', entry = 0] = drawn[n % drawn.length] ?? [];
            return chance < 30 ? { alteration, entry } : undefined;
          },
        });
      }
    });
  });
}
