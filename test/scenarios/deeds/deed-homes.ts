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
import { inTurn } from '../stage/cut.ts';
import type { Tally } from '../stage/tally.ts';

interface DeedHome {
  readonly name: string;
  readonly states: readonly State[];
  readonly groups: readonly string[];
  /** Changes by hand that gates does not repair in this home. */
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
const homesOf = (tally: Tally): readonly DeedHome[] => [
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

/** A change of the file in one of the homes. */
interface HomeChange {
  readonly home: DeedHome;
  readonly before: State;
  readonly after: State;
}

/**
 * The changes that this check plays, of those from each state of a home to each, itself among them. They are in one list for all
 * homes: a check that played a part of each home would take as long for a small home as for a large one. `more`: further
 * states of a home.
 */
export function changesInTurn(
  tally: Tally,
  more: (home: DeedHome) => readonly State[] = () => [],
): readonly HomeChange[] {
  const changes = homesOf(tally).flatMap((home) => {
    const states = [...home.states, ...more(home)];
    return states.flatMap((before) => states.map((after) => ({ home, before, after })));
  });
  return inTurn(changes);
}
