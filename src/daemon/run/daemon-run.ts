import { randomUUID } from 'node:crypto';
import type { GitSource, SourceRevision } from '../../clients/git/git.ts';
import { describeError, GatesError } from '../../core/errors.ts';
import { equal } from '../../core/objects/equal.ts';
import { rememberFiles } from '../../core/record/file-memory.ts';
import type { Clock } from '../../core/world.ts';
import type { EndedRun } from '../../report/history/history.ts';
import type { RunEnd } from '../../report/notices/trouble.ts';
import type { LastRun, Paused, RunInProgress } from '../../report/status/status.ts';
import { DAEMON } from '../lease/lease.ts';
import type { Turn } from '../lease/lease-turn.ts';
import { PausedError, pausableTurn, pausedTurn } from '../lease/paused-turn.ts';
import type { Log } from '../log/log.ts';
import { redactDeep } from '../log/redact-deep.ts';
import type { StatusFile } from '../status/status-file.ts';
import { type Cause, describeCause } from '../triggers/triggers.ts';
import { waitsFor } from '../triggers/upcoming.ts';
import { runAccounts } from './accounts-run.ts';
import { branchHeadReader, type ReadHead } from './branch-head.ts';
import type { LastGood, LastGoodFile } from './last-good.ts';
import {
  appliedRevisionOf,
  cutShort,
  EMPTY,
  type Ending,
  nothingApplied,
  outlived,
  peopleBehind,
  type RunResult,
} from './run-ending.ts';
import { retryDelay, statusMistakes } from './run-report.ts';
import type { Reconcile, RunRequest } from './run-request.ts';
import type { Check, LoopSettings } from './verdicts.ts';

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

function accountResults(accounts: Ending['accounts']): Pick<LastRun, 'accounts'> {
  if (accounts === undefined) return {};
  return { accounts: accounts.map(({ name, ending: { result } }) => ({ name, result })) };
}

export type DaemonRun = (causes: readonly Cause[], turn: Turn) => Promise<RunResult>;

type Head = Extract<ReadHead, { readonly head: unknown }>;

/** A run in progress. */
interface UnderWay {
  readonly log: Log;
  readonly running: (parts: Partial<RunInProgress>) => void;
  readonly turn: Turn;
  /** Warnings of this run. */
  readonly told: string[];
  /** The obstacles that the commit of the revision lifted for this run. */
  readonly passed: 'window'[];
}

/**
 * Makes the run of the daemon: fetch, read, validate, reconcile, status. If the newest revision has mistakes, or if the
 * repository cannot be reached, the run uses the last good revision, and still repairs drift from it. A run never
 * throws.
 */
