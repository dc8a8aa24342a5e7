import { setMaxListeners } from 'node:events';
import { describeError, GatesError, RejectedError, type UnreachableError } from '../../core/errors.ts';
import type { Query, Wire } from '../../core/world.ts';
import { type ListReading, readWhole } from '../http/list-reading.ts';
import { absentAsUndefined, retried, withPauses } from '../http/patience.ts';
import type { WireOptions } from '../http/wire-options.ts';
import { unguarded } from '../http/write-guard.ts';
import type { Redactor } from '../redaction.ts';
import { authentikError, isAuthentikAbsence } from './authentik-error.ts';

export interface AuthentikOptions extends WireOptions {
  /** Key of a token with intent `api`. */
  readonly token: string;
  /** The variable that holds the token, for messages; default: `AUTHENTIK_TOKEN`. */
  readonly variable?: string;
  /** The address of Authentik, `http://authentik.lan:9000`; a final `/api/v3` is optional. */
  readonly url: string;
  readonly fetch?: (input: string, init: RequestInit) => Promise<Response>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Call {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
}

/** A page of a list; `next` is the number of the next page, or 0 after the last. */
interface Page {
  readonly pagination: { readonly next: number; readonly count: number };
  readonly results: readonly unknown[];
}

/** The most entries that the API gives; it silently reduces a larger size. */
const PAGE_SIZE = 100;

/** A list that continues after this many pages has no end. */
const MOST_PAGES = 1000;

/** Milliseconds after which gates stops waiting for an answer. */
const LONGEST_ANSWER = 30_000;

/** Fields of replies that are secrets: every list shows a provider's in clear text. */
const secretFields: ReadonlySet<string> = new Set(['client_secret']);

/** The endpoint that shows a private key, and the field that contains it. */
const privateKey = '/view_private_key/';
const keyFields: ReadonlySet<string> = new Set(['data']);

/**
 * The Authentik API v3 as raw JSON: the generated client drops fields it does not know, and the daemon meets several
 * versions of the server. Lists are read by page numbers, not by addresses.
 */
export function createAuthentikWire(options: AuthentikOptions): Wire {
  options.redactor.register(options.token);
  // Each running call adds one or two listeners: many of them are no leak.
  setMaxListeners(0, options.signal);
  const base = `${options.url.replace(/\/+$/, '').replace(/\/api\/v3$/, '')}/api/v3`;
  const call = (what: Call) => withPauses(() => ask(base, what, options), pauseFor, options);
  const read = (what: Call) => retried(() => call(what), options);
  const write = (method: Method, path: string, body?: unknown) => call({ method, path, body });
  return {
    get: (path, query) =>
      absentAsUndefined(read({ method: 'GET', path, ...(query && { query }) }), isAuthentikAbsence),
    list: (path, query = {}) => listWhole((page) => read({ method: 'GET', path, query: page }), query),
    post: (path, body) => write('POST', path, body),
    put: (path, body) => write('PUT', path, body),
    patch: (path, body) => write('PATCH', path, body),
    delete: async (path) => {
      await absentAsUndefined(write('DELETE', path), isAuthentikAbsence);
    },
  };
}

/** The pause, in milliseconds, that a starting server asks for. */
function pauseFor({ facts: { applied, retryAfter } }: UnreachableError): number | undefined {
  return applied === 'no' ? retryAfter : undefined;
}

async function ask(base: string, what: Call, options: AuthentikOptions): Promise<unknown> {
  const { method, path, query = {}, body } = what;
  const { token, variable, redactor, signal, guard = unguarded, fetch = globalThis.fetch } = options;
  signal.throwIfAborted();
  const url = new URL(`${base}${path.endsWith('/') ? path : `${path}/`}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  if (method !== 'GET') await guard.mayWrite();
  try {
    const response = await fetch(url.href, {
      method,
      // A redirect would turn a write into a read of another page.
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_ANSWER)]),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const reply = text === '' ? undefined : parsed(text);
    if (!response.ok || reply === notJson) {
      const { status, headers } = response;
      const said = { method, path, variable, status, headers, body: reply === notJson ? undefined : reply };
      throw authentikError(said, redactor.redact);
    }
    registerSecrets(reply, redactor, path.endsWith(privateKey) ? keyFields : secretFields);
    return reply;
  } catch (error) {
    if (error instanceof GatesError) throw error;
    signal.throwIfAborted();
    const failure = { method, path, status: undefined, headers: undefined, body: undefined };
    throw authentikError({ ...failure, said: describeError(error), cause: error }, redactor.redact);
  }
}

const notJson = Symbol('not JSON');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

function registerSecrets(value: unknown, redactor: Redactor, secret: ReadonlySet<string>): void {
  if (Array.isArray(value)) for (const item of value) registerSecrets(item, redactor, secret);
  else if (typeof value === 'object' && value !== null) {
    for (const [field, item] of Object.entries(value)) {
      if (typeof item !== 'string') registerSecrets(item, redactor, secret);
      else if (secret.has(field)) redactor.register(item);
    }
  }
}

/** Every page of a list. */
function listWhole(ask: (query: Query) => Promise<unknown>, query: Query): Promise<readonly unknown[]> {
  return readWhole('Authentik', () => listPages(ask, query));
}

async function listPages(ask: (query: Query) => Promise<unknown>, query: Query): Promise<ListReading> {
  const items: unknown[] = [];
  const counts = new Set<number>();
  let page = 1;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    let reply: unknown;
    try {
      reply = await ask({ page_size: PAGE_SIZE, ...query, page });
    } catch (error) {
      // The page is past the end, but existed before.
      if (page > 1 && isAuthentikAbsence(error)) return { items, counts, isCutOff: true };
      throw error;
    }
    if (Array.isArray(reply)) return { items: reply, counts };
    if (!isPage(reply)) throw notAList();
    counts.add(reply.pagination.count);
    items.push(...reply.results);
    if (reply.pagination.next === 0) return { items, counts };
    if (reply.pagination.next <= page) throw notAList();
    page = reply.pagination.next;
  }
  throw notAList();
}

function isPage(reply: unknown): reply is Page {
  if (typeof reply !== 'object' || reply === null) return false;
  const { pagination, results } = reply as Partial<Page>;
  return Array.isArray(results) && typeof pagination?.next === 'number';
}

function notAList(): RejectedError {
  return new RejectedError('The answer is not a list of the Authentik API', {
    hint: 'See whether `authentik.url` (or AUTHENTIK_URL) is right and no proxy answers in its place',
    facts: { applied: 'no' },
  });
}
