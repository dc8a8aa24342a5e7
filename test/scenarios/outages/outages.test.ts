import { describe, expect, it } from 'vitest';
import { gates } from '../homes/every-gate-home.ts';
import { changes, OutageHome, outagesOf } from '../homes/outage-home.ts';
import { RotatingHome, rotatingFile } from '../homes/rotating-home.ts';
import type { State } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';

const tally = tallied('outages at hosts that are open');

const named = (name: string) => changes.find((item) => item.name === name) as State;
const rows = [
  ['to another gate', gates.outpost, gates.proxy],
  ['to another origin', named('admins and family'), named('admins, at another origin')],
  ['to another tunnel, with other people', named('me'), named('me and you, by another tunnel')],
] as const;

describe('an open, guarded host', () => {
  it.each(rows)('stays open while Authentik or the probe is away: %s', async (_, before, after) => {
    const home = await OutageHome.open(before, tally);
    const undisturbed = await home.undisturbed(after);
    expect(undisturbed.start.admitted.length).toBeGreaterThan(0);
    const [authentik, unanswered, challenged] = outagesOf(undisturbed.pass);
    for (const outage of [authentik, unanswered, challenged]) {
      if (outage !== undefined) await home.disturb(undisturbed, outage.trouble, outage.name);
    }
  });

  it('is opened again in the run in which a change fails after the closing, if nothing else has changed', async () => {
    const home = await OutageHome.open(gates.outpost, tally);
    const undisturbed = await home.undisturbed(gates.proxy);
    const undone: string[][] = [];
    for (let write = 1; write <= undisturbed.pass.writes; write += 1) {
      const found = await home.fail(undisturbed, write);
      const left = unfinished(found.pass.report).filter((line) => line.includes('is open as before'));
      undone.push(left.map((line) => line.replace(/:.*/, '')));
      if (left.length > 0) expect(found.end, `write ${write} refused`).toEqual(undisturbed.start);
    }
    const cover = 'cover cloudflare/access-application';
    const demand = 'demand cloudflare/ingress-rule';
    // The closing has two changes, the cover and the tunnel's demand; after the gate's change, the host cannot go back.
    expect(undone).toEqual([[], [cover], [cover, demand], [], [], [], []]);
  });
});

describe('a service token that is due for a new secret', () => {
  it('admits its machines while a list cannot be read, and moves to another origin with its host', async () => {
    const after = rotatingFile().replace('http://app.lan:80', 'http://other.lan:80');
    const begin = async () => {
      const home = await RotatingHome.open();
      home.sleep(90);
      return home;
    };
    const undisturbed = await (await begin()).pass(undefined, after);
    const lists = outagesOf(undisturbed).filter(({ trouble }) => !('meddle' in trouble));
    expect(lists.length).toBeGreaterThan(10);
    for (const { name, trouble } of lists) {
      const home = await begin();
      await home.pass(trouble, after);
      await home.comeBy(name);
      expect(unfinished((await home.pass(undefined, after)).report), name).toEqual([]);
      await home.comeBy(`${name}, next run`);
    }
  });
});
