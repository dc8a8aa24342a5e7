import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { readStatusFile } from '../../daemon/status/status-file.ts';
import type { LastRun, Status } from '../../report/status/status.ts';
import { notAsTold, untilAnswered } from './told.ts';

/** `gates run` as a separate process, and its own status. */
export interface DaemonProcess {
  readonly pid: number;
  readonly statusUrl: string;
  readonly hooksUrl: string;
  status(): Promise<Status>;
  /** Waits for the end of a run that comes after the run `before`, and for which `told` is true. */
  ran(before: string | undefined, told: (run: LastRun, status: Status) => boolean): Promise<Status>;
  /** Sends SIGHUP: check now, without a push. */
  hangUp(): void;
  /** Sends SIGTERM, then SIGKILL if the process does not end. */
  stop(): Promise<void>;
}

export interface DaemonProcessOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly stateDir: string;
  readonly logFile: string;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** More than the daemon itself allows its last step. */
const GRACE = 12_000;

/** Starts the daemon and waits for its first run. If it ends before that, throws the text of its log. */
export async function startDaemon(options: DaemonProcessOptions): Promise<DaemonProcess> {
  const { environment, stateDir, logFile, cwd, signal } = options;
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(process.execPath, gatesCommand('run'), {
    cwd,
    env: environment,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  const exit = endOf(child);
  const killNow = () => void child.kill('SIGKILL');
  process.once('exit', killNow);

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    const late = setTimeout(killNow, GRACE);
    await exit.promise;
    clearTimeout(late);
    process.off('exit', killNow);
  }

  async function alive(): Promise<void> {
    if (exit.reason === undefined) return;
    const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
    throw notAsTold(`the daemon ended (${exit.reason})\n${lines.slice(-5).join('\n')}`);
  }

  try {
    const listening = await untilAnswered(
      'the daemon to listen',
      async () => {
        await alive();
        return (await readStatusFile(stateDir))?.listening;
      },
      signal,
    );
    const daemon: DaemonProcess = {
      pid: child.pid ?? 0,
      statusUrl: listening.status,
      hooksUrl: listening.hooks,
      async status() {
        await alive();
        const reply = await fetch(new URL('/api/status', listening.status));
        return (await reply.json()) as Status;
      },
      ran(before, told) {
        const ended = async () => {
          const status = await daemon.status();
          const run = status.lastRun;
          if (run === undefined || run.id === before || status.running !== undefined) return undefined;
          if (run.result === 'error') throw notAsTold(`the run ended with: ${run.error}`);
          return told(run, status) ? status : undefined;
        };
        return untilAnswered('the daemon to end a run', ended, signal);
      },
      hangUp: () => void child.kill('SIGHUP'),
      stop,
    };
    await daemon.ran(undefined, () => true);
    return daemon;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The arguments of this program with another command: the bundle, or the source if Node runs that. */
export function gatesCommand(...args: readonly string[]): readonly string[] {
  return [...process.execArgv, process.argv[1] ?? '', ...args];
}

interface End {
  readonly promise: Promise<void>;
  /** The reason why the process ended; undefined while it lives. */
  reason: string | undefined;
}

function endOf(child: ChildProcess): End {
  const end: End = {
    reason: undefined,
    promise: once(child, 'exit').then(
      ([code, killed]) => {
        end.reason = killed === null ? `exit code ${code}` : String(killed);
      },
      (error: unknown) => {
        end.reason = String(error);
      },
    ),
  };
  return end;
}
