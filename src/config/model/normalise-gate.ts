import type * as file from '../../../schema/generated/config.ts';
import type { Gate, JwtGate } from './config.ts';
import { secondsOf } from './duration.ts';
import { secretSourceOf } from './secret-source.ts';

/** The one gate of a map whose only key is its type, as the schema has seen. */
export function normaliseGate(given: file.Gate): Gate {
  const { authentik, cloudflare, jwt, serviceToken, webhook } = given;
  if (given.public !== undefined) return { type: 'public', reason: given.public.reason };
  if (authentik !== undefined) {
    const { mode = 'forwardAuth', groups = [], client, everyone } = authentik;
    return { type: 'authentik', mode, groups, client, everyone };
  }
  if (cloudflare !== undefined) {
    const { emails = [], groups = [], everyone, session = '24h' } = cloudflare;
    return { type: 'cloudflare', emails, groups, everyone, session: secondsOf(session) };
  }
  if (jwt !== undefined) return jwtGate(jwt);
  if (webhook !== undefined) {
    const { actions, secret, tokens = [] } = webhook;
    return { type: 'webhook', actions, secret: secretSourceOf(secret), tokens };
  }
  if (given.identityProvider !== undefined) return { type: 'identityProvider' };
  // Last, because the gate that is left over must never be one that lets somebody through.
  return { type: 'serviceToken', tokens: serviceToken?.tokens ?? [] };
}

function jwtGate(given: NonNullable<file.Gate['jwt']>): JwtGate {
  const { at = 'edge', keys, audience, from, operations, action = 'block', reason } = given;
  return {
    type: 'jwt',
    at,
    keys: keys.client === undefined ? { url: keys.url ?? '' } : { client: keys.client },
    audience,
    from: (from ?? [{ header: 'authorization' }]).map(({ header, cookie }) =>
      header === undefined ? { cookie: cookie ?? '' } : { header: header.toLowerCase() },
    ),
    operations: operations.map((operation) => {
      const space = operation.indexOf(' ');
      return { method: operation.slice(0, space), path: operation.slice(space + 1) };
    }),
    action,
    reason,
  };
}
