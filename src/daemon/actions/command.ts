import { spawn } from 'node:child_process';
import type { CommandStart } from '../../config/model/config.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Clock } from '../../core/world.ts';
import { keepTail } from './kept-output.ts';

/** A command as it is started: everything comes from the file and the daemon's environment. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly directory: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** The result of a command. */
export interface CommandEnd {
  /** Absent if a signal ended it, or if it never started. */
  readonly exit?: number;
  readonly signal?: string;
  /** The reason why it failed, apart from exit status and signal. */
  readonly reason?: string;
  /** The end of its output. */
  readonly output: Buffer;
}

export interface CommandLimits {
  /** Milliseconds. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Aborted: end the command now. */
  readonly signal: AbortSignal;
  readonly onStart: (pid: number) => void;
}

/** The variables of the daemon's environment that every command gets. */
const ALWAYS: readonly string[] = ['PATH', 'HOME', 'LANG'];
/** Secrets with which gates itself logs in, and the files that hold them. */
const OWN =
  /^(?:CLOUDFLARE_(?:API|WORKERS)_TOKEN|AUTHENTIK_TOKEN|GATES_(?:GIT_TOKEN|WEBHOOK_SECRET|FORGE_TOKEN|VAULT_KEY)|GATES_GIT_SSH_KEY)(?:_FILE)?$/;
/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE = 5_000;
/** Milliseconds for the rest of the output to arrive after the command has ended. */
const DRAIN = 500;

/**
 * The command of an action: program and arguments from the file, and from the environment the variables that every
 * command gets and those that the action names.
 * @throws ConfigError for a variable that is not set, or that is a secret of gates itself.
 */
export function commandOf(
  { command, directory, environment: names }: CommandStart,
  surroundings: Readonly<Record<string, string | undefined>>,
): Command {
  const [program = '', ...args] = command;
  const own = names.find((name) => OWN.test(name));
  if (own !== undefined) {
    throw new ConfigError('A variable of gates itself is not for commands', {
      hint: `Give the command a token of its own, under another name than ${own}`,
    });
  }
  const missing = names.find((name) => surroundings[name] === undefined);
  if (missing !== undefined) {
    throw new ConfigError('A variable that the action names is not set', {
      hint: `Set ${missing} where the daemon runs`,
    });
  }
  const environment = [...ALWAYS, ...names].flatMap((name) => {
    const value = surroundings[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { program, args, directory, environment: Object.fromEntries(environment) };
}

/**
 * Runs a command without a shell and without standard input, in its own process group. The complete group ends at the
 * timeout, when the signal is aborted, and when the command itself ends.
 */
export function runCommand(
  { program, args, directory, environment }: Command,
  { timeout, clock, signal, onStart }: CommandLimits,
): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const output = keepTail();
    const child = spawn(program, [...args], {
      cwd: directory,
      env: { ...environment },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let reason: string | undefined;
    const settled = new AbortController();
    /** Runs the action after so many milliseconds, unless the command has ended by then. */
    function after(milliseconds: number, action: () => void): void {
      clock.sleep(milliseconds, settled.signal).then(action, () => {});
    }
    function end(why: string): void {
      if (reason !== undefined) return;
      reason = why;
      killGroup(child.pid, 'SIGTERM');
      after(GRACE, () => killGroup(child.pid, 'SIGKILL'));
    }
    const onAbort = () => end('told to end, since the daemon ends');
    after(timeout, () => end(`not at its end after ${timeout / 1000} s`));
    function settle(result: Omit<CommandEnd, 'output'>): void {
      settled.abort();
      signal.removeEventListener('abort', onAbort);
      resolve({ ...result, output: output.bytes() });
    }
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    child.stdout.on('data', output.add);
    child.stderr.on('data', output.add);
    child.on('error', (error) => {
      if (child.pid === undefined) settle({ reason: notStarted(error) });
    });
    // A process left in the group would run beside the next command; one that left the group may keep the pipes open.
    child.on('exit', () => {
      after(DRAIN, () => {
        killGroup(child.pid, 'SIGKILL');
        after(DRAIN, () => void [child.stdout, child.stderr].map((pipe) => pipe.destroy()));
      });
    });
    child.on('close', (exit, by) => {
      if (child.pid === undefined) return;
      killGroup(child.pid, 'SIGKILL');
      settle({
        ...(exit !== null && { exit }),
        ...(by !== null && { signal: by }),
        ...(reason !== undefined && { reason }),
      });
    });
    if (child.pid !== undefined) onStart(child.pid);
  });
}

function notStarted(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'not started: the program or the directory is not there';
  if (code === 'EACCES') return 'not started: the program or the directory may not be used';
  return `not started: ${code ?? 'unknown reason'}`;
}

/** Sends a signal to every process of a group, if the group still exists. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
