import { type Admitted, host, type Inside, type State, state } from '../moves/moves.ts';

const me = 'me@example.dev';
const open = '{ public: { reason: open } }';
const all: Admitted = { public: true };
const asks = (groups: string, mode = 'forwardAuth') =>
  `{ authentik: { mode: ${mode}, groups: [${groups}] } }`;

const meOnly: readonly [string, Admitted] = [`{ cloudflare: { emails: [${me}] } }`, { emails: [me] }];
const openPaths: Inside = { '/health': [open, all], '/open/**': [open, all] };
const sameTheOtherWay: Inside = { '/health/**': [open, all], '/open': [open, all] };
const pathForMe: Inside = { '/admin/**': meOnly };
const pathForCi: Inside = { '/admin/**': ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }] };
/** A path of `openPaths` with a guard, and with everything below it. */
const guardedPath: Inside = { '/health/**': meOnly };

/** States of the host without Authentik; moves.exhaustive.test.ts plays the moves among these alone. */
export const plain: readonly State[] = [
  state('none', undefined, {}),
  state('me', ...meOnly),
  state('me, with open paths', ...meOnly, openPaths, 'traefik'),
  state('ci', '{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }),
  state('ci, with a path for me', '{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }, pathForMe),
  state('public', open, all),
  state('public, with a path for me', open, all, pathForMe),
];

const family: Admitted = { groups: ['family'] };
const byDomain = '{ authentik: { mode: domain } }';
const byItself = '{ authentik: { mode: oidc, client: app } }';

/** States of the host that differ in more than the people or the places of a gate. */
export const unlike: readonly State[] = [
  state('admins', asks('admins'), { groups: ['admins'] }, {}, 'traefik'),
  state('family, with open paths', asks('family'), family, openPaths, 'traefik'),
  state('family, by proxy', asks('family', 'proxy'), family),
  state('family, by proxy, with open paths', asks('family', 'proxy'), family, openPaths),
  state('family, by their domain', byDomain, family, {}, 'traefik'),
  state('family, by their domain, with open paths', byDomain, family, openPaths, 'traefik'),
  state('the application itself asks', byItself, all),
  state('the application itself asks, with a path for me', byItself, all, pathForMe),
];

/** States that differ from one of those only in the people or the places of a gate. */
const alike: readonly State[] = [
  state('admins and family', asks('admins, family'), { groups: ['admins', 'family'] }, {}, 'traefik'),
  state(
    'family, with the same paths the other way round',
    asks('family'),
    family,
    sameTheOtherWay,
    'traefik',
  ),
  state('family, with a path for me', asks('family'), family, pathForMe, 'traefik'),
];

/** A path at which the login of a domain does not ask, because Access does. */
export const guardedPathByDomain: State = state(
  'family, by their domain, with a path for me',
  byDomain,
  family,
  pathForMe,
  'traefik',
);

export const authentik: readonly State[] = [...unlike, ...alike];

const admins: Admitted = { groups: ['admins'] };
const both: Admitted = { groups: ['admins', 'family'] };

/** States whose gate is of mode proxy, or replaces one: at two applications, for different people. */
export const proxied: readonly State[] = [
  state('family, by proxy', asks('family', 'proxy'), family),
  state('admins, by proxy', asks('admins', 'proxy'), admins),
  state('admins and family, by proxy', asks('admins, family', 'proxy'), both),
  state('family, by proxy, elsewhere', asks('family', 'proxy'), family, {}, 'next'),
  state('admins, by proxy, elsewhere', asks('admins', 'proxy'), admins, {}, 'next'),
  state('admins and family, by proxy, elsewhere', asks('admins, family', 'proxy'), both, {}, 'next'),
  state('admins, by proxy, elsewhere, with open paths', asks('admins', 'proxy'), admins, openPaths, 'next'),
  state('family, by proxy, with a path for me', asks('family', 'proxy'), family, pathForMe),
  state('family, by proxy, with a guarded path', asks('family', 'proxy'), family, guardedPath),
  state(
    'admins, by proxy, elsewhere, with a path for ci',
    asks('admins', 'proxy'),
    admins,
    pathForCi,
    'next',
  ),
  state('me, elsewhere', ...meOnly, {}, 'next'),
  state('me, elsewhere, with open paths', ...meOnly, openPaths, 'next'),
  state('public, elsewhere', open, all, {}, 'next'),
];

/** One state for each gate, and none: the host itself, without a path that has its own gate. */
export const bare: readonly State[] = [...plain, ...unlike].filter(({ name }) =>
  [
    'none',
    'me',
    'ci',
    'public',
    'admins',
    'family, by proxy',
    'family, by their domain',
    'the application itself asks',
  ].includes(name),
);

/**
 * True if the move may differ from every other. A move between a similar state and another gate does not: the other
 * gate comes or goes in the same way, whomever this one admits.
 */
export function isUnlike(before: State, after: State): boolean {
  const near = [...alike.map(({ name }) => name), 'none', 'admins', 'family, with open paths'];
  return (
    !(alike.includes(before) || alike.includes(after)) ||
    (near.includes(before.name) && near.includes(after.name))
  );
}

/** A home with the host in this state, and hosts and a client that no move changes. */
export function home(of: Pick<State, 'service'>): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [family] } }
groups: { admins: {}, family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  next: { tunnel: homelab, url: "http://next.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
clients:
  app: { redirectUris: ["https://${host}/callback"], groups: [family] }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  machines: { host: machines.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
  beside: { host: beside.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
${of.service ?? ''}
`;
}

/** The same without the hosts that no move changes. */
export function homeAlone(of: Pick<State, 'service'>): string {
  return home(of).replace(/^ {2}(machines|beside): .*\n/gm, '');
}

/** The guard of the client, whatever the host's gate is. */
export const clientGuard = {
  host: 'auth.example.dev',
  client: 'app',
  admit: { groups: ['family'] },
} as const;

/** The hosts that a correctly configured Traefik sends through the outpost. */
export const behind = [host, 'beside.example.dev'] as const;
