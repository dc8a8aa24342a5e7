import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { saidIn } from '../said.ts';

/** The mistakes of a file whose host passes on who logged in under this name. */
function saidOf(name: string): readonly string[] {
  return saidIn(
    parseConfig(`version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
services:
  wiki:
    host: wiki.example.dev
    origin: app
    gate: { cloudflare: { emails: [me@example.dev] } }
    identityHeader: { user: ${name} }
`),
  );
}

describe('the header with the name of a person', () => {
  it.each([
    ...['CF-Ray', 'cf-access-authenticated-user-email', 'CDN-Loop', 'X-Forwarded-For', 'X-Forwarded-Proto'],
    ...['X-Forwarded-Host', 'X-Real-IP', 'True-Client-IP', 'Host', 'Cookie', 'Authorization', 'Origin'],
    ...['Referer', 'Accept', 'Accept-Language', 'Content-Length', 'Connection', 'Upgrade', 'TE', 'Trailer'],
    ...['Transfer-Encoding', 'Expect', 'Range', 'If-Match', 'Via', 'User-Agent', 'Sec-Fetch-Site'],
    ...['Proxy-Authorization', 'Keep-Alive'],
  ])('is none with another meaning: %s', (name) => {
    expect(saidOf(name)).toEqual([
      `services.wiki.identityHeader.user: the header ${name} has another meaning (write a name such as X-User)`,
    ]);
  });

  it.each(['X-User', 'X-Forwarded-User', 'X-Cf-User', 'Hosted-By', 'X-Host', 'Ranger', 'My-Accept'])(
    'may be %s',
    (name) => {
      expect(saidOf(name)).toEqual([]);
    },
  );
});
