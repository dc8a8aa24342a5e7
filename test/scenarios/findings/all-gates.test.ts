import { expect, it } from 'vitest';
import { EveryGateMoves, everyGateHome, gates } from '../homes/every-gate-home.ts';
import { handMadeHome } from '../homes/hand-made-home.ts';
import { newDisk } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';
import { Tally } from '../stage/tally.ts';
import { findingsIn, namesOf } from './found-faults.ts';

it.each(Object.entries(gates))('a home with the gate "%s" has no finding', async (_, state) => {
  const moves = await EveryGateMoves.open(new Tally());
  const disk = newDisk();
  const text = everyGateHome(state);
  expect(unfinished((await moves.process(disk, text)).report)).toEqual([]);
  expect(namesOf(await findingsIn({ sandbox: moves.sandbox, disk }, text))).toEqual([]);
});

it('a home that somebody set up well in the dashboards has only its missing cache rule', async () => {
  const home = await handMadeHome({ policy: 'reusable' });
  expect(namesOf(await findingsIn(home))).toEqual(['cached-door: host grafana.example.dev']);
});
