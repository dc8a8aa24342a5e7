import { RejectedError, UnreachableError } from '../../core/errors.ts';
import type { ForgeParts } from './forge.ts';
import { type ForgeErrand, forgeError } from './forge-error.ts';

interface ForgeCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** A path below the API's address, or a complete address of the same server. */
  readonly path: string;
  readonly body?: unknown;
  /** True if repeating it does no harm: it is tried again if no answer comes. */
  readonly repeatable: boolean;
}

export interface ForgeReply {
  readonly headers: Headers;
  readonly body: unknown;
}

export type ForgeWire = (call: ForgeCall) => Promise<ForgeReply>;

/** Tries after the first one, and milliseconds before the first of them. */
const RETRIES = 2;
const FIRST_WAIT = 500;

/** The longest total time, in milliseconds, that a call waits when asked to. A longer pause is reported instead. */
const LONGEST_PAUSE = 60_000;

/** Milliseconds after which gates stops waiting for an answer. */
const LONGEST_ANSWER = 30_000;

/** Calls of a forge's API. A call that surely had no effect is repeated; a create is never repeated otherwise. */
export function createForgeWire(
  parts: ForgeParts,
  headers: Readonly<Record<string, string>>,
  errand: ForgeErrand = 'comment',
): ForgeWire {
  parts.redactor.register(parts.token);
  return async (call) => {
    let paused = 0;
    for (let tries = 0; ; tries += 1) {
      try {
        return await ask(parts, { ...call, headers, errand });
      } catch (error) {
        if (!(error instanceof UnreachableError) || tries >= RETRIES) throw error;
        const { applied, retryAfter } = error.facts;
        if (applied !== 'no') throw error;
        const wait = retryAfter ?? FIRST_WAIT * 2 ** tries;
        paused += wait;
        if (paused > LONGEST_PAUSE) throw error;
        await parts.clock.sleep(wait, parts.signal);
      }
    }
  };
}

interface Errand {
  readonly headers: Readonly<Record<string, string>>;
  /** The subject of the calls, for the words of an error. */
  readonly errand: ForgeErrand;
}

async function ask(
  { place, redactor, signal, fetch = globalThis.fetch }: ForgeParts,
  { method, path, body, repeatable, headers, errand }: ForgeCall & Errand,
): Promise<ForgeReply> {
  signal.throwIfAborted();
  const redact = (text: string) => redactor.redact(text);
  const failed = (status?: number, replied?: Headers, said?: unknown, cause?: unknown) =>
    forgeError({ place, errand, repeatable, status, headers: replied, body: said, cause }, redact);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path.startsWith('/') ? `${place.api}${path}` : path, {
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'gates',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // A redirect to another server must not get the token.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_ANSWER)]),
    });
    text = await response.text();
  } catch (cause) {
    signal.throwIfAborted();
    throw failed(undefined, undefined, undefined, cause);
  }
  const reply = parsed(text);
  if (!response.ok || reply === undefined) throw failed(response.status, response.headers, reply);
  return { headers: response.headers, body: reply };
}

/** The most pages of comments that are read: a list that continues after them has no end. */
export const MOST_COMMENT_PAGES = 1_000;

/**
 * The list in a reply.
 * @throws RejectedError if another server answers in place of the forge.
 */
export function listIn<Row>({ body }: ForgeReply): readonly Row[] {
  if (!Array.isArray(body)) throw strange();
  return body;
}

/**
 * The object with a number in a reply.
 * @throws RejectedError if another server answers in place of the forge.
 */
export function rowIn<Row extends { readonly id: number }>({ body }: ForgeReply): Row {
  const row = body as Row | null;
  if (typeof row !== 'object' || typeof row?.id !== 'number') throw strange();
  return row;
}

function strange(): RejectedError {
  return new RejectedError(`The answer is not one of the forge's API`, {
    hint: 'See whether the address of the API is right and no proxy answers in its place',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
