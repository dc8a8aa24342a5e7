import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { betweenGates, gates } from '../homes/every-gate-home.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { Moves, type State, state } from './moves.ts';

const { none, people, machines, webhook, alone } = gates;
const tally = tallied('moves of the login page');

/** A guard that admits everybody: visitors of the login page meet a login, which guards other hosts. */
const login = state('the login page', '{ identityProvider: {} }', { public: true }, {}, 'authentik');

/** A home that contains Authentik if the host is its public face. */
function file(of: State): string {
  const authentik = of === login ? 'authentik: { url: "http://authentik.lan:9000", service: app }' : '';
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
${authentik}
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  authentik: { tunnel: homelab, url: "http://authentik.lan:9000" }
  daemon: { tunnel: homelab, url: "http://gates.lan:8421" }
serviceTokens: { ci: {} }
services:
  beside: { host: beside.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
${of.service ?? ''}
`;
}

/** The gates of Authentik need another host as the login page, and are not moved to and from it. */
describe('a host that is the login page, will be, or was', () => {
  it.each(inTurn([none, gates.public, people, machines, webhook, alone]))(
    'moves there and back: $name',
    async (other) => {
      const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
      await betweenGates(new Moves(sandbox, file, [], tally), other, login, 'writes');
    },
  );
});
