import { describeError, type GatesError, UnsafeError } from '../../core/errors.ts';
import type { HistoryRun } from '../../core/record/history.ts';
import type { EndedRun } from '../../report/history/history.ts';
import type { RunEnd } from '../../report/notices/trouble.ts';
import type {
  AppliedRevision,
  LastRun,
  Paused,
  RejectedRevision,
  StatusMistake,
} from '../../report/status/status.ts';
import { DAEMON } from '../lease/lease.ts';
import { PausedError } from '../lease/paused-turn.ts';
import type { LastGood } from './last-good.ts';
import { type RunReport, retryDelay } from './run-report.ts';

/** `retryAfter`: the run met an error that may pass; milliseconds to wait, 0 if unknown. */
export interface RunResult {
  readonly retryAfter: number | undefined;
  /** Another writer was active, so another run is due at once. */
  readonly again?: true;
}

/** The result of a run, before its times are known. */
export type Ending = Pick<
  LastRun,
  'result' | 'counts' | 'foreseen' | 'problems' | 'drifted' | 'warnings' | 'error'
> &
  RunResult &
  Pick<RunEnd, 'paused'> & {
    readonly expiring?: RunEnd['expiring'];
    readonly report?: RunReport;
    /** The results in the accounts of the file, if it has several. */
    readonly accounts?: readonly AccountEnding[];
  };

/** The result of a run in one account. */
export interface AccountEnding {
  readonly name: string;
  readonly ending: Ending;
}

/** The result of a run that was cut short: it was stopped or paused, or another process took its lease. */
export function cutShort(reason: unknown): Pick<Ending, 'result' | 'error' | 'retryAfter' | 'paused'> {
  if (reason instanceof PausedError)
    return { result: 'stopped', error: reason.message, paused: reason.paused, retryAfter: undefined };
  if (!(reason instanceof UnsafeError)) return { result: 'stopped', retryAfter: undefined };
  return { result: 'error', error: describeError(reason), retryAfter: 0 };
}

/** The result of a run that has nothing to report. */
export const EMPTY = { counts: {}, problems: [], warnings: [] } as const;

/** The last good revision, for the status. */
export function appliedRevisionOf({
  revision,
  author,
  subject,
  since,
  applied,
  held,
}: LastGood): AppliedRevision {
  return { revision, author, subject, since, applied, ...(held && { held }) };
}

/** The beginning of a run, as the status and the history have it. */
export type RunStart = Pick<LastRun, 'id' | 'triggers' | 'startedAt'>;

/** A run that has ended, for the status. `told`: the warnings from before its revision was carried out. */
export function lastRunOf(
  { id, triggers, startedAt }: RunStart,
  ending: Ending,
  known: {
    readonly told: readonly string[];
    readonly good: LastGood | undefined;
    readonly finishedAt: string;
  },
): LastRun {
  const { retryAfter: _, again, expiring, report, accounts, paused, ...facts } = ending;
  const { told, good, finishedAt } = known;
  const revision = good === undefined ? {} : { revision: good.revision };
  const warnings = [...told, ...facts.warnings];
  return { id, triggers, ...revision, startedAt, finishedAt, ...facts, warnings };
}

export function accountResults(accounts: Ending['accounts']): Pick<LastRun, 'accounts'> {
  if (accounts === undefined) return {};
  return { accounts: accounts.map(({ name, ending: { result } }) => ({ name, result })) };
}

/** The entries of a run in the history: each of several accounts has an entry of its own. */
export function historyEntries(
  lastRun: LastRun,
  ending: Ending,
  known: {
    readonly told: readonly string[];
    readonly people: Pick<HistoryRun, 'held' | 'allowed' | 'paused'>;
    readonly rejected: RejectedRevision | undefined;
  },
): readonly EndedRun[] {
  const { told, people, rejected } = known;
  const { error: _, ...shared } = lastRun;
  const run = { ...shared, command: DAEMON, ...(rejected && { rejected: rejected.revision }) };
  const entries = ending.accounts ?? [{ name: undefined, ending }];
  return entries.map(({ name, ending: { result, error, warnings, report } }) => {
    const own = { result, ...(error !== undefined && { error }), warnings: [...told, ...warnings] };
    const account = name !== undefined && { account: name };
    return { run: { ...run, ...own, ...people, ...account }, ...(report && { report }) };
  });
}

/** The people who applied the revision in place of another or outside the windows, or who lifted limits for it. */
export function peopleBehind(
  good: LastGood,
  passed: readonly 'window'[],
): Pick<HistoryRun, 'held' | 'allowed'> {
  const { allow, author, revision, subject, held } = good;
  const limits = [...allow, ...passed];
  const commit = `${revision.slice(0, 8)} "${subject}"`;
  const allowed =
    held === undefined
      ? { limits, by: author, why: `Gates-Allow in ${commit}` }
      : { limits, by: held.by, why: `held at ${commit}` };
  return { ...(held && { held }), ...(limits.length > 0 && { allowed }) };
}

/** The result without a last good revision. `unread`: why the repository was not read, if it was not. */
export function nothingApplied(unread: unknown, paused: Paused | undefined): Ending {
  if (unread === undefined && paused !== undefined) {
    return { ...EMPTY, ...cutShort(new PausedError(paused)) };
  }
  const error =
    unread === undefined
      ? 'The newest revision has mistakes and no earlier one is known: push one without'
      : describeError(unread);
  return { ...EMPTY, result: 'error', error, retryAfter: retryDelay([unread]) };
}

/** The last good revision has mistakes now: an earlier version of gates accepted it, or checked less of it. */
export function outlived(mistakes: readonly StatusMistake[]): Ending {
  const first = mistakes.find(({ severity }) => severity === 'error') ?? mistakes[0];
  const error = `The applied revision has mistakes, so gates changed nothing: ${first?.place} ${first?.message}`;
  return { ...EMPTY, result: 'error', error, retryAfter: undefined };
}

/** A mistake that concerns no line of the file. */
export function wholeFile(file: string, error: GatesError): StatusMistake {
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return { place: file, severity: 'error', message: error.message, ...hint };
}