export function createDaemonRun(options: DaemonRunOptions): DaemonRun {
  const { status, clock, signal, file } = options;
  let good = options.good;
  const verdictOn = rememberFiles(options.check);
  const readHead = branchHeadReader({ ...options, verdictOn });

  return async (causes, turn) => {
    const id = randomUUID().slice(0, 8);
    const log = options.log.with({ run: id });
    const triggers = causes.map(describeCause);
    const startedAt = clock.now().toISOString();
    const running = (parts: Partial<RunInProgress>) => {
      const before = status.current().running ?? { id, triggers, startedAt, step: 'fetch' };
      status.change({
        phase: signal.aborted ? 'stopping' : 'running',
        running: { ...before, ...parts },
      });
    };
    running({});
    log.info('run started', { triggers });
    // A host that could not be closed does not wait for the next scheduled check.
    const open = status.current().gates?.some(({ verdict }) => verdict === 'open') === true;
    const before = good;
    const [told, passed]: [string[], 'window'[]] = [[], []];
    const ending = await make(
      { log, running, turn, told, passed },
      { watch: open || causes.some(({ type }) => type === 'probe') },
    );
    const { retryAfter, again, expiring, report, accounts, paused: asPaused, ...ended } = ending;
    const paused = asPaused && redactDeep(asPaused, options.redact);
    const facts = { ...ended, warnings: [...told, ...ended.warnings] };
    const revision = good === undefined ? {} : { revision: good.revision };
    const lastRun = { id, triggers, ...revision, startedAt, finishedAt: clock.now().toISOString(), ...facts };
    const phase = signal.aborted ? 'stopping' : 'idle';
    status.change({
      phase,
      running: undefined,
      schedule: nextSchedule(),
      lastRun: redactDeep({ ...lastRun, ...accountResults(accounts) }, options.redact),
    });
    const level = facts.result === 'error' || facts.result === 'incomplete' ? 'error' : 'info';
    log[level]('run ended', { result: facts.result, ...revision, counts: facts.counts, error: facts.error });
    for (const problem of facts.problems) log.warn('problem', { ...problem });
    const rejected = status.current().rejected;
    const run = { ...lastRun, command: DAEMON, ...(rejected && { rejected: rejected.revision }) };
    const people = { ...(good && peopleBehind(good, passed)), ...(paused && { paused }) };
    const settled = before?.applied === true && before.revision === good?.revision;
    const passing = retryAfter !== undefined;
    // Without its turn, another process writes the history and reports the state.
    if (await turn.confirm()) {
      // Each of several accounts has an entry of its own.
      const entries = accounts ?? [{ name: undefined, ending: { ...facts, report } }];
      for (const { name, ending: entry } of entries) {
        const { result, error, warnings, report: made } = entry;
        const own = { result, ...(error !== undefined && { error }), warnings: [...told, ...warnings] };
        const { error: _, ...shared } = run;
        const entryRun = { ...shared, ...own, ...people, ...(name !== undefined && { account: name }) };
        await options.record?.({ run: entryRun, ...(made && { report: made }) });
      }
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

  function nextSchedule() {
    const { schedule } = status.current();
    const next = options.nextRun();
    return schedule === undefined || next === undefined
      ? schedule
      : { ...schedule, next: next.toISOString() };
  }

  async function make(underWay: UnderWay, kind: Pick<RunRequest, 'watch'>): Promise<Ending> {
    const { log, turn } = underWay;
    try {
      await takeHold();
      const unread = await takeHead(underWay);
      if (good === undefined)
        return nothingApplied(unread, status.current().upcoming && (await options.paused()));
      const ending = await carryOut(good, underWay, kind);
      return { ...ending, retryAfter: ending.retryAfter ?? retryDelay([unread]) };
    } catch (error) {
      if (turn.signal.aborted) return { ...EMPTY, ...cutShort(turn.signal.reason) };
      if (error instanceof PausedError) return { ...EMPTY, ...cutShort(error) };
      if (!(error instanceof GatesError) && error instanceof Error)
        log.error('unexpected error', { stack: error.stack });
      return { ...EMPTY, result: 'error', error: describeError(error), retryAfter: retryDelay([error]) };
    }
  }

  /** Loads the last good revision, since a person may have applied another one after the last run. */
  async function takeHold(): Promise<void> {
    const saved = await options.lastGood.load();
    if (saved === undefined) return;
    good = saved;
    const isTaken = status.current().upcoming?.revision === saved.revision;
    status.change({ inForce: appliedRevisionOf(saved), ...(isTaken && { upcoming: undefined }) });
  }

  /** Reads the branch, and makes its head the last good revision or lets it wait. Returns why it was not read. */
  async function takeHead(underWay: UnderWay): Promise<unknown> {
    const { log, running, turn, told } = underWay;
    const found = await readHead({ log, running, told, signal: turn.signal }, good);
    // If the branch was not read, a revision that waits keeps waiting.
    if ('unread' in found) return found.unread;
    if ('mistaken' in found) status.change({ upcoming: undefined });
    else if (isInForce(found.head)) await takeAgain(underWay, found);
    else await takeUp(underWay, found);
    return undefined;
  }

  /** True if the revision is the last good one, or the head in place of which a person holds another one. */
  function isInForce({ revision }: Pick<SourceRevision, 'revision'>): boolean {
    return (good?.held?.head ?? good?.revision) === revision;
  }

  /** Handles a head that is the last good revision. If the copy in the state folder differs, git's file counts. */
  async function takeAgain({ log, turn, told }: UnderWay, { head, bytes }: Head): Promise<void> {
    status.change({ upcoming: undefined });
    if (good?.revision !== head.revision || Buffer.compare(good.bytes, bytes) === 0) return;
    const text =
      'The copy of gates.yaml in the state directory differed from git. The file of git was taken again';
    log.warn('copy replaced', { revision: head.revision });
    told.push(text);
    await keep({ ...good, applied: false, bytes }, turn);
  }

  /** Takes the head unless it has to wait. A later run reads a waiting revision again. */
  async function takeUp({ log, turn, passed }: UnderWay, { head, bytes }: Head): Promise<void> {
    const { revision, author, subject, allow } = head;
    const now = clock.now();
    const waits = waitsFor({ paused: await options.paused(), inForce: await settingsInForce(), now });
    const passes = waits?.for === 'window' && allow.includes('window');
    if (waits !== undefined && !passes) {
      const known = status.current().upcoming;
      const since = known?.revision === revision ? known.since : now.toISOString();
      const upcoming = redactDeep({ revision, author, subject, since, ...waits }, options.redact);
      if (!equal(known, upcoming)) log.info('revision waits', { revision, author, subject, ...waits });
      return status.change({ upcoming });
    }
    log.info('revision accepted', { revision, author, subject, ...(passes && { outside: 'windows' }) });
    const limits = allow.filter((limit) => limit !== 'window');
    const since = now.toISOString();
    await keep({ revision, author, subject, allow: limits, since, applied: false, bytes }, turn);
    if (passes) passed.push('window');
  }

  async function settingsInForce(): Promise<LoopSettings | undefined> {
    const verdict = good && (await verdictOn(good.bytes));
    return verdict && 'settings' in verdict ? verdict.settings : undefined;
  }

  async function keep(next: LastGood, { mayWrite }: Turn): Promise<void> {
    await mayWrite();
    await options.lastGood.save(next);
    good = next;
    status.change({ inForce: appliedRevisionOf(next), upcoming: undefined });
  }

  async function carryOut(
    current: LastGood,
    { log, running, turn: runTurn }: UnderWay,
    { watch }: Pick<RunRequest, 'watch'>,
  ): Promise<Ending> {
    const verdict = await verdictOn(current.bytes);
    if ('mistakes' in verdict) return outlived(statusMistakes(verdict.mistakes, file));
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
      onProgress: (progress: Pick<RunInProgress, 'done' | 'total'>) =>
        running({ step: 'apply', ...progress }),
    };
    const ending = await runAccounts(request, verdict.settings.accounts, { ...options, log });
    if (ending.result === 'done' && apply && !current.applied && !turn.signal.aborted)
      await keep({ ...current, applied: true }, turn);
    return paused === undefined || ending.paused !== undefined ? ending : { ...ending, paused };
  }
}
