import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guard, union } from '../moves/moves.ts';
import { copyOf, newDisk } from '../stage/disk.ts';
import type { Pass } from '../stage/stage.ts';
import { losses, Scenes } from './scenes.ts';
import { before, filesOf, type OwnedFile, type SharedHouse } from './shared-house.ts';

/** The number: 20 in CI, 2,000 with `GATES_INTERLEAVINGS=2000`. */
const count = Number(process.env.GATES_INTERLEAVINGS ?? 20);

/** The state folder of the other writer: new, or a copy of the first one's. */
const folders = ['empty', 'copy'] as const;

let scenes: Scenes;
let house: SharedHouse;
const tally = { interleavings: 0, waited: 0, made: 0, reported: 0, lost: 0, exposures: 0, replaced: 0 };

beforeAll(async () => {
  scenes = await Scenes.open();
  house = scenes.house;
});

afterAll(() => process.stdout.write(`two state folders: ${JSON.stringify(tally)}\n`));

const alpha = filesOf('alpha');
const [theirs] = filesOf('beta').slice(4, 5);
const files = fc.nat(alpha.length - 1);
const draws = fc.sample(fc.tuple(files, files, files, fc.constantFrom(...folders), fc.nat(9_999)), {
  numRuns: count,
  seed: 20261128,
});

/** True if a run reports another writer of its owner. */
function names({ report }: Pass): boolean {
  const said = (report?.interferences ?? []).map(({ what, text }) => `${what}: ${text}`);
  return [report?.waitsFor ?? '', ...said].some((text) => text.includes('another state folder'));
}

function everybody(...all: readonly OwnedFile[]): readonly Guard[] {
  return all
    .map(({ guard }) => [guard] as readonly Guard[])
    .reduce((left, right) => union({ guards: left }, { guards: right }));
}

describe('one owner with two state folders', () => {
  it('loses nothing and opens nothing, names the other writer, and comes to rest', async () => {
    for (const [a, b, c, folder, place] of draws) {
      const [from, to, other] = [alpha[a], alpha[b], alpha[c]];
      if (from === undefined || to === undefined || other === undefined || theirs === undefined) continue;
      const scene = await scenes.sceneOf(from, theirs);
      const guards = [...everybody(from, to, other), theirs.guard];
      let disks = await scenes.begin(scene, guards);
      let calls = 0;
      await house.run(disks.alpha, to.text, async ({ n }, send) => {
        calls = n;
        return send();
      });
      const at = 1 + (place % calls);
      const where = `${from.name} → ${to.name}, ${other.name} from a folder that is ${folder} at call ${at}`;
      disks = await scenes.begin(scene, guards);
      const second = folder === 'empty' ? newDisk() : await copyOf(disks.alpha);
      let inner: Pass | undefined;
      let isMade = false;
      const act = before(at, async () => {
        const had = house.marked();
        inner = await house.run(second, other.text);
        isMade = house.marked().some((id) => !had.includes(id));
      });
      const outer = await house.run(disks.alpha, to.text, act);
      if (inner === undefined) throw new Error(where);
      for (const pass of [inner, outer]) {
        if (pass.report?.waitsFor !== undefined) tally.waited += 1;
        tally.lost += losses(pass).length;
        expect(losses(pass), where).toEqual([]);
      }
      const next = { first: await house.run(disks.alpha, to.text), second: await house.run(second, to.text) };
      const isNamed = [inner, outer, next.first, next.second].some(names);
      tally.made += isMade ? 1 : 0;
      tally.reported += isNamed ? 1 : 0;
      if (folder === 'empty' || isMade) expect(isNamed, where).toBe(true);
      // Both have the same file now: each may take a token back once, and then neither writes.
      const tokens = () => house.tokens().join();
      let replaced = 0;
      for (let turn = 0; turn < 3; turn += 1)
        for (const disk of [disks.alpha, second]) {
          const had = tokens();
          await house.run(disk, to.text);
          if (tokens() !== had) replaced += 1;
        }
      tally.replaced = Math.max(tally.replaced, replaced);
      const rest = [await house.run(disks.alpha, to.text), await house.run(second, to.text)];
      expect(
        rest.map(({ writes }) => writes),
        where,
      ).toEqual([0, 0]);
      expect((await house.run(disks.beta, theirs.text)).writes, where).toBe(0);
      expect(house.turns(), where).toEqual([]);
      tally.exposures += house.exposures().length;
      expect(house.exposures(), where).toEqual([]);
      tally.interleavings += 1;
    }
    expect(tally.waited).toBeGreaterThan(0);
  });
});
