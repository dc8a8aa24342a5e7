import path from 'node:path';
import type { GitSource } from '../clients/git/git.ts';
import type { Redactor } from '../clients/redaction.ts';
import { createHistory } from '../clients/state/history.ts';
import { createNotes } from '../clients/state/notes.ts';
import type { Clock } from '../core/world.ts';
import type { RunEnd } from '../report/notices/trouble.ts';
import { type Actions, openActions } from './actions/open-actions.ts';
import type { Lease } from './lease/lease.ts';
import { readPaused } from './lease/paused.ts';
import { serveInTurns } from './lease/standby.ts';
import { type ListenerParts, type ListenerSettings, openListeners } from './listeners.ts';
import type { Log } from './log/log.ts';
import { createRecorder } from './log/recorder.ts';
import { createNotifier, type Notifier } from './notices/notifier.ts';
import { receiverMaker } from './notices/receivers.ts';
import { type CommitPlace, type Observer, openObserver } from './observer.ts';
import { createDaemonRun, type DaemonRun } from './run/daemon-run.ts';
import { firstStatus } from './run/first-status.ts';
import { type LastGood, lastGoodFile } from './run/last-good.ts';
import { runLoop } from './run/loop.ts';
import { openRepository, type RepositorySettings } from './run/open-repository.ts';
import type { Reconcile } from './run/run-request.ts';
import { runsInTurns } from './run/run-turns.ts';
import { createShownDoors } from './run/shown-doors.ts';
import { createTimes, type Times } from './run/times.ts';
import type { Check, LoopSettings } from './run/verdicts.ts';
import type { Metrics } from './status/metrics.ts';
import { logOfRun } from './status/run-log.ts';
import { readStatusFile, type StatusFile, statusFile } from './status/status-file.ts';
import { watchPause } from './triggers/pause-watch.ts';
import type { Schedule } from './triggers/schedule.ts';
import { createTriggers, type Triggers } from './triggers/triggers.ts';

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
  /** The place where commits get their status, if the environment asks for one. */
  readonly commits?: CommitPlace;
  /** Calls the listener on each SIGHUP, until the returned function is called. */
  readonly onHangup: (listener: () => void) => () => void;
  readonly schedule?: (onTick: () => void) => Schedule;
  readonly random?: () => number;
  /** Milliseconds of a clock that nobody adjusts, for leases; default: `performance.now`. */
  readonly elapsed?: () => number;
}

/** The defaults of gates.yaml, used until a file was read. */
const DEFAULTS: LoopSettings = {
  schedule: '*/5 * * * *',
  timezone: 'UTC',
  drift: 'repair',
  probe: undefined,
  jitter: 0,
  windows: [],
};

/** The part of the 10 seconds after SIGTERM that the current step may take; milliseconds. */
const GRACE = 8_000;

/**
 * Runs until the signal is aborted; then it finishes the current step and releases everything. It binds and writes
 * nothing before it holds the lease, and stands by again after another process took the lease.
 *
 * Throws ConfigError for an unusable address or repository, UnsafeError if the lease was lost and the current step did
 * not end in time. If the step does not end in time after the signal, this function returns nevertheless: end the
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

/** Everything between the lease and its release; false if a step was still in progress at the end. */
async function serve(settings: DaemonSettings, parts: DaemonParts, held: Held): Promise<boolean> {
  const { log, clock, random = Math.random, elapsed } = parts;
  const { lease, stop } = held;
  const good = await lastGoodFile(settings.stateDir).load();
  const surroundings = await openSurroundings(settings, parts, held, good);
  const { status, inRun, observer, triggers, notifier, actions } = surroundings;
  const doors = createShownDoors(parts.redactor.redact);
  const verdict = good && (await parts.check(good.bytes));
  const known = verdict !== undefined && 'settings' in verdict ? verdict.settings : undefined;
  if (known !== undefined) doors.show(known);
  const close = await openListeners(settings, parts, {
    ...{ status, triggers, observer, actions },
    doors: doors.current,
  });
  const times = createTimes({ ...parts, triggers, status, log: inRun, random, signal: stop });
  const follow = (wanted: LoopSettings) => {
    notifier.follow(wanted.notify ?? [], wanted.timezone);
    times.follow(wanted);
    if (wanted.actions !== undefined) actions.follow(wanted.actions);
    doors.show(wanted);
  };
  const run = openRun(settings, parts, { ...held, ...surroundings, times, follow, good });
  const unhook = parts.onHangup(() => triggers.request({ type: 'signal' }));
  follow(DEFAULTS);
  // Known before the first run, which may wait long for the repository: meanwhile calls are not refused.
  if (known?.actions !== undefined) actions.follow(known.actions);
  triggers.request({ type: 'start' });
  const turns = { stateDir: settings.stateDir, lease, status, clock, log, stop };
  const inTurns = runsInTurns(run, { ...turns, ...(elapsed && { elapsed }) });
  const loop = runLoop({ triggers, run: inTurns, clock, signal: stop, random });
  try {
    await Promise.race([aborted(stop), loop]);
    status.change({ phase: 'stopping' });
    log.info('stopping');
    return await endsInTime(loop, clock);
  } finally {
    times.stop();
    unhook();
    await close();
    await actions.queue.settled();
    await Promise.all([notifier.settled(), observer.settled()]);
    status.change({ phase: 'stopped' });
    await status.written();
    log.info('stopped');
  }
}

