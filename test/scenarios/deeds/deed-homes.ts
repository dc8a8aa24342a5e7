import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, homeAlone, plain, proxied } from '../homes/authentik-home.ts';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { home as homeOfTunnels, states as statesOfTunnels } from '../homes/plain-home.ts';
import { Moves, type State } from '../moves/moves.ts';
import type { Tally } from '../stage/tally.ts';

interface DeedHome {
  readonly name: string;
  readonly states: readonly State[];
  readonly groups: readonly string[];
  readonly open: () => Promise<Moves>;
}

const inSandbox = () => createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });

async function behindOutpost(tally: Tally): Promise<Moves> {
  const moves = new Moves(await inSandbox(), homeAlone, [clientGuard], tally);
  await moves.sendThroughOutpost(behind);
  return moves;
}

/** Homes with the possible states of a host, and the groups that a person joins. */
export const homesOf = (tally: Tally): readonly DeedHome[] => [
  {
    name: 'a host that Authentik may guard',
    states: [...plain, ...authentik],
    groups: ['family'],
    open: () => behindOutpost(tally),
  },
  { name: 'a host of mode proxy', states: proxied, groups: ['family'], open: () => behindOutpost(tally) },
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

/** Each state with each state, itself among them. */
export function pairsOf(
  states: readonly State[],
): readonly { readonly before: State; readonly after: State }[] {
  return states.flatMap((before) => states.map((after) => ({ before, after })));
}
