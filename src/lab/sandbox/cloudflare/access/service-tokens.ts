import { dateTime, type FieldTable, fieldMistake, flag, ignored, text } from '../../state/field.ts';
import { newServiceToken } from '../../state/fresh-objects.ts';
import { newClientSecret } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import { type JsonObject, now, type ServiceToken, timestamp, type World } from '../../state/world.ts';
import { requireAccount } from '../api/accounts.ts';
import { paged } from '../api/paging.ts';
import {
  CloudflareApiError,
  type CloudflareReply,
  createdEnvelope,
  invalidAccessRequest,
  okEnvelope,
} from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { namesToken } from './access-rule.ts';
import { scopeOf, underBoth } from './access-scope.ts';
import { goDurationMs } from './go-duration.ts';

export const serviceTokenRoutes: readonly CloudflareRoute[] = [
  ...underBoth([
    ['GET', '/access/service_tokens', listTokens],
    ['POST', '/access/service_tokens', createToken],
    ['GET', '/access/service_tokens/{service_token_id}', getToken],
    ['PUT', '/access/service_tokens/{service_token_id}', changeToken],
    ['DELETE', '/access/service_tokens/{service_token_id}', deleteToken],
  ]),
  ['POST', '/accounts/{account_id}/access/service_tokens/{service_token_id}/rotate', rotateToken],
  ['POST', '/accounts/{account_id}/access/service_tokens/{service_token_id}/refresh', refreshToken],
];

const YEAR_MS = 8760 * 3_600_000;
const MOST_TOKENS = 50;

const FIELDS: FieldTable = {
  name: text,
  duration: text,
  enabled: flag,
  client_secret_version: { says: 'must be a number', holds: (value) => typeof value === 'number' },
  previous_client_secret_expires_at: dateTime,
  id: ignored,
  client_id: ignored,
  created_at: ignored,
  updated_at: ignored,
  expires_at: ignored,
  last_seen_at: ignored,
};

function view(token: ServiceToken): JsonObject {
  return {
    ...creationView(token),
    ...(token.expiresAt === null ? {} : { expires_at: token.expiresAt }),
    ...(token.lastSeenAt === null ? {} : { last_seen_at: token.lastSeenAt }),
  };
}

/** The view of create and rotate: without expiry; callers that may show the secret add it. */
function creationView(token: ServiceToken): JsonObject {
  return {
    id: token.id,
    client_id: token.clientId,
    name: token.name,
    duration: token.duration,
    enabled: token.enabled,
    created_at: token.createdAt,
    updated_at: token.updatedAt,
  };
}

/** The token with this `id`; a client id finds nothing (facts §4). */
function find(call: CloudflareCall): ServiceToken {
  const id = param(call, 'service_token_id');
  const token = call.world.serviceTokens.find((candidate) => candidate.id === id);
  if (token === undefined) {
    throw new CloudflareApiError(404, { code: 12138, message: 'access.api.error.service_token_not_found' });
  }
  return token;
}

function bodyOf(call: CloudflareCall): JsonObject {
  if (!isObject(call.body)) throw invalidAccessRequest('body is missing or invalid');
  const mistake = fieldMistake(call.body, FIELDS);
  if (mistake !== null) throw invalidAccessRequest(mistake);
  const name = call.body.name;
  if (typeof name === 'string' && (name === '' || name.length > 350)) {
    throw invalidAccessRequest('service token name must have 1 to 350 characters');
  }
  return call.body;
}

/** The time at which a token that starts at `from` expires; null for `forever`. */
function expiryOf(duration: string, from: number): string | null {
  if (duration === 'forever') return null;
  const ms = goDurationMs(duration);
  if (ms === null || ms <= 0)
    throw invalidAccessRequest('duration must be a duration such as 8760h, or forever');
  return new Date(from + ms).toISOString();
}

function listTokens(call: CloudflareCall): CloudflareReply {
  scopeOf(call);
  const [name, search] = [call.query.get('name'), call.query.get('search')];
  const found = call.world.serviceTokens.filter(
    (token) => (name === null || token.name === name) && (search === null || token.name.includes(search)),
  );
  const { page, info } = paged(found, call.query, { perPage: 1000, max: 1000, totalPages: true });
  return okEnvelope(page.map(view), info);
}

