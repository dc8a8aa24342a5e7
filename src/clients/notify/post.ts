import { RejectedError, UnreachableError } from '../../core/errors.ts';
import type { Clock } from '../../core/world.ts';
import { retryAfterOf } from '../http/retry-after.ts';

export interface PostRequest {
  /** May be a secret: never part of an error. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unchanged. */
  readonly body: string;
  /** Reads the pause, in milliseconds, from the body of a refusal, if the receiver puts it there. */
  readonly pauseIn?: (reply: unknown) => number | undefined;
}

/**
 * Posts until the receiver accepts. A postponed post (408, 425, 429, 5xx) and one without an answer are repeated, after
 * the pause that the receiver asks for or a growing one.
 */
export type Post = (request: PostRequest, signal: AbortSignal) => Promise<void>;

export interface PostOptions {
  readonly clock: Clock;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds for one try. */
  readonly patience?: number;
}

const TRIES = 4;
const FIRST_WAIT = 1_000;
/** The longest wait of a notice between two tries, in milliseconds; the next run tries again. */
const LONGEST_PAUSE = 60_000;
const PATIENCE = 10_000;
/** The most characters of an answer: enough for an error and its reason. */
const MOST_SAID = 200;
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

export function createPost({ clock, fetch = globalThis.fetch, patience = PATIENCE }: PostOptions): Post {
  return async (request, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(request, { fetch, patience, signal });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof UnreachableError) || attempt === TRIES) throw error;
        const pause = error.facts.retryAfter ?? FIRST_WAIT * 4 ** (attempt - 1);
        if (pause > LONGEST_PAUSE) throw error;
        await clock.sleep(pause, signal);
      }
    }
  };
}

async function once(
  { url, headers = {}, body, pauseIn }: PostRequest,
  {
    fetch,
    patience,
    signal,
  }: Required<Pick<PostOptions, 'fetch' | 'patience'>> & { readonly signal: AbortSignal },
): Promise<void> {
  const late = AbortSignal.timeout(patience);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'gates', ...headers },
      body,
      // The body may be signed for one address, and a token is meant for one server.
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
    });
    text = await response.text();
  } catch (error) {
    const detail = late.aborted ? `no answer in ${patience / 1_000} s` : networkCode(error);
    throw new UnreachableError('The receiver of a notice does not answer', { facts: { detail } });
  }
  const { status } = response;
  if (response.ok) return;
  const facts = { status, detail: `${status} ${text.replace(/\s+/g, ' ').slice(0, MOST_SAID)}`.trim() };
  if (LATER.has(status) || status >= 500) {
    const pause = pauseIn?.(parsed(text)) ?? retryAfterOf(response.headers).retryAfter;
    throw new UnreachableError('The receiver of a notice does not take it now', {
      facts: { ...facts, ...(pause !== undefined && { retryAfter: pause }) },
    });
  }
  throw new RejectedError('The receiver of a notice refuses it', {
    facts,
    hint: 'See whether its address and its token under `notify` are still good',
  });
}

/** `ECONNREFUSED`; the message itself may quote the address. */
function networkCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
