import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { saidIn } from './said.ts';

/** The mistakes of a file with this gate. */
function saidOf(gate: string, face = 'auth'): readonly string[] {
  return saidIn(
    parseConfig(`version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
authentik: { url: "http://authentik.lan:9000", service: ${face}, ldapOutpost: directory }
origins: { app: { tunnel: homelab, url: "http://app.lan:80", router: true } }
groups: { admins: {} }
clients:
  api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] }
  gitlab: { saml: { acsUrl: "https://wiki.example.dev/acs" }, groups: [admins] }
serviceTokens: { ci: {} }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  wiki: { host: wiki.example.dev, origin: app, gate: ${gate} }
`),
  );
}

const jwt = (keys: string, more = '') =>
  `{ jwt: { keys: { ${keys} }, audience: api, operations: ["GET /a"]${more} } }`;

describe('a gate', () => {
  it.each([
    { gate: jwt('client: api'), said: [], because: 'a client of OpenID Connect has keys' },
    {
      gate: jwt('client: gitlab'),
      said: [
        'services.wiki.gate.jwt.keys.client: the client gitlab logs people in by SAML and issues no tokens (name an OIDC client, or another source with `url`)',
      ],
      because: 'SAML has no tokens',
    },
    {
      gate: jwt('client: api', ', action: log'),
      said: [
        'services.wiki.gate.jwt.action: `log` leaves the door open to everybody (add `reason:`, or say `action: block`)',
      ],
      because: 'an open door has a reason',
    },
    { gate: jwt('client: api', ', action: log, reason: trial'), said: [], because: 'this one has' },
  ])('$gate: $because', ({ gate, said }) => {
    expect(saidOf(gate)).toEqual(said);
  });

  it('before the public face of Authentik is none that asks', () => {
    const gate = '{ cloudflare: { emails: [me@example.dev] } }';
    expect(saidOf(gate)).toEqual([]);
    expect(saidOf(gate, 'wiki')).toContain(
      'authentik.service: the gate of wiki is not `identityProvider` (name the service that shows the login page of Authentik)',
    );
  });
});
