import type { Paused, Upcoming } from '../../report/status/status.ts';
import { isOpen, nextOpening, type Window } from './windows.ts';

/** The facts that decide whether a new revision is applied now. */
export interface ApplyConditions {
  readonly paused: Paused | undefined;
  /** The windows of the applied revision: a push cannot lift its own bolt. Undefined if no revision is applied. */
  readonly inForce: { readonly windows: readonly Window[]; readonly timezone: string } | undefined;
  readonly now: Date;
}

/** The reason why a new revision waits; undefined if it does not. */
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
