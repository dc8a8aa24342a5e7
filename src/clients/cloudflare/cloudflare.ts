import { setMaxListeners } from 'node:events';
import type { BaseCloudflare } from 'cloudflare/client';
import { describeError, UnreachableError } from '../../core/errors.ts';
import type { Query, Wire } from '../../core/world.ts';
import { absentAsUndefined, firstWait, retried, withPauses } from '../http/patience.ts';
import type { WireOptions } from '../http/wire-options.ts';
import { unguarded } from '../http/write-guard.ts';
import type { Redactor } from '../redaction.ts';
import type { Budget } from './budget.ts';
import { type ApiError, cloudflareError, type Failure, isCloudflareAbsence } from './cloudflare-error.ts';
import { listWhole, pageOf, type ResultInfo } from './cloudflare-list.ts';

export interface CloudflareOptions extends WireOptions {
  readonly token: string;
  /** The variable that holds the token, for messages; default: `CLOUDFLARE_API_TOKEN`. */
  readonly variable?: string;
  /** Ends in `/client/v4`; default: the real API. */
  readonly baseUrl?: string;
  readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  readonly budget: Budget;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

interface Call {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
}

/** An answer of the API; DNS deletions come without `success`. */
interface Envelope {
  readonly success?: boolean;
  readonly errors?: readonly ApiError[];
  readonly result?: unknown;
  readonly result_info?: ResultInfo | null;
}

/** The wire, with lists that have cursors; `list` numbers its pages. */
export interface CloudflareWire extends Wire {
  /** One page; `cursor` leads to the next one, and is absent after the last. */
  page(path: string, query: Query): Promise<{ readonly items: readonly unknown[]; readonly cursor?: string }>;
}

interface Sdk {
  request(call: Call): Promise<unknown>;
}

/** The address of Cloudflare's API. */
export const REAL_API = 'https://api.cloudflare.com/client/v4';

/** Milliseconds that a running write may take to finish once the run is stopped. */
const LAST_WRITE = 5_000;

/**
 * The Cloudflare API v4 on the official SDK, which is loaded with the first call. The SDK's own retries and pages are
 * not used: it repeats POST and 409, obeys Retry-After without a bound, asks for one page too many, and accepts
 * `success: false` in a 200 as an answer.
 */
export function createCloudflareWire(options: CloudflareOptions): CloudflareWire {
  options.redactor.register(options.token);
  // Each running call adds one or two listeners: many of them are no leak.
  setMaxListeners(0, options.signal);
  let sdk: Promise<Sdk> | undefined;
  const call = async (what: Call): Promise<Envelope> => {
    sdk ??= loadSdk(options);
    const loaded = await sdk;
    return withPauses(() => inBudget(loaded, what, options), pauseFor, options);
  };
  const read = (path: string, query?: Query) =>
    retried(() => call({ method: 'get', path, ...(query && { query }) }), options);
  const write = async (method: Method, path: string, body?: unknown) =>
    (await call({ method, path, body })).result;
  return {
    get: (path, query) =>
      absentAsUndefined(
        read(path, query).then(({ result }) => result),
        isCloudflareAbsence,
      ),
    list: (path, query = {}) => listWhole((page) => read(path, page), query),
    page: async (path, query) => pageOf(await read(path, query)),
    post: (path, body) => write('post', path, body),
    put: (path, body) => write('put', path, body),
    patch: (path, body) => write('patch', path, body),
    delete: async (path) => {
      await absentAsUndefined(call({ method: 'delete', path }), isCloudflareAbsence);
    },
  };
}

/** Makes the call once the budget of calls allows it. */
async function inBudget(sdk: Sdk, what: Call, options: CloudflareOptions): Promise<Envelope> {
  const { budget, signal, guard = unguarded } = options;
  await budget.take(signal);
  if (what.method !== 'get') await guard.mayWrite();
  return envelopeOf(await sdk.request(what), what, options);
}

/** The pause, in milliseconds, that the API asks for. */
function pauseFor({ facts: { status, retryAfter } }: UnreachableError, attempt: number): number | undefined {
  return status === 429 ? (retryAfter ?? firstWait(attempt)) : undefined;
}

/** A write may be answered with nothing, or without `success`. For a read, that would look like "there is none". */
function envelopeOf(
  body: unknown,
  { method, path }: Call,
  { variable }: Pick<CloudflareOptions, 'variable'>,
): Envelope {
  if (method !== 'get' && (body === null || body === undefined)) return {};
  if (typeof body !== 'object' || body === null) throw unexpected(method, 'the body is not JSON');
  const envelope: Envelope = body;
  if (method === 'get' && envelope.success === undefined)
    throw unexpected(method, 'it does not say `success`');
  if (envelope.success !== false) return envelope;
  const errors = envelope.errors ?? [];
  throw cloudflareError({ method, path, variable, status: 400, errors, headers: undefined });
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
  // Without resources, which loses only their types, because paths are called directly.
  const client: BaseCloudflare = createClient({
    resources: [],
    apiToken: options.token,
    // Set explicitly, because the SDK would take further credentials from the environment.
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
      // The SDK adds listeners to a signal and never removes them. A signal for each call keeps a long-lived one clean.
      const stop = new AbortController();
      let ended: AbortController | undefined;
      const abort = () => {
        ended = new AbortController();
        void afterLastWrite(method, options, ended.signal).then(() => stop.abort());
      };
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
        throw cloudflareError(
          redactFailure({ method, path, variable: options.variable, ...said }, options.redactor),
        );
      } finally {
        options.signal.removeEventListener('abort', abort);
        ended?.abort();
      }
    },
  };
}

/**
 * Resolves when a stopped run gives up a running call: a read at once; a write after its time, because without its
 * reply, its effect, and secrets that the API shows only once, would be unknown. Never resolves if the call ends
 * before.
 */
async function afterLastWrite(
  method: Method,
  { clock }: CloudflareOptions,
  ended: AbortSignal,
): Promise<void> {
  if (method === 'get') return;
  await clock.sleep(LAST_WRITE, ended).catch(() => new Promise(() => {}));
}

/** A reply that broke off. The parser's message is left out, because it quotes the body. */
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
