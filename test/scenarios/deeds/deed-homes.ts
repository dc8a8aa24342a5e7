import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { hierarchyBehind, hierarchyHome, hierarchyStates } from '../groups/hierarchy-home.ts';
import { type Login, loginHome, loginStates, settlePeople } from '../homes/access-login-home.ts';
import { authentik, behind, clientGuard, homeAlone, plain, proxied } from '../homes/authentik-home.ts';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { home as homeOfTunnels, states as statesOfTunnels } from '../homes/plain-home.ts';
import { clientHome, clientStates, settlePolicies } from '../homes/policy-home.ts';
import { ruleMoves, ruleStates } from '../homes/rule-home.ts';
import { Moves, type State } from '../moves/moves.ts';
import type { Deed } from '../random-files/drift.ts';
import type { Tally } from '../stage/tally.ts';

interface DeedHome {
  readonly name: string;
  readonly states: readonly State[];
  readonly groups: readonly string[];
  /** Changes by hand that gates leaves as they are in this home. */
  readonly left?: readonly Deed['what'][];
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
  {
    name: 'a host whose groups lie in each other',
    states: hierarchyStates('forwardAuth'),
    groups: ['admins'],
    // A parent that a person gave stays, as does that of a group without our mark, and no group gets one that rules Authentik (decision 50).
    left: ['put a group into another', 'take the mark from a group', 'have a group rule Authentik'],
    open: async () => {
      const moves = new Moves(await inSandbox(), hierarchyHome, [], tally);
      await moves.sendThroughOutpost(hierarchyBehind);
      return moves;
    },
  },
  {
    name: 'a client with policies and a flow',
    states: clientStates,
    groups: [],
    open: async () => {
      const moves = new Moves(await inSandbox(), clientHome, [], tally);
      await settlePolicies(moves);
      await moves.sendThroughOutpost(behind);
      return moves;
    },
  },
  { name: 'a host with the rules of Access', states: ruleStates, groups: [], open: () => ruleMoves(tally) },
  {
    name: 'a host where Authentik may log people in at Access',
    states: loginStates,
    groups: [],
    open: async () => {
      const moves = new Moves(await inSandbox(), (of) => loginHome(of as Login), [], tally);
      await moves.sendThroughOutpost(['app.example.dev']);
      await settlePeople(moves);
      return moves;
    },
  },
];

/** Each state with each state, itself among them. */
export function pairsOf(
  states: readonly State[],
): readonly { readonly before: State; readonly after: State }[] {
  return states.flatMap((before) => states.map((after) => ({ before, after })));
}
