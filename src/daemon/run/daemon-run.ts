import { randomUUID } from 'node:crypto';
import type { GitSource } from '../../clients/git/git.ts';
import { describeError, GatesError } from '../../core/errors.ts';
import { rememberFiles } from '../../core/record/file-memory.ts';
import type { Clock } from '../../core/world.ts';
import type { EndedRun } from '../../report/history/history.ts';
import type { RunEnd } from '../../report/notices/trouble.ts';
import type { LastRun, Paused, RunInProgress, Status } from '../../report/status/status.ts';
import type { Turn } from '../lease/lease-turn.ts';
import { PausedError, pausableTurn, pausedTurn } from '../lease/paused-turn.ts';
import type { Log } from '../log/log.ts';
import { redactDeep } from '../log/redact-deep.ts';
import type { StatusFile } from '../status/status-file.ts';
import { type Cause, describeCause } from '../triggers/triggers.ts';
import { runAccounts } from './accounts-run.ts';
import { branchHeadReader } from './branch-head.ts';
import { createGoodRevision } from './good-revision.ts';
import { type TakingRun, takeHead } from './head-taking.ts';
import type { LastGood, LastGoodFile } from './last-good.ts';
import {
  accountResults,
  cutShort,
  EMPTY,
  type Ending,
  historyEntries,
  lastRunOf,
  nothingApplied,
  outlived,
  peopleBehind,
  type RunResult,
  type RunStart,
} from './run-ending.ts';
import { retryDelay, statusMistakes } from './run-report.ts';
import type { Reconcile } from './run-request.ts';
import type { Check, FileVerdict, LoopSettings } from './verdicts.ts';

export interface DaemonRunOptions {
  readonly git: Pick<GitSource, 'read'>;
  readonly lastGood: LastGoodFile;
  /** The revision that was applied when the daemon started. */
  readonly good: LastGood | undefined;
  readonly check: Check;
  readonly reconcile: Reconcile;
  readonly status: StatusFile;
  /** Path of gates.yaml in the repository, for messages. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly redact: (text: string) => string;
  /** The pause, if a person has paused gates; never rejects. */
  readonly paused: () => Promise<Paused | undefined>;
  readonly onSettings: (settings: LoopSettings) => void;
  readonly nextRun: () => Date | undefined;
  /** Stores each run after its end; never rejects. */
  readonly record?: (ended: EndedRun) => Promise<void>;
  /** Gets the state after each run; never rejects. */
  readonly onEnd?: (end: RunEnd) => Promise<void>;
  /** The signal of the daemon; after it, no run starts. */
  readonly signal: AbortSignal;
}

export type DaemonRun = (causes: readonly Cause[], turn: Turn) => Promise<RunResult>;

/** A run in progress. */
interface UnderWay extends TakingRun {
  readonly running: (parts: Partial<RunInProgress>) => void;
}

/**
 * Makes the run of the daemon: fetch, read, validate, reconcile, status. If the newest revision has mistakes, or if the
 * repository cannot be reached, the run uses the last good revision, and still repairs drift from it. A run never
 * throws.
 */
export function createDaemonRun(options: DaemonRunOptions): DaemonRun {
  const { status, clock, redact } = options;
  const good = createGoodRevision(options.lastGood, status, options.good);
  const verdictOn = rememberFiles(options.check);
  const readHead = branchHeadReader({ ...options, verdictOn });

  return async (causes, turn) => {
    const start = startOf(causes, clock);
    const underWay = beginRun(start, turn, options);
    const { log, told, passed } = underWay;
    const before = good.current();
    const ending = await make(underWay, isWatching(causes, status.current()));
    const { retryAfter, again, expiring } = ending;
    const after = good.current();
    const lastRun = lastRunOf(start, ending, { told, good: after, finishedAt: clock.now().toISOString() });
    showEnd(lastRun, ending, log, options);
    const { rejected } = status.current();
    // Without its turn, another process writes the history and reports the state.
    if (await turn.confirm()) {
      const paused = ending.paused && redactDeep(ending.paused, redact);
      const people = { ...(after && peopleBehind(after, passed)), ...(paused && { paused }) };
      for (const entry of historyEntries(lastRun, ending, { told, people, rejected }))
        await options.record?.(entry);
      const settled = before?.applied === true && before.revision === after?.revision;
      const passing = retryAfter !== undefined;
      await options.onEnd?.({
        status: status.current(),
        passing,
        settled,
        expiring,
        ...(paused && { paused }),
      });
    }
    await status.written();
    return { retryAfter, ...(again && { again }) };
  };

  async function make(underWay: UnderWay, watch: boolean): Promise<Ending> {
    try {
      await good.reload();
      const found = await readHead({ ...underWay, signal: underWay.turn.signal }, good.current());
      // If the branch was not read, a revision that waits keeps waiting.
      if (!('unread' in found)) await takeHead(found, underWay, good, { ...options, verdictOn });
      const unread = 'unread' in found ? found.unread : undefined;
      const current = good.current();
      if (current === undefined)
        return nothingApplied(unread, status.current().upcoming && (await options.paused()));
      const verdict = await verdictOn(current.bytes);
      const { ending, applied } = await carryOut(current, verdict, underWay, watch, options);
      if (applied) await good.keep({ ...current, applied: true }, underWay.turn);
      return { ...ending, retryAfter: ending.retryAfter ?? retryDelay([unread]) };
    } catch (error) {
      return failedEnding(error, underWay);
    }
  }
}

