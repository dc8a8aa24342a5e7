import { expect, it } from 'vitest';
import { EveryGateMoves, everyGateHome, gates } from '../homes/every-gate-home.ts';
import { Beginning } from '../stage/beginning.ts';
import { isUncut } from '../stage/cut.ts';
import { copyOf, type Disk, newDisk } from '../stage/disk.ts';
import { Settled } from '../stage/settled.ts';
import { unfinished } from '../stage/stage.ts';
import { Strangers } from '../stage/strangers.ts';
import { tallied } from '../stage/tally.ts';
import { union } from './moves.ts';

const tally = tallied('a tour of the gates among strangers');

/** The step between kills: a check kills at every second write, `GATES_MOVES=uncut` at every one. */
const step = isUncut ? 1 : 2;

const { none, people, groups, machines, webhook, alone } = gates;
const { outpost, domain, proxy, itself, edge, origin } = gates;

/** A tour to every gate, and from it; first without a token configuration, then to one and from one, three times. */
const tours = [
  {
    name: 'to all but API Shield',
    tour: [
      none,
      people,
      webhook,
      outpost,
      alone,
      proxy,
      origin,
      groups,
      domain,
      machines,
      itself,
      gates.public,
      none,
    ],
  },
  {
    name: 'to API Shield and back',
    tour: [none, edge, groups, edge, origin, edge, outpost, edge, gates.public, edge, none],
  },
];

it.each(tours)('a tour changes nothing foreign, $name, killed at a write', async ({ tour }) => {
  const moves = await EveryGateMoves.open(tally);
  const { sandbox } = moves;
  const strangers = await Strangers.settle(sandbox);
  let disk = newDisk();
  const first = await moves.process(disk, everyGateHome(none));
  expect(unfinished(first.report)).toEqual([]);
  const settled = strangers.now;
  for (const list of Object.values(settled)) expect(list).not.toEqual([]);
  expect(strangers.now).toEqual(settled);
  let [before] = tour;
  for (const after of tour.slice(1)) {
    if (before === undefined) throw new Error('there is no start');
    const file = everyGateHome(after);
    const name = `${before.name} → ${after.name}`;
    if (after === edge) strangers.letGoOfOperations();
    const snapshot = sandbox.snapshot();
    const kept = strangers.now;
    const start = async (): Promise<Disk> => {
      sandbox.restore(snapshot);
      await moves.guard(union(before as typeof after, after));
      return copyOf(disk);
    };
    const [beginning, settled] = [new Beginning(), new Settled()];
    for (let write = 1 + (tally.moves % step), killed = true; killed; write += step) {
      const mine = await start();
      const where = `${name}, killed at write ${write}`;
      const pass = await moves.process(mine, file, { write, kind: 'kill' }, beginning);
      killed = pass.report === undefined;
      expect(strangers.now, where).toEqual(kept);
      expect(sandbox.exposures(), where).toEqual([]);
      await settled.once(sandbox, mine, async () => {
        const rest = await moves.process(mine, file);
        expect(unfinished(rest.report), where).toEqual([]);
        expect(strangers.now, where).toEqual(kept);
        expect(sandbox.exposures(), where).toEqual([]);
        await settled.once(sandbox, mine, async () => {
          expect((await moves.process(mine, file)).writes, where).toBe(0);
        });
      });
      tally.interrupted += 1;
      if (!killed) disk = mine;
    }
    if (after === edge) await strangers.addRulesBehind();
    tally.moves += 1;
    before = after;
  }
});
