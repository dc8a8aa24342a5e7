import { hostname } from 'node:os';
import path from 'node:path';
import type { GitSource } from '../clients/git.ts';
import type { Redactor } from '../clients/redaction.ts';
import { createHistory } from '../clients/state/history.ts';
import { createNotes } from '../clients/state/notes.ts';
import type { Clock } from '../core/world.ts';
import type { Status } from '../report/status.ts';
import { followSchedule, followWatch } from './follow-schedule.ts';
import { createHooks } from './hooks.ts';
import { createHttp } from './http.ts';
import { type LastGood, lastGoodFile } from './last-good.ts';
import type { Lease } from './lease.ts';
import { type ListenAddress, listen } from './listener.ts';
import type { Log } from './log.ts';
import { runLoop } from './loop.ts';
import type { Metrics } from './metrics.ts';
import { createNotifier, type Notifier } from './notices/notifier.ts';
import { receiverMaker } from './notices/receivers.ts';
import { type CommitPlace, type Observer, openObserver } from './observer.ts';
import { openRepository, type RepositorySettings } from './open-repository.ts';
import { type Check, createPass, type LoopSettings, type Reconcile } from './pass.ts';
import { inForceOf } from './pass-ending.ts';
import { passesInTurns } from './pass-turns.ts';
import { createRecorder } from './recorder.ts';
import { replayFile } from './replay.ts';
import { logOfRun } from './run-log.ts';
import { cronSchedule, type Schedule } from './schedule.ts';
import { serveInTurns } from './standby.ts';
import { readStatusFile, type StatusFile, statusFile } from './status-file.ts';
import { createTriggers, type Triggers } from './triggers.ts';

/** What `gates run` is told by its environment. */
export interface DaemonSettings extends RepositorySettings {
  /** Of gates itself, for the status. */
  readonly version: string;
  readonly listen: ListenAddress;
  readonly hooksListen: ListenAddress;
  readonly webhookSecret?: string;
}

/** What the daemon is built on; tests hand in their own. */
export interface DaemonParts {
  readonly check: Check;
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  readonly log: Log;
  readonly redactor: Redactor;
  readonly metrics: Metrics;
  /** Where commits are told what came of them, where that was asked for. */
  readonly commits?: CommitPlace;
  /** Calls the listener on each SIGHUP, until the answer is called. */
  readonly onHangup: (listener: () => void) => () => void;
  readonly schedule?: (onTick: () => void) => Schedule;
  readonly random?: () => number;
  /** Milliseconds in which a client of either listener has to send its whole request. */
  readonly requestTimeout?: number;
  /** Called once both listeners are bound. */
  readonly onListening?: (listening: NonNullable<Status['listening']>) => void;
}

/** Until a file says otherwise: the defaults of gates.yaml. */
const DEFAULTS: LoopSettings = {
  schedule: '*/5 * * * *',
  timezone: 'UTC',
  drift: 'repair',
  probe: undefined,
};

/** Of the 10 seconds from SIGTERM to the end, what the current step may take. */
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
  // Who stands by has nothing to look at, and is not to die of being asked.
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
  const close = await openListeners(settings, parts, { status, triggers, observer });
  const schedule = (parts.schedule ?? cronSchedule)(() => triggers.request({ type: 'schedule' }));
  const watch = (parts.schedule ?? cronSchedule)(() => triggers.request({ type: 'probe' }));
  const unhook = parts.onHangup(() => triggers.request({ type: 'signal' }));
  const notifier = openNotifier(settings, { ...parts, log: inRun }, held.stop);
  const follow = (wanted: LoopSettings) => {
    notifier.follow(wanted.notify ?? [], wanted.timezone);
    followSchedule(schedule, wanted, status, inRun);
    followWatch(watch, wanted, inRun);
  };
  const pass = createPass({
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
    onSettings: follow,
    nextRun: () => schedule.next(),
    record: observer.recorder(createRecorder(createHistory(settings.stateDir), parts)),
    onEnd: observer.ended(notifier.ended),
    signal: held.stop,
  });
  follow(DEFAULTS);
  triggers.request({ type: 'start' });
  const random = parts.random ?? Math.random;
  const { lease, stop } = held;
  const inTurns = passesInTurns(pass, { stateDir: settings.stateDir, lease, status, clock, log, stop });
  const loop = runLoop({ triggers, pass: inTurns, clock, signal: stop, random });
  try {
    await Promise.race([aborted(held.stop), loop]);
    status.change({ phase: 'stopping' });
    log.info('stopping');
    return await endsInTime(loop, clock);
  } finally {
    schedule.stop();
    watch.stop();
    unhook();
    await close();
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

/** What the listeners stand in front of. */
interface Behind {
  readonly status: StatusFile;
  readonly triggers: Triggers;
  readonly observer: Observer;
}

/** What does not begin anew with the process: since when a gate is as it is, what ends when, when all was well. */
function outliving(before: Partial<Status> = {}): Partial<Status> {
  const { gates, expiring, succeededAt } = before;
  return {
    ...(gates !== undefined && { gates }),
    ...(expiring !== undefined && { expiring }),
    ...(succeededAt !== undefined && { succeededAt }),
  };
}

async function openListeners(
  settings: DaemonSettings,
  parts: DaemonParts,
  { status, triggers, observer }: Behind,
): Promise<() => Promise<void>> {
  const { log, clock } = parts;
  const { webhookSecret, branch } = settings;
  const replays = await replayFile(settings.stateDir);
  const hooks = createHooks({
    ...(webhookSecret === undefined ? {} : { secret: webhookSecret }),
    branch,
    replays,
    clock,
    log,
    onPush: (revision) => triggers.request({ type: 'push', ...(revision === undefined ? {} : { revision }) }),
  });
  const http = createHttp(observer.http);
  const given = parts.requestTimeout === undefined ? {} : { requestTimeout: parts.requestTimeout };
  const statusListener = await listen(http, settings.listen, { variable: 'GATES_LISTEN', ...given });
  const hooksOptions = { variable: 'GATES_HOOKS_LISTEN', ...given };
  const hooksListener = await listen(hooks, settings.hooksListen, hooksOptions).catch(async (error) => {
    await statusListener.close();
    throw error;
  });
  const signed = webhookSecret !== undefined;
  const listening = { status: statusListener.url, hooks: hooksListener.url, signed };
  status.change({ listening });
  log.info('listening', listening);
  if (!signed)
    log.warn('no GATES_WEBHOOK_SECRET is set: every webhook is refused, pushes wait for the schedule');
  parts.onListening?.(listening);
  return async () => {
    await Promise.all([statusListener.close(), hooksListener.close()]);
    status.change({ listening: undefined });
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
