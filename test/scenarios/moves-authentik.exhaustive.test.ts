import { describe, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';
import { type Admitted, host, Moves, type State, state } from './moves.ts';

const me = 'me@example.dev';
const open = '{ public: { reason: open } }';
const all: Admitted = { public: true };
const asks = (groups: string, mode = 'forwardAuth') =>
  `{ authentik: { mode: ${mode}, groups: [${groups}] } }`;

/** States without Authentik: the moves among these alone are tried in moves.exhaustive.test.ts. */
const plain: readonly State[] = [
  state('none', undefined, {}),
  state('me', `{ cloudflare: { emails: [${me}] } }`, { emails: [me] }),
  state('ci', '{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }),
  state('public', open, all),
];

const authentik: readonly State[] = [
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

const states = [...plain, ...authentik];

function file(of: State): string {
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

let explored = 0;

/** Every state with Authentik to every other and back, with every write of the way going wrong in every way. */
describe('a host that Authentik guards, or will, or did', () => {
  it.each(states)('from: $name', async (before) => {
    const moves = new Moves(await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 }), file);
    await moves.admin('PUT', '/origins', {
      url: 'http://traefik.lan:80',
      kind: 'traefik',
      forwardAuth: [host, 'beside.example.dev'],
    });
    const scene = await moves.sceneOf(moves.sandbox.snapshot(), before);
    const others = plain.includes(before) ? authentik : states;
    for (const after of others) if (after !== before) await moves.explore(scene, before, after);
    explored += moves.explored;
    process.stdout.write(`from ${before.name}: ${explored} interrupted moves so far, zero exposures\n`);
  });
});
