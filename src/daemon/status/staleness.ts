import type { Status } from '../../report/status/status.ts';

/** Milliseconds without a step after which a run hangs: every call in a run has its own, shorter limit. */
const STUCK = 10 * 60_000;
/** The most milliseconds by which a scheduled run may be late. */
const LATE = 2 * 60_000;

/** The reason why the loop is not reliable now; undefined while it works. */
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
