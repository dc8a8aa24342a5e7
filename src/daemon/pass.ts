import { randomUUID } from 'node:crypto';
import type { GitSource, SourceRevision } from '../clients/git.ts';
import type { Notification, ReconcileSettings } from '../config/config.ts';
import type { Mistake } from '../config/mistake.ts';
import { equal } from '../core/equal.ts';
import { describeError, GatesError } from '../core/errors.ts';
import type { Clock } from '../core/world.ts';
import type { EndedRun } from '../report/history.ts';
import type { RunEnd } from '../report/notices/trouble.ts';
import type { RejectedRevision, RunInProgress, StatusMistake } from '../report/status.ts';
import { gatesSeen, tellNews } from './gates-seen.ts';
import type { LastGood, LastGoodFile } from './last-good.ts';
import { DAEMON } from './lease.ts';
import type { Turn } from './lease-turn.ts';
import type { Log } from './log.ts';
import {
  cutShort,
  EMPTY,
  type Ending,
  inForceOf,
  nothingInForce,
  outlived,
  type PassResult,
  peopleBehind,
  wholeFile,
} from './pass-ending.ts';
import {
  expiringIn,
  type PassReport,
  retryDelay,
  retryDelayOf,
  rewrittenText,
  statusMistakes,
  summarise,
} from './pass-report.ts';
import { redactDeep } from './redact-deep.ts';
import type { StatusFile } from './status-file.ts';
import { type Cause, describeCause } from './triggers.ts';

/** What the daemon itself needs of a file. */
export type LoopSettings = Pick<ReconcileSettings, 'schedule' | 'timezone' | 'drift' | 'probe'> & {
  /** Who is told of a change of state. */
  readonly notify?: readonly Notification[];
};

/** A file judged by itself: what the daemon needs of it, or its mistakes. */
export type Check = (
  bytes: Uint8Array,
) => { readonly settings: LoopSettings } | { readonly mistakes: readonly Mistake[] };

export interface PassRequest {
  readonly text: Uint8Array;
  readonly revision: string;
  /** False: stop after the plan, and after the looks of a pass that watches. */
  readonly apply: boolean;
  /** Every gate is looked at, also where nothing happens. */
  readonly watch: boolean;
  /** Limits that the commit lifts. */
  readonly allow: readonly ('prune' | 'change')[];
  /** Its signal is aborted: finish the current step and come back. Every write asks it first. */
  readonly turn: Turn;
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void;
}

/** One reconcile of one revision, carried out by the layers below. */
export type Reconcile = (request: PassRequest) => Promise<PassReport>;

export interface PassOptions {
  readonly git: Pick<GitSource, 'read'>;
  readonly lastGood: LastGoodFile;
  /** What was in force when the daemon started. */
  readonly good: LastGood | undefined;
  readonly check: Check;
  readonly reconcile: Reconcile;
  readonly status: StatusFile;
  /** Path of gates.yaml in the repository, for messages. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly redact: (text: string) => string;
  readonly onSettings: (settings: LoopSettings) => void;
  readonly nextRun: () => Date | undefined;
  /** Keeps each run when it has ended; never rejects. */
  readonly record?: (ended: EndedRun) => Promise<void>;
  /** Hears how things stand after each run; never rejects. */
  readonly onEnd?: (end: RunEnd) => Promise<void>;
  /** Of the daemon: there will be no other pass. */
  readonly signal: AbortSignal;
}

export type Pass = (causes: readonly Cause[], turn: Turn) => Promise<PassResult>;

/** A pass that is being made. */
interface UnderWay {
  readonly log: Log;
  readonly running: (parts: Partial<RunInProgress>) => void;
  readonly turn: Turn;
  /** Said by this one run. */
  readonly told: string[];
}

/**
 * Makes the pass of the daemon: fetch, read, validate, reconcile, status. A revision with mistakes changes
 * nothing: the last good one stays in force and drift is still repaired from it, as it is while the
 * repository cannot be reached. A pass never throws.
 */