/** Creates a token. Names need not be unique: a repeated create makes two (facts §4). */
function createToken(call: CloudflareCall): CloudflareReply {
  scopeOf(call);
  const body = bodyOf(call);
  if (typeof body.name !== 'string') throw invalidAccessRequest("'name' is missing");
  if (call.world.serviceTokens.length >= MOST_TOKENS) {
    throw invalidAccessRequest(`maximum number of service tokens (${MOST_TOKENS}) has been reached`);
  }
  const duration = typeof body.duration === 'string' ? body.duration : '8760h';
  const at = now(call.world);
  const token = newServiceToken(call.world, {
    name: body.name,
    duration,
    now: at,
    expiresAt: expiryOf(duration, at),
    enabled: body.enabled !== false,
  });
  if (typeof body.client_secret_version === 'number') token.secretVersion = body.client_secret_version;
  call.world.serviceTokens.push(token);
  return createdEnvelope({ ...creationView(token), client_secret: token.secret });
}

function getToken(call: CloudflareCall): CloudflareReply {
  scopeOf(call);
  return okEnvelope(view(find(call)));
}

/**
 * Changes the fields of the body. A higher `client_secret_version` rotates, and then this reply shows the new secret; a
 * new duration starts now.
 */
function changeToken(call: CloudflareCall): CloudflareReply {
  scopeOf(call);
  const token = find(call);
  const body = bodyOf(call);
  const version =
    typeof body.client_secret_version === 'number' ? body.client_secret_version : token.secretVersion;
  if (version < token.secretVersion)
    throw invalidAccessRequest('client_secret_version can only be incremented');
  if (typeof body.duration === 'string') {
    token.expiresAt = expiryOf(body.duration, now(call.world));
    token.duration = body.duration;
  }
  if (typeof body.name === 'string') token.name = body.name;
  if (typeof body.enabled === 'boolean') token.enabled = body.enabled;
  token.updatedAt = timestamp(call.world);
  const until = previousExpiry(body);
  if (version > token.secretVersion) {
    giveNewSecret(call.world, token, until);
    token.secretVersion = version;
    return okEnvelope({ ...view(token), client_secret: token.secret });
  }
  if (until !== null && token.previous !== null) token.previous.expiresAt = until;
  return okEnvelope(view(token));
}

function previousExpiry(body: JsonObject): string | null {
  const given = body.previous_client_secret_expires_at;
  return typeof given === 'string' ? new Date(given).toISOString() : null;
}

/** Sets a new secret. Without a time for its end, the old secret is refused at once. */
function giveNewSecret(world: World, token: ServiceToken, previousUntil: string | null): void {
  token.previous = previousUntil === null ? null : { secret: token.secret, expiresAt: previousUntil };
  token.secret = newClientSecret(world);
}

function rotateToken(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const token = find(call);
  const body = call.body === undefined ? {} : call.body;
  const mistake = isObject(body)
    ? fieldMistake(body, { previous_client_secret_expires_at: dateTime })
    : 'body is invalid';
  if (!isObject(body) || mistake !== null) throw invalidAccessRequest(mistake ?? 'body is invalid');
  giveNewSecret(call.world, token, previousExpiry(body));
  token.secretVersion += 1;
  token.updatedAt = timestamp(call.world);
  return okEnvelope({ ...creationView(token), client_secret: token.secret });
}

/** Extends a token by a year from now; the secret stays. */
function refreshToken(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const token = find(call);
  if (token.duration !== 'forever') token.expiresAt = new Date(now(call.world) + YEAR_MS).toISOString();
  token.updatedAt = timestamp(call.world);
  return okEnvelope(view(token));
}

function deleteToken(call: CloudflareCall): CloudflareReply {
  scopeOf(call);
  const token = find(call);
  const used = call.world.policies.some((policy) =>
    [policy.include, policy.exclude, policy.require].some((rules) => namesToken(rules, token.id)),
  );
  if (used) {
    throw new CloudflareApiError(400, {
      code: 12139,
      message:
        'access.api.error.service_token_in_use: cannot delete service token because it is used by a policy, group, or app SCIM configuration.',
    });
  }
  call.world.serviceTokens = call.world.serviceTokens.filter((other) => other.id !== token.id);
  return okEnvelope(view(token));
}