/** The parts around the runs, which do not depend on a file. */
interface Surroundings {
  readonly status: StatusFile;
  readonly inRun: Log;
  readonly observer: Observer;
  readonly triggers: Triggers;
  readonly notifier: Notifier;
  readonly actions: Actions;
  /** Notifies people, and keeps the end for actions that end between two runs. */
  readonly onEnd: (end: RunEnd) => Promise<void>;
}

async function openSurroundings(
  settings: DaemonSettings,
  parts: DaemonParts,
  { git, lease, stop }: Held,
  good: LastGood | undefined,
): Promise<Surroundings> {
  const { log, clock, redactor } = parts;
  const { stateDir, version, branch, file } = settings;
  const before = await readStatusFile(stateDir).catch(() => undefined);
  const repository = { url: git.url, branch, file };
  const first = firstStatus({ version, repository, good, before }, clock);
  const tell = (error: unknown) => log.error('status not written', { error });
  const status = statusFile(stateDir, first, clock, tell, lease.confirm);
  const inRun = logOfRun(log, status);
  const shared = { ...settings, ...parts, status, lease, signal: stop };
  const observer = await openObserver({ ...shared, redact: redactor.redact });
  const triggers = observer.triggers(createTriggers());
  const notifier = openNotifier(settings, { ...parts, log: inRun }, stop);
  let lastEnd: RunEnd | undefined;
  const actions = await openActions({
    ...{ ...shared, triggers },
    // Notifies people at once, before the next run. All other troubles are those of the last run.
    onEnded: () => void (lastEnd && notifier.ended({ ...lastEnd, status: status.current() })),
  });
  const onEnd = async (end: RunEnd) => {
    lastEnd = end;
    await notifier.ended(end);
  };
  return { status, inRun, observer, triggers, notifier, actions, onEnd };
}

interface RunGround extends Held, Pick<Surroundings, 'status' | 'observer' | 'triggers' | 'onEnd'> {
  readonly times: Times;
  readonly follow: (wanted: LoopSettings) => void;
  readonly good: LastGood | undefined;
}

function openRun(
  { stateDir, file }: DaemonSettings,
  parts: DaemonParts,
  { git, stop, status, observer, triggers, onEnd, times, follow, good }: RunGround,
): DaemonRun {
  const { log, clock, redactor, check, reconcile } = parts;
  const paused = watchPause({ read: () => readPaused(stateDir), triggers, clock, log, signal: stop });
  return createDaemonRun({
    ...{ check, reconcile, status, file, clock, log, paused, good },
    git: observer.git(git),
    lastGood: lastGoodFile(stateDir),
    redact: redactor.redact,
    onSettings: follow,
    nextRun: times.nextRun,
    record: observer.recorder(createRecorder(createHistory(stateDir), parts)),
    onEnd: observer.ended(onEnd),
    signal: stop,
  });
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
