import path from 'node:path';
import type { CommitStatuses } from '../clients/forge/commit-status.ts';
import type { GitSource } from '../clients/git/git.ts';
import { createNotes } from '../clients/state/notes.ts';
import type { Clock } from '../core/world.ts';
import type { EndedRun } from '../report/history/history.ts';
import { countDone } from '../report/metrics/metrics-of-run.ts';
import { samplesOfStatus } from '../report/metrics/metrics-of-status.ts';
import type { RunEnd } from '../report/notices/trouble.ts';
import type { Status } from '../report/status/status.ts';
import { type CommitReporter, openCommitReporter } from './commit-status.ts';
import type { HttpOptions } from './http.ts';
import type { Lease } from './lease/lease.ts';
import { readPaused } from './lease/paused.ts';
import type { Log } from './log/log.ts';
import { redactDeep } from './log/redact-deep.ts';
import type { Metrics } from './status/metrics.ts';
import { logOfRun } from './status/run-log.ts';
import type { StatusFile } from './status/status-file.ts';
import { describeCause, type Triggers } from './triggers/triggers.ts';

/** The place where commits get their status, or the reason why they cannot. */
export type CommitPlace =
  | { readonly place: string; readonly statuses: CommitStatuses }
  | { readonly error: string };

export interface ObserverOptions {
  readonly stateDir: string;
  /** Path of gates.yaml in the repository. */
  readonly file: string;
  readonly status: StatusFile;
  readonly lease: Pick<Lease, 'lost'>;
  readonly metrics: Metrics;
  /** Absent if no commit statuses are wanted. */
  readonly commits?: CommitPlace;
  readonly clock: Clock;
  readonly log: Log;
  readonly redact: (text: string) => string;
  readonly signal: AbortSignal;
}

/**
 * The observer of the daemon's work: metrics, commit statuses, and the parts of the status besides the runs. It
 * surrounds the parts of the loop, so none of them knows about it, and none fails because of it.
 */
export interface Observer {
  triggers(triggers: Triggers): Triggers;
  git(git: GitSource): GitSource;
  recorder<Rest extends readonly unknown[]>(
    record: (ended: EndedRun, ...rest: Rest) => Promise<void>,
  ): (ended: EndedRun, ...rest: Rest) => Promise<void>;
  /** Handles the end of a run first, and passes it on with the completed status. */
  ended(next: (end: RunEnd) => Promise<void>): (end: RunEnd) => Promise<void>;
  readonly http: Omit<HttpOptions, 'verify' | 'bearers'>;
  /** Resolves once nothing is being sent. */
  settled(): Promise<void>;
}

export async function openObserver(options: ObserverOptions): Promise<Observer> {
  const { status, metrics, clock, stateDir } = options;
  const commits = await openCommits(options);
  /** The number of changes that the last run made. */
  let done = 0;

  return {
    triggers(triggers) {
      const waiting = new Set<string>();
      return {
        ...triggers,
        request(cause) {
          metrics.requested(cause.type);
          if (cause.type === 'push' && cause.revision !== undefined) commits?.pushed(cause.revision);
          for (const other of waiting) if (other.split(' ')[0] === cause.type) waiting.delete(other);
          waiting.add(describeCause(cause));
          status.change({ waiting: [...waiting] });
          triggers.request(cause);
        },
        async next(signal) {
          const causes = await triggers.next(signal);
          waiting.clear();
          status.change({ waiting: undefined });
          return causes;
        },
      };
    },
    git: (git) => ({
      ...git,
      async read(...asked) {
        commits?.reading();
        const head = await git.read(...asked);
        commits?.read(head.revision);
        return head;
      },
    }),
    recorder:
      (record) =>
      async (ended, ...rest) => {
        metrics.ended(ended);
        // A run has an entry for each account.
        done += countDone(ended.report);
        await record(ended, ...rest);
      },
    ended: (next) => async (end) => {
      const { lastRun } = end.status;
      // If the revision was applied before, somebody else made the changes that this run repaired.
      if (end.settled) metrics.repaired(done);
      done = 0;
      status.change({
        ...(end.expiring !== undefined && { expiring: redactDeep(end.expiring, options.redact) }),
        ...(lastRun?.result === 'done' && { succeededAt: lastRun.finishedAt }),
      });
      commits?.ended(end);
      await next({ ...end, status: status.current() });
    },
    http: {
      clock,
      status: liveStatus,
      async metrics(now, ready) {
        const text = await metrics.text([
          { name: 'gates_ready', value: ready ? 1 : 0 },
          { name: 'gates_lease_held', value: options.lease.lost.aborted ? 0 : 1 },
          ...(commits === undefined
            ? []
            : [{ name: 'gates_commit_statuses_waiting', value: commits.owed() } as const]),
          ...samplesOfStatus(now),
        ]);
        return { text, type: metrics.contentType };
      },
    },
    settled: async () => commits?.settled(),
  };

  async function liveStatus(): Promise<Status> {
    const paused = await readPaused(stateDir);
    return { ...status.current(), ...(paused && { paused }) };
  }
}

async function openCommits(options: ObserverOptions): Promise<CommitReporter | undefined> {
  const { commits, status, metrics, log, stateDir } = options;
  if (commits === undefined) return undefined;
  if ('error' in commits) {
    log.warn('commit statuses are off', { reason: commits.error });
    status.change({ commitStatus: { error: commits.error } });
    return undefined;
  }
  const { place, statuses } = commits;
  status.change({ commitStatus: { place } });
  return openCommitReporter({
    ...options,
    log: logOfRun(log, status),
    statuses,
    notes: createNotes(path.join(stateDir, 'notes')),
    onTrouble: (reason) =>
      status.change({
        commitStatus: { place, ...(reason !== undefined && { error: options.redact(reason) }) },
      }),
    onSettled: metrics.commitStatus,
  });
}
