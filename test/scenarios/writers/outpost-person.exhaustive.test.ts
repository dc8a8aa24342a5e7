import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { union } from '../moves/moves.ts';
import type { SentCall } from '../stage/trouble.ts';
import { losses, Scenes } from './scenes.ts';
import { filesOf, type SharedHouse } from './shared-house.ts';

/** The number: 50 in CI, 2,000 with `GATES_INTERLEAVINGS=2000`. */
const count = Number(process.env.GATES_INTERLEAVINGS ?? 50);

let scenes: Scenes;
let house: SharedHouse;
const tally = { interleavings: 0, between: 0, lost: 0, reported: 0, kept: 0, exposures: 0 };

beforeAll(async () => {
  scenes = await Scenes.open();
  house = scenes.house;
});

afterAll(() => process.stdout.write(`a person at the outpost: ${JSON.stringify(tally)}\n`));

const alpha = filesOf('alpha');
const [theirs] = filesOf('beta');
/** Pairs of files of which one has its own provider, so that most moves write the outpost. */
const without = fc.constantFrom(...alpha.filter(({ name }) => !name.includes('family')));
const withOne = fc.constantFrom(...alpha.filter(({ name }) => name.includes('family')));
const draws = fc.sample(fc.tuple(without, withOne, fc.boolean(), fc.nat(9_999)), {
  numRuns: count,
  seed: 20261129,
});

async function isOfProviders({ system, request }: SentCall): Promise<boolean> {
  if (system !== 'authentik' || request.method !== 'PATCH' || !request.url.includes('/outposts/'))
    return false;
  return (await request.clone().text()).startsWith('{"providers"');
}

describe('a person at the outpost', () => {
  it('loses a provider only between the reading and the write of a run, which reports it every time', async () => {
    for (const [one, other, goesBack, place] of draws) {
      if (theirs === undefined) continue;
      const [from, to] = goesBack ? [other, one] : [one, other];
      const scene = await scenes.sceneOf(from, theirs);
      const guards = [...union({ guards: [from.guard] }, { guards: [to.guard] }), theirs.guard];
      let disks = await scenes.begin(scene, guards);
      let calls = 0;
      const patches: number[] = [];
      await house.run(disks.alpha, to.text, async (call, send) => {
        calls = call.n;
        if (await isOfProviders(call)) patches.push(call.n);
        return send();
      });
      // Every second time, the person writes at a write of the providers, if there is one.
      const at = (place % 2 === 0 ? patches[place % patches.length] : undefined) ?? 1 + (place % calls);
      const where = `${from.name} → ${to.name} at call ${at}`;
      disks = await scenes.begin(scene, guards);
      const wiki = await house.providerByHand();
      let isBetween = false;
      const pass = await house.run(disks.alpha, to.text, async (call, send) => {
        if (call.n === at) {
          isBetween = await isOfProviders(call);
          await house.serveByHand(wiki);
        }
        return send();
      });
      const isThere = house.providers().includes(wiki);
      expect(isThere, where).toBe(!isBetween);
      expect(losses(pass).length > 0, where).toBe(isBetween);
      tally.between += isBetween ? 1 : 0;
      tally.lost += isThere ? 0 : 1;
      tally.kept += isThere ? 1 : 0;
      tally.reported += losses(pass).length;
      await scenes.settle(disks.alpha, to.text, where);
      tally.exposures += house.exposures().length;
      expect(house.exposures(), where).toEqual([]);
      tally.interleavings += 1;
    }
    expect(tally.kept).toBeGreaterThan(0);
    expect(tally.lost).toBeGreaterThan(0);
  });
});
