import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { thereAndBack } from './exploration.ts';
import { type Admitted, Moves, type State, state } from './moves.ts';

const jwt = (audience: string, ...operations: readonly string[]) =>
  `{ jwt: { keys: { client: api }, audience: ${audience}, operations: [${operations.map((item) => `"${item}"`).join(', ')}] } }`;
const all: Admitted = { public: true };

/** A guard that admits tokens of the client for the audience, at these operations, and nobody elsewhere. */
function open(name: string, audience: string, ...operations: readonly string[]): State {
  const made = state(name, jwt(audience, ...operations), {});
  const [own, ...paths] = made.guards;
  // At the gate, the client's name means its id, for which the oracle signs without an audience.
  const bearer = { client: 'api', ...(audience !== 'api' && { audience }) };
  const admit = { bearer, operations };
  return { ...made, guards: [{ host: own?.host ?? '', admit }, ...paths] };
}

const guarded = open('jwt', 'api', 'GET /v1/items', 'GET /v1/items/{id}', 'POST /v1/items');

const others: readonly State[] = [
  state('none', undefined, {}),
  state('public', '{ public: { reason: open } }', all),
  state('me', '{ cloudflare: { emails: [me@example.dev] } }', { emails: ['me@example.dev'] }),
  state('ci', '{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }),
  state(
    'admins',
    '{ authentik: { mode: forwardAuth, groups: [admins] } }',
    { groups: ['admins'] },
    {},
    'traefik',
  ),
  open('jwt of another audience, with other operations', 'other', 'GET /v1/items', 'PUT /v1/items'),
];

function file(of: State): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
groups: { admins: {} }
serviceTokens: { ci: {} }
clients:
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  beside: { host: beside.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
${of.service ?? ''}
`;
}

const tally = tallied('moves of a gate jwt');

describe('a host whose tokens API Shield checks', () => {
  it.each(inTurn(others))('moves there and back: $name', async (other) => {
    const sandbox = await createSandbox({
      zones: ['example.dev'],
      plan: 'enterprise',
      callBudget: 100_000_000,
    });
    const moves = new Moves(sandbox, file, [], tally);
    await moves.sendThroughOutpost(['app.example.dev']);
    await thereAndBack(moves, other, guarded);
  });
});
