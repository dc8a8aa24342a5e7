import { parseConfig } from '../../../src/config/parse-config.ts';
import type { Scope } from '../../../src/core/objects/object.ts';
import { compile } from '../../../src/desired/compile.ts';

/** The place where tokens are checked. */
export type At = 'edge' | 'origin';

export const host = 'api.example.dev';
export const keysUrl = 'https://auth.example.dev/application/o/api/jwks/';

/** The gate's `audience`: `machines`, which a scope of Authentik writes into the token, or the name of the client. */
export type Audience = 'machines' | 'api';

/** These scenarios' gates.yaml. Without that scope, a client gets tokens for its own id, which Authentik generates. */
export const file = (at: At, audience: Audience = 'machines') => `version: 1
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
    scopes: [${audience === 'api' ? 'openid' : 'openid, audience'}]
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
    gate: { jwt: { at: ${at}, keys: { client: api }, audience: ${audience}, operations: ["GET /items"] } }
`;

/** The kinds that a rotation reads. */
export function scope(at: At, audience: Audience): Scope {
  const read = parseConfig(new TextEncoder().encode(file(at, audience)));
  if (!read.ok) throw new Error('the file of the house has mistakes');
  return { ...compile(read.parsed.config).scope, keySets: [{ client: 'api' }] };
}
