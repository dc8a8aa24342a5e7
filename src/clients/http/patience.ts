import pRetry from 'p-retry';
import { UnreachableError } from '../../core/errors.ts';
import type { Clock } from '../../core/world.ts';

export interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From 0 to 1, for the jitter of waits; default: Math.random. */
  readonly random?: () => number;
}

/** Milliseconds of the first wait before a read is tried again; it doubles. */
const FIRST_WAIT = 500;

/** Tries after the first one. */
const RETRIES = 2;

/** Milliseconds a single call may wait for a Retry-After in all; a longer one is reported instead. */
const LONGEST_PAUSE = 60_000;

/** Tries a read again that got no answer. */
export async function retried<Answer>(
  act: () => Promise<Answer>,
  { clock, signal, random }: Patience,
): Promise<Answer> {
  return pRetry(act, {
    retries: RETRIES,
    minTimeout: 0,
    // A pause the API asked for has been waited for already, or is longer than a call may wait.
    shouldRetry: ({ error }) => error instanceof UnreachableError && error.facts.retryAfter === undefined,
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      if (!(error instanceof UnreachableError) || error.facts.retryAfter !== undefined) return;
      if (retriesLeft > 0) await clock.sleep(withJitter(firstWait(attemptNumber - 1), random), signal);
    },
    signal,
  });
}

/**
 * Makes a call, and makes it again as long as the API puts it off unread and not for too long. `pauseFor` gives the milliseconds that
 * it asks to wait; undefined for every other failure.
 */
export async function withPauses<Answer>(
  act: () => Promise<Answer>,
  pauseFor: (error: UnreachableError, attempt: number) => number | undefined,
  { clock, signal, random }: Patience,
): Promise<Answer> {
  let waited = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      const asked = error instanceof UnreachableError ? pauseFor(error, attempt) : undefined;
      if (asked === undefined) throw error;
      const pause = withJitter(asked, random);
      if (waited + pause > LONGEST_PAUSE) throw withRetryAfter(error as UnreachableError, pause);
      waited += pause;
      await clock.sleep(pause, signal);
    }
  }
}

/** Milliseconds to wait after an attempt, from 0, for which the API names none. */
export function firstWait(attempt: number): number {
  return FIRST_WAIT * 2 ** attempt;
}

/** The answer to a read or a removal of what need not be there. */
export async function absentAsUndefined(
  reply: Promise<unknown>,
  isAbsence: (error: unknown) => boolean,
): Promise<unknown> {
  try {
    return await reply;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Never shorter than asked for; up to a quarter longer, so that clients that were stopped together part. */
function withJitter(milliseconds: number, random: () => number = Math.random): number {
  return Math.ceil(milliseconds * (1 + random() / 4));
}

function withRetryAfter(error: UnreachableError, retryAfter: number): UnreachableError {
  if (error.facts.retryAfter !== undefined) return error;
  const { hint, facts, message } = error;
  return new UnreachableError(message, {
    ...(hint === undefined ? {} : { hint }),
    facts: { retryAfter, ...facts },
    cause: error,
  });
}
