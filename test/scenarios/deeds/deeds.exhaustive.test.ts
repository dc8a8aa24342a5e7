import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, homeAlone, plain, proxied } from '../homes/authentik-home.ts';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { home as homeOfTunnels, states as statesOfTunnels } from '../homes/plain-home.ts';
import { Moves } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';

const tally = tallied('changes by hand before a change of the file');

const inSandbox = () => createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });

async function behindOutpost(): Promise<Moves> {
  const moves = new Moves(await inSandbox(), homeAlone, [clientGuard], tally);
  await moves.sendThroughOutpost(behind);
  return moves;
}

/** Homes with the possible states of a host, and the groups that a person joins. */
const homes = [
  {
    name: 'a host that Authentik may guard',
    states: [...plain, ...authentik],
    groups: ['family'],
    open: behindOutpost,
  },
  { name: 'a host of mode proxy', states: proxied, groups: ['family'], open: behindOutpost },
  {
    name: 'a host behind two tunnels',
    states: statesOfTunnels,
    groups: [],
    open: async () => new Moves(await inSandbox(), homeOfTunnels, [], tally),
  },
  {
    name: 'a host with any gate',
    states: Object.values(gates),
    groups: ['family'],
    open: () => EveryGateMoves.open(tally),
  },
];

describe.each(homes)('$name, after a change by hand', ({ states, groups, open }) => {
  const pairs = states.flatMap((before) => states.map((after) => ({ before, after })));

  it.each(inTurn(pairs))('$before.name → $after.name', async ({ before, after }) => {
    const changed = await ChangedHome.of(await open(), before, groups);
    const { deeds } = changed;
    expect(deeds.length).toBeGreaterThan(2);
    for (const deed of deeds) await changed.play(deed, after);
  });
});
