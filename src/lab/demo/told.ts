import { setTimeout as sleep } from 'node:timers/promises';
import { UnsafeError } from '../../core/errors.ts';

/** Milliseconds that anything in the story may take before the story fails. */
const PATIENCE = 300_000;
const INTERVAL = 20;

/** The error of a story that did not go as written; `what` says where. */
export function notAsTold(what: string): UnsafeError {
  return new UnsafeError('The demo did not go as it is told', {
    hint: 'This is a bug in gates, or a problem of this machine. Please report it with these lines',
    facts: { detail: what },
  });
}

/**
 * Asks repeatedly until there is an answer. Throws the error of `ask`, the signal's reason, or an error after {@link
 * PATIENCE}.
 */
export async function untilAnswered<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined>,
  signal: AbortSignal,
): Promise<Answer> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw notAsTold(`waited ${PATIENCE / 1000} s for ${what}`);
    await sleep(INTERVAL, undefined, { signal });
  }
}
