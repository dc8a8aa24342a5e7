import { GatesError } from '../core/errors.ts';
import type { ChangeLogs } from '../core/record/change-log.ts';
import type { LogEntry, ReadLog } from './log-entry.ts';
import { plainId } from './log-ids.ts';

/** An entry of the audit log, version 2: every field may be missing (facts §8). */
interface AuditEntry {
  readonly action?: { readonly time?: string; readonly type?: string; readonly result?: string };
  readonly actor?: {
    readonly context?: string;
    readonly email?: string;
    readonly id?: string;
    readonly token_id?: string;
    readonly token_name?: string;
    readonly type?: string;
  };
  readonly raw?: {
    readonly cf_ray_id?: string;
    readonly method?: string;
    readonly uri?: string;
  };
  readonly resource?: { readonly id?: string; readonly request?: unknown; readonly response?: unknown };
}

/** The most entries that the API gives in a page, and the most pages that are read. */
const PAGE = 1000;
export const MOST_LOG_PAGES = 3;

const DAY = 24 * 60 * 60 * 1000;

/** The audit log of an account from `since` on, newest first. */
export async function readAuditLog(
  logs: ChangeLogs,
  account: string,
  { since, now }: { readonly since: string; readonly now: Date },
): Promise<ReadLog> {
  // The API's document promises times in its text, but allows only days in its schema. The end of today is tomorrow.
  const days = { since: dayOf(new Date(since)), before: dayOf(new Date(now.getTime() + DAY)) };
  const entries: LogEntry[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_LOG_PAGES; page += 1) {
    const query = { ...days, limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const reply = await logs.page(`${account}/logs/audit`, query);
    entries.push(...(reply.items as readonly AuditEntry[]).flatMap(entryOf));
    cursor = reply.items.length < PAGE ? undefined : reply.cursor;
    const isBack = Date.parse(entries.at(-1)?.at ?? '') < Date.parse(since);
    if (cursor === undefined || isBack) return { entries, since, isCutOff: false };
  }
  return { entries, since, isCutOff: true };
}

/** The id of gates' token; undefined if it is unknown. A token of an account is verified at another address. */
export async function ownTokenId({ cloudflare }: ChangeLogs, account: string): Promise<string | undefined> {
  for (const place of ['/user', account]) {
    try {
      const reply = (await cloudflare.get(`${place}/tokens/verify`)) as { readonly id?: string } | undefined;
      if (reply?.id !== undefined) return reply.id;
    } catch (error) {
      if (!(error instanceof GatesError)) throw error;
    }
  }
  return undefined;
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function entryOf({ action = {}, actor = {}, raw = {}, resource = {} }: AuditEntry): readonly LogEntry[] {
  const { time, type, result } = action;
  if (time === undefined || type === 'view' || result === 'failure') return [];
  const { method = '', uri = '', cf_ray_id: ray } = raw;
  const path = uri.replace(/\?.*$/, '').replace(/^\/client\/v4/, '');
  const { context, email, id, token_id: tokenId, token_name: token, type: sort } = actor;
  const isAutomatic = sort === 'system';
  const ofWhom = email === undefined ? '' : ` of ${email}`;
  const person = email ?? id ?? 'somebody without a name';
  const isProgram = context !== undefined && context !== 'dash';
  return [
    {
      system: 'cloudflare',
      at: time,
      actor: {
        name: isAutomatic
          ? 'Cloudflare itself'
          : token === undefined
            ? person
            : `the token "${token}"${ofWhom}`,
        ...(context !== undefined && { interface: isProgram ? 'API' : 'dashboard' }),
      },
      isAutomatic,
      isProgram,
      identity: tokenId,
      does: type === 'create' || type === 'delete' ? type : 'update',
      ids: idsOf(path, resource),
      requestId: ray?.split('-')[0],
      method,
      path,
    },
  ];
}

const ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const ID_IN_TEXT = /"([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"/g;

/**
 * The resource, and the last id of the path, which names the object of the call: `/access/apps/A/policies/P` is about
 * P. A batch names its objects only in the body.
 */
function idsOf(
  path: string,
  { id, request, response }: NonNullable<AuditEntry['resource']>,
): ReadonlySet<string> {
  const last = path.split('/').findLast((segment) => ID.test(segment));
  const listed = path.endsWith('/batch')
    ? [...JSON.stringify([request, response]).matchAll(ID_IN_TEXT)].map(([, found]) => found)
    : [];
  return new Set([id, last, ...listed].flatMap((one) => (one === undefined ? [] : [plainId(one)])));
}
