import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import type { Api, Meddling, SentCall } from '../stage/trouble.ts';

/**
 * The alterations of one read of a list. `stale`: the reply is from before the last write of that kind. `slipped`: an
 * entry is missing, and the count agrees, as in a lagging page. `missing`: an entry is missing, and the count shows it.
 * `twice`: an entry appears twice, as in shifted pages. `miscounted`: the count is off by one.
 */
export const alterations = ['stale', 'slipped', 'missing', 'twice', 'miscounted'] as const;
export type Alteration = (typeof alterations)[number];

/** Decides whether a read of a list is altered, and which entry the alteration affects. */
export type Choice = (
  read: ListRead,
) => { readonly alteration: Alteration; readonly entry: number } | undefined;

export interface ListRead {
  /** The number of list reads by this process so far, including this one. */
  readonly n: number;
  readonly url: string;
  readonly entries: number;
}

interface Body {
  readonly result?: readonly unknown[];
  readonly results?: readonly unknown[];
  readonly result_info?: { readonly total_count?: number };
  readonly pagination?: { readonly count: number };
}

/** Reads and alters lists; keeps each list from before the last write of its kind, for all processes of one world. */
export class AlteredLists {
  readonly #sandbox: Sandbox;
  /** By URL: the way to read the list, and its body before the last write of its kind. */
  readonly #lists = new Map<string, { readonly system: Api; readonly headers: Headers; before?: Body }>();
  /** The replies that were altered. */
  altered = 0;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** A copy for a world that continues from here. */
  copy(): AlteredLists {
    const copy = new AlteredLists(this.#sandbox);
    for (const [url, list] of this.#lists) copy.#lists.set(url, { ...list });
    return copy;
  }

  meddling(choose: Choice, onRead: (read: ListRead) => void = () => {}): Meddling {
    let n = 0;
    return {
      meddle: async (call, send) => {
        if (call.request.method !== 'GET') {
          await this.#rememberBefore(call);
          return send();
        }
        const { url, headers } = call.request;
        const reply = await send();
        const text = await reply.text();
        const untouched = () => new Response(text, { status: reply.status, headers: reply.headers });
        const body = bodyOf(reply, text);
        if (body === undefined) return untouched();
        const known = this.#lists.get(url);
        if (known === undefined) this.#lists.set(url, { system: call.system, headers });
        n += 1;
        const read = { n, url, entries: entriesOf(body).length };
        onRead(read);
        const choice = choose(read);
        const altered = choice && alter(body, choice, known?.before);
        if (altered === undefined || JSON.stringify(altered) === text) return untouched();
        this.altered += 1;
        return Response.json(altered);
      },
    };
  }

  async #rememberBefore({ request }: SentCall): Promise<void> {
    const path = new URL(request.url).pathname;
    for (const [url, list] of this.#lists) {
      if (!path.startsWith(new URL(url).pathname)) continue;
      const reply = await this.#sandbox[list.system](new Request(url, { headers: list.headers }));
      const body = bodyOf(reply, await reply.text());
      if (body !== undefined) list.before = body;
    }
  }
}

function entriesOf({ result, results }: Body): readonly unknown[] {
  return result ?? results ?? [];
}

/** The entries of a list; undefined if the reply is no list. */
function bodyOf({ ok, headers }: Response, text: string): Body | undefined {
  if (!ok || !headers.get('content-type')?.startsWith('application/json')) return undefined;
  const body = Object(JSON.parse(text)) as Body;
  return Array.isArray(body.result) || Array.isArray(body.results) ? body : undefined;
}

function alter(
  body: Body,
  { alteration, entry }: { readonly alteration: Alteration; readonly entry: number },
  before: Body | undefined,
): Body | undefined {
  const entries = entriesOf(body);
  const index = entries.length === 0 ? 0 : entry % entries.length;
  const without = entries.filter((_, at) => at !== index);
  switch (alteration) {
    case 'stale':
      return before;
    case 'slipped':
      return entries.length === 0 ? undefined : counted(withEntries(body, without), -1);
    case 'missing':
      return entries.length === 0 ? undefined : withEntries(body, without);
    case 'twice':
      return entries.length === 0 ? undefined : withEntries(body, [...entries, entries[index]]);
    case 'miscounted':
      return counted(body, 1);
  }
}

function withEntries(body: Body, entries: readonly unknown[]): Body {
  return body.result === undefined ? { ...body, results: entries } : { ...body, result: entries };
}

function counted(body: Body, by: number): Body {
  const { result_info: info, pagination } = body;
  return {
    ...body,
    ...(info?.total_count !== undefined && {
      result_info: { ...info, total_count: info.total_count + by },
    }),
    ...(pagination !== undefined && { pagination: { ...pagination, count: pagination.count + by } }),
  };
}
