import { type Admitted, host, type State, state } from './moves.ts';

const me = 'me@example.dev';
const open = '{ public: { reason: open } }';
const all: Admitted = { public: true };
const asks = (groups: string, mode = 'forwardAuth') =>
  `{ authentik: { mode: ${mode}, groups: [${groups}] } }`;

/** States of the host without Authentik: the moves among these alone are tried in moves.exhaustive.test.ts. */
export const plain: readonly State[] = [
  state('none', undefined, {}),
  state('me', `{ cloudflare: { emails: [${me}] } }`, { emails: [me] }),
  state(
    'me, with open paths',
    `{ cloudflare: { emails: [${me}] } }`,
    { emails: [me] },
    { '/health': [open, all], '/open/**': [open, all] },
    'traefik',
  ),
  state('ci', '{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }),
  state('public', open, all),
];

export const authentik: readonly State[] = [
  state('admins', asks('admins'), { groups: ['admins'] }, {}, 'traefik'),
  state('admins and family', asks('admins, family'), { groups: ['admins', 'family'] }, {}, 'traefik'),
  state(
    'family, with open paths',
    asks('family'),
    { groups: ['family'] },
    { '/health': [open, all], '/open/**': [open, all] },
    'traefik',
  ),
  state('family, by proxy', asks('family', 'proxy'), { groups: ['family'] }),
  state('family, by their domain', '{ authentik: { mode: domain } }', { groups: ['family'] }, {}, 'traefik'),
  state('the application itself asks', '{ authentik: { mode: oidc, client: app } }', all),
];

/** A home with the host in that state, beside hosts and a client that no move touches. */
export function home(of: State): string {
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

/** Who may log in at the client, whatever the host's gate is. */
export const clientGuard = {
  host: 'auth.example.dev',
  client: 'app',
  admit: { groups: ['family'] },
} as const;

/** The hosts that Traefik sends through the outpost when it is set up as it should be. */
export const behind = [host, 'beside.example.dev'] as const;
