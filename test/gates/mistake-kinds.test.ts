import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';

const me = 'emails: [me@example.dev]';

/** The kinds of the mistakes of a file with this gate, by which other programs tell them apart. */
function kindsOf(gate: string, more = ''): readonly string[] {
  const read = parseConfig(`version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
authentik: { url: "http://authentik.lan:9000", service: auth }
origins: { app: { tunnel: homelab, url: "http://app.lan:80", router: true } }
groups: { admins: {}, family: {} }
clients: { gitlab: { saml: { acsUrl: "https://wiki.example.dev/acs" }, groups: [admins] } }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  wiki: { host: wiki.example.dev, origin: app, gate: { ${gate} } }
${more}
`);
  return read.ok ? [] : read.mistakes.map(({ rule }) => rule);
}

describe('a mistake in a gate has a kind', () => {
  it.each([
    { gate: `cloudflare: { ${me}, require: { networks: [203.0.113.7/24] } }`, kind: 'wrong-value' },
    { gate: `cloudflare: { ${me}, exclude: { countries: [UK] } }`, kind: 'wrong-value' },
    { gate: `cloudflare: { ${me}, session: 731h }`, kind: 'conflicting-keys' },
    { gate: `cloudflare: { anyOf: [{ ${me} }], tokens: [ci] }`, kind: 'conflicting-keys' },
    { gate: 'authentik: { groups: [admins], basicAuth: true }', kind: 'wrong-value' },
    { gate: 'authentik: { groups: [admins, family], policies: [office] }', kind: 'conflicting-keys' },
    { gate: 'authentik: { mode: oidc, client: gitlab }', kind: 'conflicting-keys' },
    {
      gate: 'jwt: { keys: { client: gitlab }, audience: api, operations: ["GET /a"] }',
      kind: 'conflicting-keys',
    },
  ])('$kind: $gate', ({ gate, kind }) => {
    expect(kindsOf(gate)).toEqual([kind]);
  });

  it.each([
    {
      gate: `cloudflare: { ${me}, exclude: { networks: [home] } }`,
      more: 'networks: { home: [203.0.113.7/24] }',
      kind: 'wrong-value',
    },
    {
      gate: `cloudflare: { ${me}, require: { certificateAuthorities: [laptops] } }`,
      more: 'certificateAuthorities: { laptops: { pem: laptops.pem } }',
      kind: 'wrong-value',
    },
    {
      gate: `cloudflare: { tokens: [ci] } }, identityHeader: { user: X-User`,
      more: '',
      kind: 'conflicting-keys',
    },
  ])('$kind, where the mistake is beside it: $gate', ({ gate, more, kind }) => {
    expect(kindsOf(gate, more)).toEqual([kind]);
  });
});
