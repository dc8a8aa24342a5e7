import type { Turn } from '../lease/lease-turn.ts';
import type { StatusFile } from '../status/status-file.ts';
import type { LastGood, LastGoodFile } from './last-good.ts';
import { appliedRevisionOf } from './run-ending.ts';

/** The last good revision of a daemon: in memory, in the state folder, and in the status. */
export interface GoodRevision {
  current(): LastGood | undefined;
  /** Loads the saved one, since a person may have applied another one after the last run. */
  reload(): Promise<void>;
  /** Replaces it. Rejects if the turn has ended. */
  keep(next: LastGood, turn: Pick<Turn, 'mayWrite'>): Promise<void>;
}

/** `first` is the revision that was applied when the daemon started. */
export function createGoodRevision(
  file: LastGoodFile,
  status: StatusFile,
  first: LastGood | undefined,
): GoodRevision {
  let good = first;
  return {
    current: () => good,
    async reload() {
      const saved = await file.load();
      if (saved === undefined) return;
      good = saved;
      const isTaken = status.current().upcoming?.revision === saved.revision;
      status.change({ inForce: appliedRevisionOf(saved), ...(isTaken && { upcoming: undefined }) });
    },
    async keep(next, { mayWrite }) {
      await mayWrite();
      await file.save(next);
      good = next;
      status.change({ inForce: appliedRevisionOf(next), upcoming: undefined });
    },
  };
}
