import { createSandbox, type Sandbox, type Verifier } from '../../../src/lab/sandbox/index.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { explore, type Way } from '../moves/exploration.ts';
import { type Admitted, type Guard, host, Moves, type State, state } from '../moves/moves.ts';
import type { Beginning } from '../stage/beginning.ts';
import { daemonAsked } from '../stage/daemon-asked.ts';
import type { Disk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import type { Pass } from '../stage/stage.ts';
import type { Tally } from '../stage/tally.ts';
import type { Trouble } from '../stage/trouble.ts';

const all: Admitted = { public: true };
const admins: Admitted = { groups: ['admins'] };
const family: Admitted = { groups: ['family'] };
const ci: Admitted = { tokens: ['ci'] };
const operations = ['GET /v1/items', 'GET /v1/items/{id}', 'POST /v1/items'];

const jwt = (at: 'edge' | 'origin') =>
  `{ jwt: { at: ${at}, keys: { client: api }, audience: api, operations: [${operations.map((item) => `"${item}"`).join(', ')}] } }`;
const signed = (tokens: string) =>
  `{ webhook: { actions: [reconcile], secret: { env: GATES_ACTIONS_SECRET }, tokens: [${tokens}] } }`;

/** A guard that admits tokens of the client at the operations, and nobody elsewhere. */
function bearers(name: string, at: 'edge' | 'origin', origin: string): State {
  const made = state(name, jwt(at), {}, {}, origin);
  const admit: Admitted = { bearer: { client: 'api' }, operations };
  return { ...made, guards: made.guards.map((guard, index) => (index === 0 ? { host, admit } : guard)) };
}

/** One state of the host for every gate, and none; each behind the origin that it needs. */
export const gates = {
  none: state('none', undefined, {}),
  public: state('public', '{ public: { reason: open } }', all),
  people: state('me', '{ cloudflare: { emails: [me@example.dev] } }', { emails: ['me@example.dev'] }),
  groups: state('admins, by Access through Authentik', '{ cloudflare: { groups: [admins] } }', admins),
  machines: state('ci', '{ serviceToken: { tokens: [ci] } }', ci),
  webhook: state('webhook', signed('ci'), ci),
  alone: state('webhook without tokens', signed(''), {}, {}, 'daemon'),
  outpost: state('admins', '{ authentik: { groups: [admins] } }', admins, {}, 'traefik'),
  domain: state('family, by their domain', '{ authentik: { mode: domain } }', family, {}, 'traefik'),
  proxy: state('admins, by proxy', '{ authentik: { mode: proxy, groups: [admins] } }', admins),
  itself: state('the application itself asks', '{ authentik: { mode: oidc, client: app } }', all),
  saml: state('the application asks by SAML', '{ authentik: { mode: saml, client: forms } }', all),
  edge: bearers('jwt at the edge', 'edge', 'app'),
  origin: bearers('jwt at the origin', 'origin', 'asking'),
} as const;

/** A state that needs the outpost of `placeLdapOutpost`. */
export const byLdap = state(
  'the application asks by LDAP',
  '{ authentik: { mode: ldap, client: films } }',
  all,
);

/** The origins of all states. */
export const origins = `origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  asking: { tunnel: homelab, url: "http://traefik-asking.lan:80", forwardAuth: true }
  daemon: { tunnel: homelab, url: "http://gates.lan:8421" }`;

/** A home with the host in this state, whose Access logs people in through Authentik. */
export function everyGateHome({ service }: Pick<State, 'service'>): string {
  const isLdap = service !== undefined && service === byLdap.service;
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example, identityProvider: authentik }
authentik: { url: "http://authentik.lan:9000", service: auth,${isLdap ? ' ldapOutpost: directory,' : ''} domains: { example.dev: { groups: [family] } } }
groups: { admins: {}, family: {} }
clients:
  app: { redirectUris: ["https://${host}/callback"], groups: [family] }
  forms: { saml: { acsUrl: "https://${host}/acs" }, groups: [family] }
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }${isLdap ? '\n  films: { ldap: { baseDn: "dc=films" }, groups: [family] }' : ''}
${origins}
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  beside: { host: beside.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
${service ?? ''}
`;
}

/**
 * Moves in such a home, on a plan with API Shield. One Traefik asks the outpost about the host, another the daemon's
 * own `/verify`, which uses the file of the last process and reads keys at Authentik's public host.
 */
export class EveryGateMoves extends Moves {
  #daemon: Verifier | undefined;

  static async open(tally: Tally, always: readonly Guard[] = []): Promise<EveryGateMoves> {
    let moves: EveryGateMoves | undefined;
    const sandbox = await createSandbox({
      zones: ['example.dev'],
      plan: 'enterprise',
      callBudget: 100_000_000,
      verifier: async (url, request) => {
        if (moves === undefined || moves.#daemon === undefined) throw new Error('there is no daemon yet');
        return moves.#daemon(url, request);
      },
    });
    moves = new EveryGateMoves(sandbox, everyGateHome, always, tally);
    await moves.sendThroughOutpost([host]);
    await moves.admin('PUT', '/origins', {
      url: 'http://traefik-asking.lan:80',
      kind: 'traefik',
      verify: { [host]: `http://gates.lan:8420/verify?host=${host}` },
    });
    return moves;
  }

  override process(disk: Disk, file: string, trouble?: Trouble, beginning?: Beginning): Promise<Pass> {
    // Each world needs its own key sets, since another world has other keys at the same address.
    this.#daemon = daemonAsked({ inForce: () => file, vault: disk.vault }, (url) => this.#keysAt(url));
    return super.process(disk, file, trouble, beginning);
  }

  async #keysAt(address: string): Promise<unknown> {
    const { host: at, pathname: path } = new URL(address);
    const request = { host: at, path, nameServers: [] };
    const { status, body } = await sandboxEdge(this.sandbox).get(request, new AbortController().signal);
    if (status !== 200) throw new Error(`${address} answers ${status}`);
    return JSON.parse(body);
  }
}

/** A sandbox for runs from each gate to the next, whose Traefik asks the outpost about the host. */
export async function everyGateSandbox(): Promise<Sandbox> {
  const sandbox = await createSandbox({
    zones: ['example.dev'],
    plan: 'enterprise',
    callBudget: 100_000_000,
  });
  const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: [host] };
  await askAdmin(sandbox, 'PUT', '/origins', traefik);
  return sandbox;
}

/**
 * Moves from one gate to another and back. Where everybody got in before, everybody may until the host is closed, and
 * never again.
 */
export async function betweenGates(
  moves: Moves,
  one: State,
  other: State,
  goesWrong: Way['goesWrong'],
): Promise<void> {
  const first = moves.sandbox.snapshot();
  for (const [before, after] of [
    [one, other],
    [other, one],
  ] as const) {
    const isOpen = (of: State) => of.guards[0]?.admit.public === true;
    const open = isOpen(before) && !isOpen(after) && { open: true as const };
    const scene = { ...(await moves.sceneOf(first, before)), ...open };
    await explore(moves, { scene, before, after, goesWrong });
  }
}
