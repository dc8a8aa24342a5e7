import { hostname } from 'node:os';
import path from 'node:path';
import type { GitSource } from '../clients/git/git.ts';
import type { Redactor } from '../clients/redaction.ts';
import { createHistory } from '../clients/state/history.ts';
import { createNotes } from '../clients/state/notes.ts';
import type { Clock } from '../core/world.ts';
import type { RunEnd } from '../report/notices/trouble.ts';
import type { Status } from '../report/status/status.ts';
import { openActions } from './actions/open-actions.ts';
import type { Lease } from './lease/lease.ts';
import { readPaused } from './lease/paused.ts';
import { serveInTurns } from './lease/standby.ts';
import { type ListenerParts, type ListenerSettings, openListeners } from './listeners.ts';
import { createRecorder } from './log/recorder.ts';
import { redactDeep } from './log/redact-deep.ts';
import { createNotifier, type Notifier } from './notices/notifier.ts';
import { receiverMaker } from './notices/receivers.ts';
import { type CommitPlace, openObserver } from './observer.ts';
import { createDaemonRun, type Reconcile } from './run/daemon-run.ts';
import { followKeys, followSchedule, followWatch } from './run/follow-schedule.ts';
import { type LastGood, lastGoodFile } from './run/last-good.ts';
import { runLoop } from './run/loop.ts';
import { openRepository, type RepositorySettings } from './run/open-repository.ts';
import { inForceOf } from './run/run-ending.ts';
import { runsInTurns } from './run/run-turns.ts';
import type { Check, LoopSettings } from './run/verdicts.ts';
import type { Metrics } from './status/metrics.ts';
import { logOfRun } from './status/run-log.ts';
import { readStatusFile, statusFile } from './status/status-file.ts';
import { createJitter } from './triggers/jitter.ts';
import { watchPause } from './triggers/pause-watch.ts';
import { cronSchedule, type Schedule } from './triggers/schedule.ts';
import { createTriggers } from './triggers/triggers.ts';
import { createWindowWatch } from './triggers/window-watch.ts';

/** The settings of `gates run`, from its environment. */
export interface DaemonSettings extends RepositorySettings, ListenerSettings {
  /** The version of gates, for the status. */
  readonly version: string;
}

/** The parts from which the daemon is built; tests pass their own. */
export interface DaemonParts extends ListenerParts {
  readonly check: Check;
  readonly reconcile: Reconcile;
  readonly redactor: Redactor;
  readonly metrics: Metrics;
  /** The place where commits get their status, if the environment asks for that. */
  readonly commits?: CommitPlace;
  /** Calls the listener on each SIGHUP, until the answer is called. */
  readonly onHangup: (listener: () => void) => () => void;
  readonly schedule?: (onTick: () => void) => Schedule;
  readonly random?: () => number;
  /** Milliseconds by which leases are judged, of a clock that nobody sets; default: `performance.now`. */
  readonly elapsed?: () => number;
}

/** Until a file says otherwise: the defaults of gates.yaml. */
const DEFAULTS: LoopSettings = {
  schedule: '*/5 * * * *',
  timezone: 'UTC',
  drift: 'repair',
  probe: undefined,
  jitter: 0,
  windows: [],
};

/** The part of the 10 seconds from SIGTERM to the end that the current step may take; milliseconds. */
const GRACE = 8_000;

/**
 * Runs until the signal is aborted; then the current step is finished and everything let go. Nothing is bound
 * or written before the lease is held, and once it is lost to another one, this one stands by again.
 *
 * Throws ConfigError for an address or a repository that cannot be used, UnsafeError when the lease was lost and the
 * current step did not end in time. When it does not end in time after the signal it returns all the same: end the
 * process then.
 */
export async function runDaemon(
  settings: DaemonSettings,
  parts: DaemonParts,
  signal: AbortSignal,
): Promise<void> {
  const git = openRepository(settings, parts.redactor);
  if (settings.webhookSecret !== undefined) parts.redactor.register(settings.webhookSecret);
  // A standby has no run to start, but SIGHUP must not kill it.
  const unhook = parts.onHangup(() => {});
  try {
    await serveInTurns({ ...parts, stateDir: settings.stateDir, signal }, (lease) =>
      serve(settings, parts, { git, lease, stop: AbortSignal.any([signal, lease.lost]) }),
    );
  } finally {
    unhook();
  }
}

interface Held {
  readonly git: GitSource;
  readonly lease: Lease;
  readonly stop: AbortSignal;
}

