import { createHash } from 'node:crypto';
import { type AuditEntry, type JsonObject, now, type World } from '../../state/world.ts';
import { requireAccount } from './accounts.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from './reply.ts';
import type { CloudflareCall, CloudflareRoute } from './router.ts';

/** The log of writes and their actors (facts §8); only its second version. */
export const auditLogRoutes: readonly CloudflareRoute[] = [
  ['GET', '/accounts/{account_id}/logs/audit', listEntries],
];

const MOST = 1000;
const TYPES: { readonly [method: string]: string } = { POST: 'create', DELETE: 'delete' };

/** Milliseconds until an entry appears: the log is a separate pipeline, and no document states its delay. */
const LOG_DELAY_MS = 60_000;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Successful writes, the newest first. A page has `limit` entries. A full page has a cursor even if it is the last:
 * only the next page shows that.
 */
function listEntries(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const { world, query } = call;
  const [since, before] = [timeOf(query, 'since'), timeOf(query, 'before')];
  const limit = Number(query.get('limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) throw invalid('limit');
  const direction = query.get('direction') ?? 'desc';
  if (direction !== 'desc' && direction !== 'asc') throw invalid('direction');
  const shown = world.audit.filter(({ system, method, when, status }) => {
    const at = Date.parse(when);
    const isWrite = method !== 'GET' && method !== 'HEAD';
    const isThere = at >= since && at < before && at + LOG_DELAY_MS <= now(world);
    return system === 'cloudflare' && isWrite && status < 400 && isThere;
  });
  const found = direction === 'asc' ? shown : shown.toReversed();
  const start = startOf(query, found);
  const page = found.slice(start, start + limit);
  const last = page.at(-1);
  const next = last !== undefined && page.length === limit ? { cursor: cursorOf(last) } : {};
  const result = page.map((entry) => view(world, entry));
  return {
    ...okEnvelope(null),
    body: { success: true, errors: [], result, result_info: { count: String(result.length), ...next } },
  };
}

/** An opaque cursor: the last entry of the previous page. */
function cursorOf({ id }: AuditEntry): string {
  return Buffer.from(`after ${id}`).toString('base64url');
}

function startOf(query: URLSearchParams, found: readonly AuditEntry[]): number {
  const cursor = query.get('cursor');
  if (cursor === null) return 0;
  const at = found.findIndex((entry) => cursorOf(entry) === cursor);
  if (at === -1) throw invalid('cursor');
  return at + 1;
}

/** A day (its first moment in UTC) or an RFC 3339 timestamp. */
function timeOf(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  const time = DAY.test(text) || RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw invalid(name);
  return time;
}

function invalid(name: string): CloudflareApiError {
  return new CloudflareApiError(400, { code: 1003, message: `Invalid value for ${name}` });
}

/** An entry in replies. A known token acts as itself, every other actor in the dashboard. */
function view(world: World, { id, actor, method, path, status, when, ray }: AuditEntry): JsonObject {
  const token = world.apiTokens.find((candidate) => candidate.actor === actor);
  const zone = world.zones.find((candidate) => path.startsWith(`/zones/${candidate.id}/`));
  const type = TYPES[method] ?? 'update';
  return {
    id: id.replaceAll('-', ''),
    account: { id: world.account.id, name: world.account.name },
    action: { type, result: 'success', time: when, description: `${method} ${path}` },
    actor: {
      ...personOf(actor),
      type: 'user',
      ...(token === undefined
        ? { context: 'dash' }
        : { context: 'api_token', token_id: token.id, token_name: actor }),
    },
    raw: { ...(ray !== undefined && { cf_ray_id: ray }), method, uri: path, status_code: status },
    resource: resourceOf(path),
    ...(zone === undefined ? {} : { zone: { id: zone.id, name: zone.name } }),
  };
}

/** A person whose name is an email address also has an id of 32 hex digits, as every user has. */
function personOf(actor: string): JsonObject {
  if (!actor.includes('@')) return { id: actor };
  return { id: createHash('sha256').update(actor).digest('hex').slice(0, 32), email: actor };
}

/** The last id of a path, and the part before it. */
function resourceOf(path: string): JsonObject {
  const segments = path.split('/');
  const at = segments.findLastIndex((segment) => /^[0-9a-f]{32}$|^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(segment));
  const isOwn = at > 2;
  return { type: segments[isOwn ? at - 1 : 3] ?? '', ...(isOwn ? { id: segments[at] ?? '' } : {}) };
}
