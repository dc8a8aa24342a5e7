import { RejectedError, UnreachableError } from '../core/errors.ts';

/** Milliseconds after which gates stops waiting for an answer. */
const LONGEST_ANSWER = 10_000;

/**
 * The status of a daemon elsewhere, from `/api/status`; `url` is the address of its GATES_LISTEN. The answer is checked
 * only for the parts that every status has.
 * @throws UnreachableError if nobody answers, RejectedError if another server does.
 */
export async function fetchStatus(url: string, fetch = globalThis.fetch): Promise<unknown> {
  const address = `${url.replace(/\/+$/, '')}/api/status`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(LONGEST_ANSWER) });
    text = await response.text();
  } catch (cause) {
    throw new UnreachableError('The daemon does not answer', {
      hint: `See whether it runs and this machine reaches ${url}: GATES_LISTEN is 127.0.0.1:8420 unless it is set`,
      facts: { detail: detailOf(cause) },
      cause,
    });
  }
  const status = response.ok ? parsed(text) : undefined;
  if (!isStatus(status)) {
    throw new RejectedError('This is not a daemon of gates', {
      hint: `See whether ${url} is its GATES_LISTEN, and not GATES_HOOKS_LISTEN`,
      facts: { status: response.status, detail: `it answered ${response.status}` },
    });
  }
  return status;
}

function isStatus(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'phase' in value && 'repository' in value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; the error inside it does. */
function detailOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
