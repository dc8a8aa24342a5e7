import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, home, plain } from '../homes/authentik-home.ts';
import { surroundings, themElsewhere } from '../homes/surroundings.ts';
import { inTurn } from '../stage/cut.ts';
import { Hand } from '../stage/hand.ts';
import { tallied } from '../stage/tally.ts';
import { explore } from './exploration.ts';
import { host, Moves, type State } from './moves.ts';

/** Changes by hand of an existing gate: the next run repairs them, whatever goes wrong meanwhile. */
interface Deed {
  readonly deed: string;
  readonly at: string;
  act(moves: Moves): Promise<unknown>;
}

const withAccess: readonly Deed[] = [
  {
    deed: 'deletes the Access application',
    at: 'me',
    act: async (moves) => moves.byHand('DELETE', await accessPath(moves, 'apps'), undefined),
  },
  {
    deed: 'deletes the Access application of a path',
    at: 'ci, with a path for me',
    act: async (moves) => moves.byHand('DELETE', await accessPath(moves, 'apps', '/admin'), undefined),
  },
  {
    deed: 'lets somebody else in at Access',
    at: 'me',
    act: async (moves) => {
      const path = await accessPath(moves, 'policies', 'me@example.dev');
      const policy = ((await moves.byHand('GET', path, undefined)) as { readonly result: Policy }).result;
      const include = [{ email: { email: 'them@example.dev' } }, ...policy.include];
      return moves.byHand('PUT', path, { name: policy.name, decision: policy.decision, include });
    },
  },
  {
    deed: 'lets devices, preflight requests and a token in another header by at Access',
    at: 'me',
    act: async (moves) => {
      const path = await accessPath(moves, 'apps');
      const { result } = (await moves.byHand('GET', path, undefined)) as { readonly result: object };
      return moves.byHand('PUT', path, {
        ...result,
        allow_authenticate_via_warp: true,
        options_preflight_bypass: true,
        read_service_tokens_from_header: 'Authorization',
      });
    },
  },
  {
    deed: 'has the tunnel ask for no token of Access',
    at: 'me',
    act: async (moves) => {
      const { id, versions } = (
        JSON.parse(moves.sandbox.snapshot()) as { readonly tunnels: readonly Tunnel[] }
      ).tunnels[0] as Tunnel;
      const ingress = (versions.at(-1)?.config.ingress ?? []).map(({ originRequest: _, ...rule }) => rule);
      const path = `/accounts/${moves.sandbox.accountId}/cfd_tunnel/${id}/configurations`;
      return moves.byHand('PUT', path, { config: { ingress } });
    },
  },
  {
    deed: 'deletes the record',
    at: 'me',
    act: async (moves) => {
      const { records } = JSON.parse(moves.sandbox.snapshot()) as { readonly records: readonly Named[] };
      const id = records.find(({ name }) => name === host)?.id;
      return moves.byHand('DELETE', `${moves.records}/${id}`, undefined);
    },
  },
];

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Policy extends Named {
  readonly decision: string;
  readonly include: readonly object[];
}

interface Tunnel {
  readonly id: string;
  readonly versions: readonly {
    readonly config: { readonly ingress: readonly { readonly originRequest?: object }[] };
  }[];
}

/** The path of the one application of the host, or of one of its paths, or of the policy with this text. */
async function accessPath(moves: Moves, sort: 'apps' | 'policies', says = ''): Promise<string> {
  const world = JSON.parse(moves.sandbox.snapshot()) as Readonly<
    Record<'apps' | 'policies', readonly Named[]>
  >;
  const found = world[sort].filter((row) => {
    const text = JSON.stringify(row);
    return sort === 'apps'
      ? text.includes(`"${host}${says}`)
      : text.includes(says) && !text.includes('probe');
  });
  if (found.length !== 1) throw new Error(`${found.length} ${sort}: ${JSON.stringify(found)}`);
  return `/accounts/${moves.sandbox.accountId}/access/${sort}/${found[0]?.id}`;
}

const slugs = [
  ['admins', 'app-example-dev'],
  ['family, by proxy', 'app-example-dev'],
  ['family, by their domain', 'domain-example-dev'],
  ['the application itself asks', 'app'],
] as const;

const withAuthentik: readonly Deed[] = slugs.flatMap(([at, slug]): readonly Deed[] => [
  {
    deed: 'deletes the binding',
    at,
    act: async (moves) => {
      const hand = new Hand(moves.sandbox);
      return hand.delete(`/policies/bindings/${(await hand.bindingOf(slug)).pk}/`);
    },
  },
  {
    deed: 'deletes the application',
    at,
    act: (moves) => new Hand(moves.sandbox).delete(`/core/applications/${slug}/`),
  },
  {
    deed: 'has the provider trust a client that everybody may log in to',
    at,
    act: async (moves) => {
      const hand = new Hand(moves.sandbox);
      await hand.addOpenClient();
      return hand.trustOpenClient(slug);
    },
  },
  {
    deed: 'deletes the provider',
    at,
    act: async (moves) => {
      const hand = new Hand(moves.sandbox);
      return hand.delete(`/providers/all/${(await hand.providerOf(slug)).pk}/`);
    },
  },
  {
    deed: 'deletes the group',
    at,
    act: async (moves) => {
      const hand = new Hand(moves.sandbox);
      return hand.delete(`/core/groups/${await hand.group(at === 'admins' ? 'admins' : 'family')}/`);
    },
  },
  ...(slug === 'app'
    ? []
    : [
        {
          deed: 'takes the provider out of the outpost',
          at,
          act: (moves: Moves) => new Hand(moves.sandbox).removeFromOutpost(slug),
        },
      ]),
]);

const placed: readonly Deed[] = surroundings
  .filter(({ name }) => name !== 'alone')
  .flatMap(({ name, place }) =>
    ['me', 'public', 'admins', 'family, by proxy', 'the application itself asks'].map((at) => ({
      deed: `puts it ${name}`,
      at,
      act: place,
    })),
  );

const states = [...plain, ...authentik];
const tally = tallied('repairs');

function stateOf(name: string): State {
  const found = states.find((state) => state.name === name);
  if (found === undefined) throw new Error(`there is no state ${name}`);
  return found;
}

/**
 * Once the host is as the file wants it, a person changes something. Visitors whom that admits may get in until the
 * repair, and never again; each write and each read of the repair fails in every way.
 */
describe('a person', () => {
  it.each(inTurn([...withAccess, ...withAuthentik, ...placed]))('$deed: $at', async ({ deed, at, act }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home, [clientGuard, themElsewhere], tally);
    await moves.sendThroughOutpost(behind);
    const state = stateOf(at);
    const { disk } = await moves.sceneOf(sandbox.snapshot(), state);
    await act(moves);
    const scene = { ...moves.sceneNow(disk), open: true as const };
    const before = { ...state, name: `${at}, once somebody ${deed}` };
    await explore(moves, { scene, before, after: state, goesWrong: 'all' });
  });
});
