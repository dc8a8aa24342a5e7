import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { thereAndBack } from './exploration.ts';
import { type Admitted, Moves, type State } from './moves.ts';

/** Hosts that join and leave the login of their domain in the push that also changes its people. */
const hosts = ['a.example.dev', 'b.example.dev', 'c.example.dev'] as const;
const admins: Admitted = { groups: ['admins'] };
const family: Admitted = { groups: ['family'] };
const byDomain = '{ authentik: { mode: domain } }';
const bySelf = (group: string) => `{ authentik: { groups: [${group}] } }`;
const byToken = '{ serviceToken: { tokens: [ci] } }';

type Host = readonly [gate: string, admit: Admitted] | undefined;

const domains = new Map<string, string>();

function state(name: string, domain: string, ...of: readonly Host[]): State {
  domains.set(name, domain);
  const services = of.flatMap((host, index) =>
    host === undefined ? [] : [`  s${index}: { host: ${hosts[index]}, origin: traefik, gate: ${host[0]} }`],
  );
  const guards = hosts.map((host, index) => ({ host, admit: of[index]?.[1] ?? {} }));
  return { name, service: services.join('\n'), guards };
}

const file = ({ name, service }: State): string => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [${domains.get(name)}] } }
groups: { admins: {}, family: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${service}
`;

const moves = [
  {
    because: 'a host leaves for its own token while the others go to another group',
    from: state('admins, all', 'admins', [byDomain, admins], [byDomain, admins]),
    to: state('family, one left', 'family', [byToken, { tokens: ['ci'] }], [byDomain, family]),
  },
  {
    because: 'a host joins from a login of its own while the others go to its group',
    from: state('admins, one apart', 'admins', [bySelf('family'), family], [byDomain, admins]),
    to: state('family, all', 'family', [byDomain, family], [byDomain, family]),
  },
  {
    because: 'one joins, one leaves and one leaves the file, and the group is another',
    from: state('before', 'admins', [bySelf('family'), family], [byDomain, admins], [byDomain, admins]),
    to: state('after', 'family', [byDomain, family], [byToken, { tokens: ['ci'] }]),
  },
];

const tally = tallied('hosts of one domain');

describe('the login of a domain', () => {
  it.each(inTurn(moves))('moves there and back: $because', async ({ from, to }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const at = new Moves(sandbox, file, [], tally);
    await at.sendThroughOutpost(hosts);
    await thereAndBack(at, from, to);
  });
});
