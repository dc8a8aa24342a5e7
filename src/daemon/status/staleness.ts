import type { Status } from '../../report/status/status.ts';

/** A run in which no step was made for so long hangs: every call inside one has its own, shorter limit. */
const STUCK = 10 * 60_000;
/** How late a scheduled run may begin. */
const LATE = 2 * 60_000;

/** Why nobody should rely on the loop now; undefined while it turns. */
export function staleness(status: Status, now: Date): string | undefined {
  const since = (time: string) => now.getTime() - Date.parse(time);
  if (status.phase === 'stopping' || status.phase === 'stopped') return 'it is stopping';
  if (status.running !== undefined) {
    return since(status.updatedAt) > STUCK ? `the run has made no step since ${status.updatedAt}` : undefined;
  }
  if (status.lastRun === undefined) return 'no run has ended yet';
  const { next: due, jitter = 0 } = status.schedule ?? {};
  return due !== undefined && since(due) > LATE + jitter * 1000
    ? `no run has begun since it was due at ${due}`
    : undefined;
}