/** Everything between the lease and its release; false when a step was still under way at the end. */
async function serve(settings: DaemonSettings, parts: DaemonParts, held: Held): Promise<boolean> {
  const { log, clock } = parts;
  const lastGood = lastGoodFile(settings.stateDir);
  const good = await lastGood.load();
  const before = await readStatusFile(settings.stateDir).catch(() => undefined);
  const first = { ...firstStatus(settings, held.git, good, clock), ...outliving(before) };
  const tell = (error: unknown) => log.error('status not written', { error });
  const status = statusFile(settings.stateDir, first, clock, tell, held.lease.confirm);
  const inRun = logOfRun(log, status);
  const observer = await openObserver({
    ...settings,
    ...parts,
    status,
    lease: held.lease,
    redact: parts.redactor.redact,
    signal: held.stop,
  });
  const triggers = observer.triggers(createTriggers());
  const notifier = openNotifier(settings, { ...parts, log: inRun }, held.stop);
  let lastEnd: RunEnd | undefined;
  const actions = await openActions({
    ...settings,
    ...parts,
    lease: held.lease,
    status,
    triggers,
    // People are told at once, not only after the next run: what else was wrong is as it was.
    onEnded: () => void (lastEnd && notifier.ended({ ...lastEnd, status: status.current() })),
    signal: held.stop,
  });
  const verdict = good && (await parts.check(good.bytes));
  let given: LoopSettings['doors'];
  let doors: LoopSettings['doors'];
  const showDoors = (wanted: LoopSettings) => {
    // Most runs meet the file of the run before.
    if (wanted.doors === undefined || wanted.doors === given) return;
    given = wanted.doors;
    doors = redactDeep(given, parts.redactor.redact);
  };
  if (verdict !== undefined && 'settings' in verdict) showDoors(verdict.settings);
  const close = await openListeners(settings, parts, {
    ...{ status, triggers, observer, actions },
    doors: () => doors,
  });
  const random = parts.random ?? Math.random;
  const ahead = { clock, random, signal: held.stop };
  const jitter = createJitter(ahead);
  const later = (type: 'schedule' | 'probe' | 'keys') => jitter.before(() => triggers.request({ type }));
  const schedule = (parts.schedule ?? cronSchedule)(later('schedule'));
  const watch = (parts.schedule ?? cronSchedule)(later('probe'));
  const keys = (parts.schedule ?? cronSchedule)(later('keys'));
  const windows = createWindowWatch(() => triggers.request({ type: 'window' }), ahead);
  const read = () => readPaused(settings.stateDir);
  const paused = watchPause({ read, triggers, clock, log, signal: held.stop });
  const unhook = parts.onHangup(() => triggers.request({ type: 'signal' }));
  const follow = (wanted: LoopSettings) => {
    notifier.follow(wanted.notify ?? [], wanted.timezone);
    followSchedule(schedule, wanted, status, inRun);
    followWatch(watch, wanted, inRun);
    followKeys(keys, wanted, inRun);
    windows.set(wanted.windows, wanted.timezone);
    jitter.set(wanted.jitter);
    if (wanted.actions !== undefined) actions.follow(wanted.actions);
    showDoors(wanted);
  };
  const daemonRun = createDaemonRun({
    git: observer.git(held.git),
    lastGood,
    good,
    check: parts.check,
    reconcile: parts.reconcile,
    status,
    file: settings.file,
    clock,
    log,
    redact: parts.redactor.redact,
    paused,
    onSettings: follow,
    nextRun: () => schedule.next(),
    record: observer.recorder(createRecorder(createHistory(settings.stateDir), parts)),
    onEnd: observer.ended(async (end) => {
      lastEnd = end;
      await notifier.ended(end);
    }),
    signal: held.stop,
  });
  follow(DEFAULTS);
  // Known before the first run, which may wait long for the repository: a call is not turned away meanwhile.
  if (verdict !== undefined && 'settings' in verdict && verdict.settings.actions !== undefined)
    actions.follow(verdict.settings.actions);
  triggers.request({ type: 'start' });
  const { lease, stop } = held;
  const { elapsed } = parts;
  const turns = { stateDir: settings.stateDir, lease, status, clock, log, stop };
  const inTurns = runsInTurns(daemonRun, { ...turns, ...(elapsed && { elapsed }) });
  const loop = runLoop({ triggers, run: inTurns, clock, signal: stop, random });
  try {
    await Promise.race([aborted(held.stop), loop]);
    status.change({ phase: 'stopping' });
    log.info('stopping');
    return await endsInTime(loop, clock);
  } finally {
    schedule.stop();
    watch.stop();
    keys.stop();
    unhook();
    await close();
    await actions.queue.settled();
    await Promise.all([notifier.settled(), observer.settled()]);
    status.change({ phase: 'stopped' });
    await status.written();
    log.info('stopped');
  }
}

function firstStatus(
  settings: DaemonSettings,
  git: GitSource,
  good: LastGood | undefined,
  clock: Clock,
): Status {
  const now = clock.now().toISOString();
  return {
    version: settings.version,
    pid: process.pid,
    host: hostname(),
    since: now,
    updatedAt: now,
    phase: 'starting',
    repository: { url: git.url, branch: settings.branch, file: settings.file },
    ...(good === undefined ? {} : { inForce: inForceOf(good) }),
  };
}

/**
 * The parts of the status that outlive the process: since when a gate is in its state or a revision waits, what ends
 * when, and when everything was well.
 */
function outliving(before: Partial<Status> = {}): Partial<Status> {
  const { gates, expiring, rotations, succeededAt, upcoming } = before;
  return {
    ...(upcoming !== undefined && { upcoming }),
    ...(gates !== undefined && { gates }),
    ...(expiring !== undefined && { expiring }),
    ...(rotations !== undefined && { rotations }),
    ...(succeededAt !== undefined && { succeededAt }),
  };
}

function openNotifier(settings: DaemonSettings, parts: DaemonParts, signal: AbortSignal): Notifier {
  const { clock, log, redactor } = parts;
  const { environment, stateDir } = settings;
  return createNotifier({
    notes: createNotes(path.join(stateDir, 'notes')),
    receiver: receiverMaker({ environment, stateDir, clock, redactor }),
    clock,
    log,
    redact: redactor.redact,
    signal,
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function endsInTime(loop: Promise<void>, clock: Clock): Promise<boolean> {
  const ended = new AbortController();
  const tooLate = clock.sleep(GRACE, ended.signal).then(
    () => false,
    () => true,
  );
  const inTime = await Promise.race([loop.then(() => true), tooLate]);
  ended.abort();
  return inTime;
}
