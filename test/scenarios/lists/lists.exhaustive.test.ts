import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alterations } from './altered-lists.ts';
import { editedFile, firstFile } from './every-gate-file.ts';
import { ListedHouse, type ListedScene } from './listed-house.ts';

/** Random runs of each sort: 20 in CI, more by `GATES_LISTS=500`. */
const count = Number(process.env.GATES_LISTS ?? 20);

/** Every list read, and not every third: some minutes more. */
const isUncut = process.env.GATES_LISTS !== undefined;

let house: ListedHouse;
const scenes: Record<'empty' | 'applied', ListedScene | undefined> = { empty: undefined, applied: undefined };

const runs = [
  { name: 'a run that has nothing to do', from: 'applied', to: firstFile },
  { name: 'a run that carries out a change', from: 'applied', to: editedFile },
  { name: 'a first run', from: 'empty', to: firstFile },
] as const;

beforeAll(async () => {
  house = await ListedHouse.open();
  scenes.empty = house.emptyScene();
  scenes.applied = await house.sceneAfter(scenes.empty, firstFile);
});

afterAll(() => {
  process.stdout.write(`lists: ${JSON.stringify(house.tally)}\n`);
});

function sceneOf(name: 'empty' | 'applied'): ListedScene {
  const scene = scenes[name];
  if (scene === undefined) throw new Error(name);
  return scene;
}

describe.each(runs)('$name', ({ name, from, to }) => {
  it.each(alterations)('ends well where a reply to one list read is %s', async (alteration) => {
    const scene = sceneOf(from);
    const end = await house.undisturbed(scene, to);
    for (const { n, url, entries } of end.reads) {
      if (!isUncut && n % 3 !== 0) continue;
      const turns = alteration === 'slipped' && isUncut ? Math.max(1, entries) : 1;
      for (let turn = 0; turn < turns; turn += 1) {
        await house.play(scene, to, {
          end,
          where: `${name}, ${alteration} at list ${n}, entry ${n + turn}, ${url}`,
          choose: (read) => (read.n === n ? { alteration, entry: n + turn } : undefined),
        });
      }
    }
    expect(house.tally.altered).toBeGreaterThan(0);
  });

  it('ends well where many replies are altered at random', async () => {
    const scene = sceneOf(from);
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
