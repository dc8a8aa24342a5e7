import { GatesError } from '../core/errors.ts';
import type { ChangeLogs } from '../core/record/change-log.ts';
import type { LogEntry, ReadLog } from './log-entry.ts';
import { plainId } from './log-ids.ts';

/** An event of Authentik (facts §2.13). Only the enterprise edition says what changed. */
interface EventReply {
  readonly action: string;
  readonly created: string;
  readonly user?: { readonly pk?: number; readonly username?: string; readonly email?: string };
  readonly context?: {
    readonly model?: { readonly model_name?: string; readonly pk?: string | number };
    readonly http_request?: {
      readonly path?: string;
      readonly method?: string;
      readonly request_id?: string;
      readonly user_agent?: string;
    };
  };
}

interface EventPage {
  readonly pagination?: { readonly next?: number };
  readonly results?: readonly EventReply[];
}

/** The most events that the API gives in a page, and the most pages that are read. */
const PAGE = 100;
export const MOST_EVENT_PAGES = 5;

/** The events about objects from `since` on, newest first. The API cannot filter by date, so reading stops there. */
export async function readEvents(logs: ChangeLogs, since: string): Promise<ReadLog> {
  const entries: LogEntry[] = [];
  const isLate = (at: string) => Date.parse(at) >= Date.parse(since);
  for (let page = 1; page <= MOST_EVENT_PAGES; page += 1) {
    const query = { action: 'model_', ordering: '-created', page_size: PAGE, page };
    const { pagination, results = [] } = ((await logs.authentik?.get('/events/events/', query)) ??
      {}) as EventPage;
    entries.push(...results.filter(({ created }) => isLate(created)).flatMap(entryOf));
    const isLast = (pagination?.next ?? 0) <= page || results.some(({ created }) => !isLate(created));
    if (isLast) return { entries, since, isCutOff: false };
  }
  return { entries, since, isCutOff: true };
}

/** The number of the account of gates; undefined if it is unknown. */
export async function ownAccount({ authentik }: ChangeLogs): Promise<string | undefined> {
  try {
    const reply = (await authentik?.get('/core/users/me/')) as
      | { readonly user?: { readonly pk?: number } }
      | undefined;
    return reply?.user?.pk?.toString();
  } catch (error) {
    if (error instanceof GatesError) return undefined;
    throw error;
  }
}

const DOES = { model_created: 'create', model_updated: 'update', model_deleted: 'delete' } as const;

function entryOf({ action, created, user = {}, context = {} }: EventReply): readonly LogEntry[] {
  const does = DOES[action as keyof typeof DOES];
  const { model, http_request: request } = context;
  if (does === undefined || model?.pk === undefined) return [];
  const agent = request?.user_agent ?? '';
  // The admin interface is a client of the API in a browser; every other client has a name of its own.
  const isProgram = agent !== '' && !agent.startsWith('Mozilla/');
  return [
    {
      system: 'authentik',
      at: created,
      actor: {
        name: user.username ?? user.email ?? 'somebody without a name',
        ...(agent !== '' && { interface: isProgram ? 'API' : 'dashboard' }),
      },
      isAutomatic: false,
      isProgram,
      identity: user.pk?.toString(),
      does,
      ids: new Set([idOf(model)]),
      requestId: request?.request_id,
      method: request?.method ?? '',
      path: request?.path ?? '',
    },
  ];
}

/** The id of an object in the log. The model tells providers and users apart, whose numbers may be equal. */
function idOf({
  model_name: name = '',
  pk,
}: {
  readonly model_name?: string;
  readonly pk?: string | number;
}): string {
  if (/^\d{1,15}$/.test(`${pk}`)) return `${name.endsWith('provider') ? 'provider' : name} ${pk}`;
  return plainId(`${pk}`);
}
