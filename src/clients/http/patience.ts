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

/** The longest total time, in milliseconds, that a call waits for Retry-After. A longer pause is reported instead. */
const LONGEST_PAUSE = 60_000;

/** Repeats a read that got no answer. */
export async function retried<Answer>(
  act: () => Promise<Answer>,
  { clock, signal, random }: Patience,
): Promise<Answer> {
  return pRetry(act, {
    retries: RETRIES,
    minTimeout: 0,
    // A pause that the API asked for is over already, or is longer than a call may wait.
    shouldRetry: ({ error }) => error instanceof UnreachableError && error.facts.retryAfter === undefined,
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      if (!(error instanceof UnreachableError) || error.facts.retryAfter !== undefined) return;
      if (retriesLeft > 0) await clock.sleep(withJitter(firstWait(attemptNumber - 1), random), signal);
    },
    signal,
  });
}

/**
 * Makes a call, and repeats it while the API postpones it unread and not for too long. `pauseFor` returns the pause in
 * milliseconds; undefined for every other failure.
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
      const requestedPause = error instanceof UnreachableError ? pauseFor(error, attempt) : undefined;
      if (requestedPause === undefined) throw error;
      const pause = withJitter(requestedPause, random);
      if (waited + pause > LONGEST_PAUSE) throw withRetryAfter(error as UnreachableError, pause);
      waited += pause;
      await clock.sleep(pause, signal);
    }
  }
}

/** Milliseconds to wait after an attempt, from 0, if the API names no pause. */
export function firstWait(attempt: number): number {
  return FIRST_WAIT * 2 ** attempt;
}

/** The answer to a read or a removal of an object that need not exist. */
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

/** Never shorter than requested, up to a quarter longer: clients that stopped together must not return together. */
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
