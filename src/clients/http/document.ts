import { describeError, RejectedError, UnreachableError } from '../../core/errors.ts';

type Fetch = (input: string, init: RequestInit) => Promise<Response>;

export interface DocumentOptions {
  readonly signal: AbortSignal;
  /** Default: the global one. */
  readonly fetch?: Fetch;
}

/** Milliseconds that a document may take. */
const patience = 10_000;
/** The most bytes; even a key set with certificates is far smaller. */
const longest = 262_144;

/**
 * Reads JSON documents as everybody does: no token and no cookie is sent, and no redirect is followed, because it could
 * lead to foreign keys.
 * @throws UnreachableError, or RejectedError with the status if the answer is not a document.
 */
export function documentReader({
  signal,
  fetch = globalThis.fetch,
}: DocumentOptions): (url: string) => Promise<unknown> {
  return async (url) => {
    const answer = await ask(url, { signal, fetch });
    if (answer.status >= 500 || answer.status === 429) throw unreachable(`it answers ${answer.status}`);
    if (!answer.ok) {
      throw new RejectedError('There is no such document', {
        hint: 'Open its address in a browser',
        facts: { status: answer.status, detail: `${answer.status}`, applied: 'no' },
      });
    }
    return parsed(await textOf(answer, signal));
  };
}

async function ask(url: string, { signal, fetch }: Required<DocumentOptions>): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { accept: 'application/json', 'user-agent': 'gates' },
      redirect: 'error',
      credentials: 'omit',
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(describeError(error));
  }
}

async function textOf(answer: Response, signal: AbortSignal): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of answer.body ?? []) {
      length += part.length;
      if (length > longest) break;
      parts.push(part);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(describeError(error));
  }
  if (length > longest) throw malformed(`it has more than ${longest} bytes`);
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the document, so it is not used.
    throw malformed('it is not JSON');
  }
}

function unreachable(detail: string): UnreachableError {
  return new UnreachableError('The document cannot be read', { facts: { detail, applied: 'no' } });
}

function malformed(detail: string): RejectedError {
  return new RejectedError('The document is none that can be read', { facts: { detail, applied: 'no' } });
}
