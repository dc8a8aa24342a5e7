import type { AuditEntry, JsonObject, World } from '../world.ts';
import { requireAccount } from './accounts.ts';
import { CloudflareApiError, type CloudflareReply, ok } from './reply.ts';
import type { CloudflareCall, CloudflareRoute } from './router.ts';

/** Who wrote what (facts §8); the second version alone. */
export const auditLogRoutes: readonly CloudflareRoute[] = [
  ['GET', '/accounts/{account_id}/logs/audit', listEntries],
];

const MOST = 1000;
const TYPES: { readonly [method: string]: string } = { POST: 'create', DELETE: 'delete' };

/** The newest first. A page is `limit` entries; where more are asked for, there is a cursor. */
function listEntries(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const { world, query } = call;
  const [since, before] = [timeOf(query, 'since'), timeOf(query, 'before')];
  const limit = Number(query.get('limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) throw invalid('limit');
  const start = Number(query.get('cursor') ?? 0);
  if (!Number.isInteger(start)) throw invalid('cursor');
  const found = world.audit
    .filter(({ system, when, status }) => {
      const at = Date.parse(when);
      return system === 'cloudflare' && status < 400 && at >= since && at < before;
    })
    .toReversed()
    .map((entry) => view(world, entry));
  const result = found.slice(start, start + limit);
  const next = start + limit < found.length ? { cursor: String(start + limit) } : {};
  return {
    ...ok(null),
    body: { success: true, errors: [], result, result_info: { count: String(result.length), ...next } },
  };
}

function timeOf(query: URLSearchParams, name: string): number {
  const time = Date.parse(query.get(name) ?? '');
  if (Number.isNaN(time)) throw invalid(name);
  return time;
}

function invalid(name: string): CloudflareApiError {
  return new CloudflareApiError(400, { code: 1003, message: `Invalid value for ${name}` });
}

/** A known token acts as itself, everybody else in the dashboard. */
function view(world: World, { id, actor, method, path, status, when }: AuditEntry): JsonObject {
  const token = world.apiTokens.find((candidate) => candidate.actor === actor);
  const zone = world.zones.find((candidate) => path.startsWith(`/zones/${candidate.id}/`));
  const type = TYPES[method] ?? 'update';
  return {
    id: id.replaceAll('-', ''),
    account: { id: world.account.id, name: world.account.name },
    action: { type, result: 'success', time: when, description: `${method} ${path}` },
    actor: {
      id: actor,
      type: 'user',
      ...(token === undefined
        ? { context: 'dash' }
        : { context: 'api_token', token_id: token.id, token_name: actor }),
    },
    raw: { method, uri: path, status_code: status },
    resource: resourceOf(path),
    ...(zone === undefined ? {} : { zone: { id: zone.id, name: zone.name } }),
  };
}

/** The last id of a path, and what stands before it. */
function resourceOf(path: string): JsonObject {
  const segments = path.split('/');
  const at = segments.findLastIndex((segment) => /^[0-9a-f]{32}$|^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(segment));
  const isOwn = at > 2;
  return { type: segments[isOwn ? at - 1 : 3] ?? '', ...(isOwn ? { id: segments[at] ?? '' } : {}) };
}
