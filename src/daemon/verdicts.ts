import type { Notification, ReconcileSettings } from '../config/config.ts';
import type { Mistake } from '../config/mistake.ts';
import type { ActionsInForce } from './actions/in-force.ts';

/** What the daemon itself needs of a file. */
export type LoopSettings = Pick<
  ReconcileSettings,
  'schedule' | 'timezone' | 'drift' | 'probe' | 'jitter' | 'windows'
> & {
  /** Who is told of a change of state. */
  readonly notify?: readonly Notification[];
  /** When key sets are read besides, where a gate has one: cron, five fields. */
  readonly sync?: string;
  /** What signed calls may start. */
  readonly actions?: ActionsInForce;
};

/** A file judged by itself: what the daemon needs of it, or its mistakes. */
export type Verdict = { readonly settings: LoopSettings } | { readonly mistakes: readonly Mistake[] };

export type Check = (bytes: Uint8Array) => Verdict;

/** Of the head and of the revision in force. */
const REMEMBERED = 2;

/** Judges each revision once, as long as no two others come between: most passes meet the same ones again. */
export function rememberVerdicts(check: Check): (revision: string, bytes: Uint8Array) => Verdict {
  // The last asked for last.
  const verdicts = new Map<string, Verdict>();
  return (revision, bytes) => {
    const verdict = verdicts.get(revision) ?? check(bytes);
    verdicts.delete(revision);
    verdicts.set(revision, verdict);
    const [oldest] = verdicts.keys();
    if (verdicts.size > REMEMBERED && oldest !== undefined) verdicts.delete(oldest);
    return verdict;
  };
}
