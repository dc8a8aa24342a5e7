import type { Paused, Upcoming } from '../report/status.ts';
import { isOpen, nextOpening, type Window } from './windows.ts';

/** What decides whether a new revision is put in force now. */
export interface ApplyConditions {
  readonly paused: Paused | undefined;
  /** Of the revision in force: a push cannot lift its own bolt. Undefined where nothing is in force. */
  readonly inForce: { readonly windows: readonly Window[]; readonly timezone: string } | undefined;
  readonly now: Date;
}

/** What a new revision has to wait for; undefined: for nothing. */
export function waitsFor({
  paused,
  inForce,
  now,
}: ApplyConditions): Pick<Upcoming, 'for' | 'until'> | undefined {
  if (paused !== undefined) return { for: 'pause' };
  if (inForce === undefined || isOpen(inForce.windows, inForce.timezone, now)) return undefined;
  const until = nextOpening(inForce.windows, inForce.timezone, now)?.toISOString();
  return { for: 'window', ...(until !== undefined && { until }) };
}