export function createPass(options: PassOptions): Pass {
  const { status, clock, signal, file } = options;
  let good = options.good;
  /** Of the head and of the revision in force, the last asked for last: most passes meet the same ones again. */
  const verdicts = new Map<string, ReturnType<Check>>();

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
    // A host that could not be closed is not left to the next look on the schedule.
    const open = status.current().gates?.some(({ verdict }) => verdict === 'open') === true;
    const before = good;
    const told: string[] = [];
    const ending = await make(
      { log, running, turn, told },
      { watch: open || causes.some(({ type }) => type === 'probe') },
    );
    const { retryAfter, expiring, report, ...ended } = ending;
    const said = { ...ended, warnings: [...told, ...ended.warnings] };
    const revision = good === undefined ? {} : { revision: good.revision };
    const lastRun = { id, triggers, ...revision, startedAt, finishedAt: clock.now().toISOString(), ...said };
    const phase = signal.aborted ? 'stopping' : 'idle';
    status.change({
      phase,
      running: undefined,
      schedule: nextSchedule(),
      lastRun: redactDeep(lastRun, options.redact),
    });
    const level = said.result === 'error' || said.result === 'incomplete' ? 'error' : 'info';
    log[level]('run ended', { result: said.result, ...revision, counts: said.counts, error: said.error });
    for (const problem of said.problems) log.warn('problem', { ...problem });
    const rejected = status.current().rejected;
    const run = { ...lastRun, command: DAEMON, ...(rejected && { rejected: rejected.revision }) };
    const people = good && peopleBehind(good);
    const settled = before?.applied === true && before.revision === good?.revision;
    const passing = retryAfter !== undefined;
    // Without its turn the history is another's to write, and another tells how things stand.
    if (await turn.confirm()) {
      await options.record?.({ run: { ...run, ...people }, ...(report && { report }) });
      await options.onEnd?.({ status: status.current(), passing, settled, expiring });
    }
    await status.written();
    return { retryAfter };
  };

  function nextSchedule() {
    const { schedule } = status.current();
    const next = options.nextRun();
    return schedule === undefined || next === undefined
      ? schedule
      : { ...schedule, next: next.toISOString() };
  }

  async function make(underWay: UnderWay, kind: Pick<PassRequest, 'watch'>): Promise<Ending> {
    const { log, turn } = underWay;
    try {
      await takeHold();
      const unread = await takeHead(underWay);
      if (good === undefined) return nothingInForce(unread);
      const ending = await carryOut(good, underWay, kind);
      return { ...ending, retryAfter: ending.retryAfter ?? retryDelay([unread]) };
    } catch (error) {
      if (turn.signal.aborted) return { ...EMPTY, ...cutShort(turn) };
      if (!(error instanceof GatesError) && error instanceof Error)
        log.error('a fault', { stack: error.stack });
      return { ...EMPTY, result: 'error', error: describeError(error), retryAfter: retryDelay([error]) };
    }
  }

  /** A person may have put another revision in force since the last pass. */
  async function takeHold(): Promise<void> {
    const kept = await options.lastGood.load();
    if (kept === undefined) return;
    good = kept;
    status.change({ inForce: inForceOf(kept) });
  }

  /** Reads the branch and, when its head has no mistakes, puts it in force. Answers with why it was not read. */
  async function takeHead({ log, running, turn, told }: UnderWay): Promise<unknown> {
    const { error: _, ...repository } = status.current().repository;
    let head: SourceRevision;
    try {
      head = await options.git.read(turn.signal, good);
    } catch (error) {
      turn.signal.throwIfAborted();
      log.warn('repository not read', { error });
      status.change({ repository: { ...repository, error: options.redact(describeError(error)) } });
      return error;
    }
    status.change({ repository: { ...repository, readAt: clock.now().toISOString() } });
    running({ step: 'validate', revision: head.revision });
    if (head.replaced !== undefined) {
      log.warn('history rewritten', { revision: head.revision, before: head.replaced });
      told.push(rewrittenText(head.revision, head.replaced));
    }
    if ('error' in head.file) reject(log, head, [wholeFile(file, head.file.error)]);
    else await judge({ log, turn }, head, head.file.bytes);
    return undefined;
  }

  async function judge(
    { log, turn }: Pick<UnderWay, 'log' | 'turn'>,
    head: SourceRevision,
    bytes: Uint8Array,
  ): Promise<void> {
    const verdict = verdictOn(head.revision, bytes);
    if ('mistakes' in verdict) return reject(log, head, statusMistakes(verdict.mistakes, file));
    status.change({ rejected: undefined });
    if (good?.held?.head === head.revision) return;
    if (good?.held === undefined && good?.revision === head.revision) return;
    const { revision, author, subject, allow } = head;
    log.info('revision accepted', { revision, author, subject });
    const since = clock.now().toISOString();
    await keep({ revision, author, subject, allow, since, applied: false, bytes }, turn);
  }

  function verdictOn(revision: string, bytes: Uint8Array): ReturnType<Check> {
    const verdict = verdicts.get(revision) ?? options.check(bytes);
    verdicts.delete(revision);
    verdicts.set(revision, verdict);
    const [oldest] = verdicts.keys();
    if (verdicts.size > 2 && oldest !== undefined) verdicts.delete(oldest);
    return verdict;
  }

  function reject(log: Log, head: SourceRevision, mistakes: readonly StatusMistake[]): void {
    const { revision, author, subject } = head;
    const at = clock.now().toISOString();
    const rejected: RejectedRevision = redactDeep(
      { revision, author, subject, at, mistakes },
      options.redact,
    );
    const known = status.current().rejected;
    // Who may sign can change without a push, and with it what is wrong.
    if (known !== undefined && equal({ ...known, at }, rejected)) return;
    status.change({ rejected });
    for (const { message, ...where } of mistakes) log.error('mistake', { revision, ...where, said: message });
  }

  async function keep(next: LastGood, { mayWrite }: Turn): Promise<void> {
    await mayWrite();
    await options.lastGood.save(next);
    good = next;
    status.change({ inForce: inForceOf(next) });
  }

  async function carryOut(
    current: LastGood,
    { log, running, turn }: UnderWay,
    { watch }: Pick<PassRequest, 'watch'>,
  ): Promise<Ending> {
    const verdict = verdictOn(current.revision, current.bytes);
    if ('mistakes' in verdict) return outlived(statusMistakes(verdict.mistakes, file));
    options.onSettings(verdict.settings);
    // What a person pushed is done once, whatever is to become of drift afterwards.
    const apply = verdict.settings.drift === 'repair' || !current.applied;
    await turn.mayWrite();
    running({ step: 'plan', revision: current.revision });
    const report = await options.reconcile({
      text: current.bytes,
      revision: current.revision,
      apply,
      watch,
      allow: current.allow,
      turn,
      onProgress: (progress) => running({ step: 'apply', ...progress }),
    });
    const errors = report.mistakes.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) return outlived(statusMistakes(errors, file));
    const before = status.current().gates ?? [];
    const seen = redactDeep(gatesSeen(report, before, { now: clock.now(), all: watch }), options.redact);
    status.change({ gates: seen });
    tellNews(log, before, seen);
    const summary = summarise(report, apply, file);
    if (turn.signal.aborted) return { ...summary, ...cutShort(turn), report };
    if (summary.result === 'done' && apply && !current.applied)
      await keep({ ...current, applied: true }, turn);
    return { ...summary, retryAfter: retryDelayOf(report), expiring: expiringIn(report), report };
  }
}
