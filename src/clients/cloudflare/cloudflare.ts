import { setMaxListeners } from 'node:events';
import type { BaseCloudflare } from 'cloudflare/client';
import pRetry from 'p-retry';
import { describeError, UnreachableError } from '../../core/errors.ts';
import type { Clock, Query, Wire } from '../../core/world.ts';
import { unguarded, type WriteGuard } from '../http/write-guard.ts';
import type { Redactor } from '../redaction.ts';
import type { Budget } from './budget.ts';
import { type ApiError, cloudflareError, type Failure, isCloudflareAbsence } from './cloudflare-error.ts';
import { listWhole, pageOf, type ResultInfo } from './cloudflare-list.ts';

export interface CloudflareOptions {
  readonly token: string;
  /** Ends in `/client/v4`; default: the real API. */
  readonly baseUrl?: string;
  readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** Asked right before each write; it rejects where this process may no longer write. */
  readonly guard?: Pick<WriteGuard, 'mayWrite'>;
  /** From 0 to 1, for the jitter of waits; default: Math.random. */
  readonly random?: () => number;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

interface Call {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
}

/** An answer of the API; DNS deletes come without `success`. */
interface Envelope {
  readonly success?: boolean;
  readonly errors?: readonly ApiError[];
  readonly result?: unknown;
  readonly result_info?: ResultInfo | null;
}

/** The wire, with the lists that are led through by cursors; `list` numbers its pages. */
export interface CloudflareWire extends Wire {
  /** One page; `cursor` leads to the next one, and is absent after the last. */
  page(path: string, query: Query): Promise<{ readonly items: readonly unknown[]; readonly cursor?: string }>;
}

interface Sdk {
  request(call: Call): Promise<unknown>;
}

/** The address of Cloudflare's API. */
export const REAL_API = 'https://api.cloudflare.com/client/v4';

/** Milliseconds of the first wait before a read is tried again; it doubles. */
const FIRST_WAIT = 500;

/** Tries after the first one. */
const RETRIES = 2;

/** Milliseconds a single call may wait for the API's Retry-After in all; a longer one is reported instead. */
const LONGEST_PAUSE = 60_000;

/** Milliseconds that a write under way may take to its end once the run is stopped. */
const LAST_WRITE = 5_000;

/**
 * The Cloudflare API v4 upon the official SDK, which is loaded with the first call. The SDK's own retries
 * and pages are not used: it repeats POST and 409, obeys Retry-After without a bound, asks for one page too
 * many, and takes `success: false` in a 200 for an answer.
 */
export function createCloudflareWire(options: CloudflareOptions): CloudflareWire {
  options.redactor.register(options.token);
  // One listener or two for each call under way: many are no leak.
  setMaxListeners(0, options.signal);
  let sdk: Promise<Sdk> | undefined;
  const call = async (what: Call): Promise<Envelope> => {
    sdk ??= loadSdk(options);
    return withPauses(await sdk, what, options);
  };
  const write = async (method: Method, path: string, body?: unknown) =>
    (await call({ method, path, body })).result;
  return {
    get: (path, query) =>
      absentAsUndefined(read(call, { method: 'get', path, ...(query && { query }) }, options)),
    list: (path, query = {}) =>
      listWhole((page) => read(call, { method: 'get', path, query: page }, options), query),
    page: async (path, query) => pageOf(await read(call, { method: 'get', path, query }, options)),
    post: (path, body) => write('post', path, body),
    put: (path, body) => write('put', path, body),
    patch: (path, body) => write('patch', path, body),
    delete: async (path) => {
      await absentAsUndefined(call({ method: 'delete', path }));
    },
  };
}

async function absentAsUndefined(reply: Promise<Envelope>): Promise<unknown> {
  try {
    return (await reply).result;
  } catch (error) {
    if (isCloudflareAbsence(error)) return undefined;
    throw error;
  }
}

async function read(
  call: (what: Call) => Promise<Envelope>,
  what: Call,
  { clock, signal, random = Math.random }: CloudflareOptions,
): Promise<Envelope> {
  return pRetry(() => call(what), {
    retries: RETRIES,
    minTimeout: 0,
    // A pause the API asked for has been waited for already, or is longer than a call may wait.
    shouldRetry: ({ error }) => error instanceof UnreachableError && error.facts.retryAfter === undefined,
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      if (!(error instanceof UnreachableError) || error.facts.retryAfter !== undefined) return;
      if (retriesLeft > 0)
        await clock.sleep(withJitter(FIRST_WAIT * 2 ** (attemptNumber - 1), random), signal);
    },
    signal,
  });
}

/** Makes the call, and makes it again as long as the API puts it off unread and not for too long. */
async function withPauses(sdk: Sdk, what: Call, options: CloudflareOptions): Promise<Envelope> {
  const { clock, budget, signal, guard = unguarded, random = Math.random } = options;
  let waited = 0;
  for (let attempt = 0; ; attempt += 1) {
    await budget.take(signal);
    if (what.method !== 'get') await guard.mayWrite();
    try {
      return envelopeOf(await sdk.request(what), what);
    } catch (error) {
      if (!(error instanceof UnreachableError) || error.facts.status !== 429) throw error;
      const pause = withJitter(error.facts.retryAfter ?? FIRST_WAIT * 2 ** attempt, random);
      if (waited + pause > LONGEST_PAUSE) throw withRetryAfter(error, pause);
      waited += pause;
      await clock.sleep(pause, signal);
    }
  }
}

