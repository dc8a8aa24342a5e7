import { parseConfig } from '../../src/config/parse-config.ts';
import type { Scope } from '../../src/core/object.ts';
import { compile } from '../../src/desired/compile.ts';

/** Where tokens are checked. */
export type At = 'edge' | 'origin';

export const host = 'api.example.dev';
export const keysUrl = 'https://auth.example.dev/application/o/api/jwks/';

/** Authentik's own audience is the id of the client, which nobody knows beforehand: a scope says another. */
export const file = (at: At) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  scopes: { audience: { expression: 'return {"aud": "machines"}' } }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
clients:
  api:
    grantTypes: [client_credentials]
    signingKey: own
    scopes: [openid, audience]
    lifetimes: { access: 1h }
    everyone: { reason: machines }
  other:
    grantTypes: [client_credentials]
    scopes: [openid, audience]
    everyone: { reason: machines }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  api:
    host: ${host}
    origin: traefik
    gate: { jwt: { at: ${at}, keys: { client: api }, audience: machines, operations: ["GET /items"] } }
`;

/** What a rotation reads. */
export function scope(at: At): Scope {
  const read = parseConfig(new TextEncoder().encode(file(at)));
  if (!read.ok) throw new Error('the file of the house has mistakes');
  return { ...compile(read.parsed.config).scope, keySets: [{ client: 'api' }] };
}