/** True if the run checks every gate. A host that could not be closed does not wait for the next scheduled check. */
function isWatching(causes: readonly Cause[], { gates = [] }: Status): boolean {
  return gates.some(({ verdict }) => verdict === 'open') || causes.some(({ type }) => type === 'probe');
}

function startOf(causes: readonly Cause[], clock: Clock): RunStart {
  const id = randomUUID().slice(0, 8);
  return { id, triggers: causes.map(describeCause), startedAt: clock.now().toISOString() };
}

/** Shows in the status and in the log that the run has begun. */
function beginRun(
  start: RunStart,
  turn: Turn,
  { status, signal, log: daemonLog }: Pick<DaemonRunOptions, 'status' | 'signal' | 'log'>,
): UnderWay {
  const log = daemonLog.with({ run: start.id });
  const running = (parts: Partial<RunInProgress>) => {
    const before = status.current().running ?? { ...start, step: 'fetch' };
    status.change({
      phase: signal.aborted ? 'stopping' : 'running',
      running: { ...before, ...parts },
    });
  };
  running({});
  log.info('run started', { triggers: start.triggers });
  return { log, running, turn, told: [], passed: [] };
}

/** Shows in the status and in the log that the run has ended. */
function showEnd(
  lastRun: LastRun,
  { accounts }: Ending,
  log: Log,
  { status, signal, nextRun, redact }: Pick<DaemonRunOptions, 'status' | 'signal' | 'nextRun' | 'redact'>,
): void {
  const { schedule } = status.current();
  const next = nextRun();
  status.change({
    phase: signal.aborted ? 'stopping' : 'idle',
    running: undefined,
    schedule: schedule && { ...schedule, ...(next && { next: next.toISOString() }) },
    lastRun: redactDeep({ ...lastRun, ...accountResults(accounts) }, redact),
  });
  const { result, revision, counts, error, problems } = lastRun;
  const level = result === 'error' || result === 'incomplete' ? 'error' : 'info';
  log[level]('run ended', { result, ...(revision !== undefined && { revision }), counts, error });
  for (const problem of problems) log.warn('problem', { ...problem });
}

/** The result of a run that an error ended. */
function failedEnding(error: unknown, { log, turn }: UnderWay): Ending {
  if (turn.signal.aborted) return { ...EMPTY, ...cutShort(turn.signal.reason) };
  if (error instanceof PausedError) return { ...EMPTY, ...cutShort(error) };
  if (!(error instanceof GatesError) && error instanceof Error)
    log.error('unexpected error', { stack: error.stack });
  return { ...EMPTY, result: 'error', error: describeError(error), retryAfter: retryDelay([error]) };
}

/** Reconciles a revision. `applied`: the run carried out everything that the revision asks for, for the first time. */
async function carryOut(
  current: LastGood,
  verdict: FileVerdict,
  { log, running, turn: runTurn }: UnderWay,
  watch: boolean,
  options: DaemonRunOptions,
): Promise<{ readonly ending: Ending; readonly applied: boolean }> {
  if ('mistakes' in verdict)
    return { ending: outlived(statusMistakes(verdict.mistakes, options.file)), applied: false };
  options.onSettings(verdict.settings);
  const paused = await options.paused();
  // The daemon applies a push once, whatever the file says about drift.
  const apply = paused === undefined && (verdict.settings.drift === 'repair' || !current.applied);
  const turn = paused === undefined ? pausableTurn(runTurn, options.paused) : pausedTurn(runTurn, paused);
  await turn.mayWrite();
  running({ step: 'plan', revision: current.revision });
  const request = {
    text: current.bytes,
    revision: current.revision,
    apply,
    watch,
    allow: current.allow,
    turn,
    onProgress: (progress: Pick<RunInProgress, 'done' | 'total'>) => running({ step: 'apply', ...progress }),
  };
  const ending = await runAccounts(request, verdict.settings.accounts, { ...options, log });
  const applied = ending.result === 'done' && apply && !current.applied && !turn.signal.aborted;
  const withPause = paused === undefined || ending.paused !== undefined ? ending : { ...ending, paused };
  return { ending: withPause, applied };
}