function withRetryAfter(error: UnreachableError, retryAfter: number): UnreachableError {
  const { hint, facts, message } = error;
  return new UnreachableError(message, {
    ...(hint === undefined ? {} : { hint }),
    facts: { retryAfter, ...facts },
    cause: error,
  });
}

/** Never shorter than asked for; up to a quarter longer, so that clients that were stopped together part. */
function withJitter(milliseconds: number, random: () => number): number {
  return Math.ceil(milliseconds * (1 + random() / 4));
}

/** A write may be answered with nothing, or without `success`; of a read that would pass for "there is none". */
function envelopeOf(body: unknown, { method, path }: Call): Envelope {
  if (method !== 'get' && (body === null || body === undefined)) return {};
  if (typeof body !== 'object' || body === null) throw unexpected(method, 'the body is not JSON');
  const envelope: Envelope = body;
  if (method === 'get' && envelope.success === undefined)
    throw unexpected(method, 'it does not say `success`');
  if (envelope.success !== false) return envelope;
  throw cloudflareError({ method, path, status: 400, errors: envelope.errors ?? [], headers: undefined });
}

function unexpected(method: Method, detail: string): UnreachableError {
  return new UnreachableError('The answer is not one of the Cloudflare API', {
    hint: 'See whether CLOUDFLARE_BASE_URL is right and no proxy answers in its place',
    facts: { detail, applied: method === 'get' ? 'no' : 'maybe' },
  });
}

async function loadSdk(options: CloudflareOptions): Promise<Sdk> {
  const [{ createClient }, { APIError }] = await Promise.all([
    import('cloudflare/tree-shakable'),
    import('cloudflare/core/error'),
  ]);
  // Without resources, of which only the types are lost: paths are called directly.
  const client: BaseCloudflare = createClient({
    resources: [],
    apiToken: options.token,
    // Given explicitly: the SDK would take further credentials from the environment.
    apiEmail: null,
    apiKey: null,
    userServiceKey: null,
    baseURL: options.baseUrl ?? REAL_API,
    fetch: learning(options),
    maxRetries: 0,
    logLevel: 'off',
  });
  return {
    async request({ method, path, query, body }) {
      // The SDK listens to a signal and never stops; one of its own per call keeps a long-lived one clean.
      const stop = new AbortController();
      const ended = new AbortController();
      const abort = () => void afterLastWrite(method, options, ended.signal).then(() => stop.abort());
      options.signal.throwIfAborted();
      options.signal.addEventListener('abort', abort);
      try {
        return await client.request({
          method,
          path,
          signal: stop.signal,
          ...(query && { query: { ...query } }),
          ...(body === undefined ? {} : { body }),
        });
      } catch (error) {
        if (stop.signal.aborted) throw options.signal.reason;
        const said = error instanceof APIError ? readApiError(error) : unreadable(error);
        throw cloudflareError(redactFailure({ method, path, ...said }, options.redactor));
      } finally {
        options.signal.removeEventListener('abort', abort);
        ended.abort();
      }
    },
  };
}

/**
 * Resolves when a stopped run gives up a call under way: a read at once; a write after its time, since what it
 * did, and what it answers once only, would be unknown without its reply. Never, when the call ends before.
 */
async function afterLastWrite(
  method: Method,
  { clock }: CloudflareOptions,
  ended: AbortSignal,
): Promise<void> {
  if (method === 'get') return;
  await clock.sleep(LAST_WRITE, ended).catch(() => new Promise(() => {}));
}

/** A reply that broke off. What the parser says of it is left out, since it quotes the body. */
function unreadable(error: unknown): Pick<Failure, 'status' | 'headers' | 'errors' | 'text'> {
  const text = error instanceof SyntaxError ? 'the body is not JSON' : describeError(error);
  return { status: undefined, headers: undefined, errors: [], text };
}

function redactFailure(failure: Failure, redactor: Redactor): Failure {
  const clean = (error: ApiError): ApiError => ({
    ...error,
    ...(error.message === undefined ? {} : { message: redactor.redact(error.message) }),
    ...(error.error_chain === undefined ? {} : { error_chain: error.error_chain.map(clean) }),
  });
  const { text } = failure;
  return { ...failure, errors: failure.errors.map(clean), text: text && redactor.redact(text) };
}

function readApiError(error: {
  status: number | undefined;
  headers: Headers | undefined;
  error: unknown;
  message: string;
}): Pick<Failure, 'status' | 'headers' | 'errors' | 'text'> {
  const { status, headers, error: body, message } = error;
  const listed =
    typeof body === 'object' && body !== null && 'errors' in body && Array.isArray(body.errors)
      ? body.errors
      : [];
  return { status, headers, errors: listed, text: message };
}

/** The injected or global fetch; every reply tells the budget how many calls are left. */
function learning({
  fetch = globalThis.fetch,
  budget,
}: CloudflareOptions): NonNullable<CloudflareOptions['fetch']> {
  return async (input, init) => {
    const response = await fetch(input, init);
    budget.learn(response.headers);
    return response;
  };
}
