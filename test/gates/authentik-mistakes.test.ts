import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { saidIn } from './said.ts';

interface Parts {
  readonly zones?: string;
  readonly domains?: string;
  readonly gates: readonly string[];
  readonly host?: string;
}

/** The mistakes of a file with services `a`, `b`, … of these gates, all at the same host or at hosts of their own. */
function saidOf({ zones = '[example.dev]', domains, gates, host }: Parts): readonly string[] {
  const services = gates.map((gate, place) => {
    const name = 'abc'[place];
    return `  ${name}: { ${host ?? `host: ${name}.example.dev`}, origin: app, gate: ${gate} }\n`;
  });
  return saidIn(
    parseConfig(`version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: ${zones}
  tunnels: { homelab: {} }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: ${domains ?? '{ example.dev: { groups: [family] } }'}
origins: { app: { tunnel: homelab, url: "http://app.lan:80", forwardAuth: true } }
groups: { admins: {}, family: {} }
clients: { vault: { redirectUris: ["https://a.example.dev/callback"], groups: [family] } }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
${services.join('')}`),
  );
}

describe('a gate of Authentik in mode domain', () => {
  const gates = ['{ authentik: { mode: domain } }'];

  it('may be at the host of the domain itself, however the zone is written', () => {
    expect(saidOf({ gates, host: 'host: "@"', zones: '[Example.dev]' })).toEqual([]);
  });

  it('says that its domain is missing', () => {
    expect(saidOf({ gates, domains: '{ example.org: { groups: [family] } }' })).toEqual([
      'services.a.gate.authentik: no domain under `authentik.domains` has this host (declare the domain of this host there, with its groups)',
    ]);
  });

  it.each([
    { parts: { gates, domains: '[example.dev]' }, at: 'authentik.domains' },
    { parts: { gates, host: 'host: "@"', zones: '{ example.dev: {} }' }, at: 'cloudflare.zones' },
    { parts: { gates, host: 'hots: a.example.dev' }, at: 'services.a' },
  ])('says nothing of the domain where the mistake is elsewhere: at $at', ({ parts, at }) => {
    const said = saidOf(parts);
    expect(said.map((text) => text.split(':')[0])).toEqual([expect.stringMatching(`^${at}`)]);
  });
});

describe('a gate of Authentik in mode oidc', () => {
  it('has a client, which says what the gate does not', () => {
    expect(saidOf({ gates: ['{ authentik: { mode: oidc } }'] })).toEqual([
      'services.a.gate.authentik: mode oidc names no client (add `client:` with a name under `clients`)',
    ]);
    expect(saidOf({ gates: ['{ authentik: { mode: oidc, flow: mfa } }'] })).toEqual([
      'services.a.gate.authentik.flow: mode oidc has no `flow` of its own (move it to `clients.NAME`: it holds wherever people log in by the client)',
    ]);
  });

  it('with a client that the file does not have is one mistake', () => {
    expect(saidOf({ gates: ['{ authentik: { mode: oidc, client: vaults } }'] })).toEqual([
      expect.stringMatching(/^services\.a\.gate\.authentik\.client: /),
    ]);
  });

  it('admits the same people as another gate of its client, in any order', () => {
    const gate = (groups: string) => `{ authentik: { mode: oidc, client: vault, groups: [${groups}] } }`;
    expect(saidOf({ gates: [gate('admins, family'), gate('family, admins')] })).toEqual([]);
    expect(saidOf({ gates: [gate('admins, family'), gate('admins')] })).toEqual([
      'services.b.gate.authentik.client: the client vault is the gate of a too, with other groups or users (give each a client of its own, or both the same groups and users)',
    ]);
  });
});

describe('a gate of Authentik that is a list', () => {
  it('is refused with the text to write', () => {
    expect(saidOf({ gates: ['{ authentik: [admins, family] }'] })).toEqual([
      expect.stringContaining('authentik: { groups: [admins, family] }'),
    ]);
  });
});
