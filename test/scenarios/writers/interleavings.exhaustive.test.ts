import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guard, union } from '../moves/moves.ts';
import type { Pass } from '../stage/stage.ts';
import { losses, Scenes } from './scenes.ts';
import { before, filesOf, type OwnedFile, type SharedHouse } from './shared-house.ts';

/** The number of each pairing: 50 in CI, 2,000 with `GATES_INTERLEAVINGS=2000`. */
const count = Number(process.env.GATES_INTERLEAVINGS ?? 50);

const alpha = filesOf('alpha');
const beta = filesOf('beta');
let scenes: Scenes;
let house: SharedHouse;
const tally = { interleavings: 0, waited: 0, between: 0, lost: 0, reported: 0, kept: 0 };

beforeAll(async () => {
  scenes = await Scenes.open();
  house = scenes.house;
});

afterAll(() => process.stdout.write(`writers: ${JSON.stringify(tally)}\n`));

function move(from: OwnedFile, to: OwnedFile): readonly Guard[] {
  return union({ guards: [from.guard] }, { guards: [to.guard] });
}

const files = fc.nat(alpha.length - 1);
const draws = (seed: number) =>
  fc.sample(fc.tuple(files, files, files, files, fc.nat(9_999)), { numRuns: count, seed });

describe('two owners on one tunnel and one outpost', () => {
  it('lose nothing and open nothing, wherever the run of one interrupts that of the other', async () => {
    for (const [a, b, c, d, place] of draws(20261126)) {
      const [from, to, theirs, next] = [alpha[a], alpha[b], beta[c], beta[d]];
      if (from === undefined || to === undefined || theirs === undefined || next === undefined) continue;
      const scene = await scenes.sceneOf(from, theirs);
      const guards = [...move(from, to), ...move(theirs, next)];
      let disks = await scenes.begin(scene, guards);
      let calls = 0;
      await house.run(disks.alpha, to.text, async ({ n }, send) => {
        calls = n;
        return send();
      });
      await scenes.settle(disks.beta, next.text, 'one after the other');
      const end = await house.ruleTexts();
      const at = 1 + (place % calls);
      const where = `${from.name} → ${to.name}, ${theirs.name} → ${next.name} at call ${at}`;
      disks = await scenes.begin(scene, guards);
      let inner: Pass | undefined;
      const act = before(at, async () => {
        inner = await house.run(disks.beta, next.text);
      });
      const outer = await house.run(disks.alpha, to.text, act);
      for (const pass of [inner, outer]) {
        if (pass?.report?.waitsFor !== undefined) tally.waited += 1;
        expect(pass && losses(pass), where).toEqual([]);
      }
      await scenes.settle(disks.beta, next.text, where);
      await scenes.settle(disks.alpha, to.text, where);
      expect(await house.ruleTexts(), where).toEqual(end);
      expect(house.turns(), where).toEqual([]);
      expect(house.exposures(), where).toEqual([]);
      tally.interleavings += 1;
    }
    expect(tally.waited).toBeGreaterThan(0);
  });
});

describe('a person at the dashboard', () => {
  it('loses a rule only between the reading and the write of a run, which reports it every time', async () => {
    for (const [a, b, c, , place] of draws(20261127)) {
      const [from, to, theirs] = [alpha[a], alpha[b], beta[c]];
      if (from === undefined || to === undefined || theirs === undefined) continue;
      const scene = await scenes.sceneOf(from, theirs);
      const guards = [...move(from, to), theirs.guard];
      let disks = await scenes.begin(scene, guards);
      let calls = 0;
      const puts: number[] = [];
      await house.run(disks.alpha, to.text, async ({ n, request }, send) => {
        calls = n;
        if (request.method === 'PUT' && request.url.endsWith('/configurations')) puts.push(n);
        return send();
      });
      // Every second time, the person writes at a write of the rules, if there is one.
      const at = (place % 2 === 0 ? puts[place % puts.length] : undefined) ?? 1 + (place % calls);
      const where = `${from.name} → ${to.name} at call ${at}`;
      disks = await scenes.begin(scene, guards);
      const rule = { hostname: 'byhand.example.net', service: 'http://byhand.lan:80' };
      let isBetween = false;
      const pass = await house.run(disks.alpha, to.text, async ({ n, request }, send) => {
        if (n === at) {
          isBetween = request.method === 'PUT' && request.url.endsWith('/configurations');
          await house.changeRules((rules) => [rule, ...rules]);
        }
        return send();
      });
      const isThere = (await house.ruleTexts()).includes('byhand.example.net http://byhand.lan:80');
      expect(isThere, where).toBe(!isBetween);
      expect(losses(pass).length > 0, where).toBe(isBetween);
      tally.between += isBetween ? 1 : 0;
      tally.lost += isThere ? 0 : 1;
      tally.kept += isThere ? 1 : 0;
      tally.reported += losses(pass).length;
      await scenes.settle(disks.alpha, to.text, where);
      expect(house.exposures(), where).toEqual([]);
      tally.interleavings += 1;
    }
    expect(tally.kept).toBeGreaterThan(0);
  });
});
