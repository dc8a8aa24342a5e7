import { spawn } from 'node:child_process';

export interface ProgramCall {
  readonly directory: string;
  /** The complete environment of the program. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its standard input; absent: none. */
  readonly input?: Uint8Array;
  /** Milliseconds. */
  readonly timeout: number;
  /** The most that it may print, in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

export interface ProgramEnd {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  /** The last 64 KiB of its standard error. */
  readonly said: string;
}

/** The reason why a program did not end by itself. */
export class ProgramFailure extends Error {
  readonly reason: 'missing' | 'timeout' | 'aborted' | 'output';

  constructor(reason: ProgramFailure['reason'], cause?: unknown) {
    super('a program did not come to its own end', { cause });
    this.name = 'ProgramFailure';
    this.reason = reason;
  }
}

const MAX_SAID = 64 * 1024;
/** Milliseconds that a program gets to clean up after SIGTERM. */
const GRACE = 1_000;

/**
 * Runs a program to its end, in a process group of its own: if only git is stopped, it leaves its ssh and its other
 * children running. Throws ProgramFailure.
 */
export function runProgram(program: string, args: readonly string[], call: ProgramCall): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    if (call.signal?.aborted) {
      reject(new ProgramFailure('aborted', call.signal.reason));
      return;
    }
    const child = spawn(program, [...args], {
      cwd: call.directory,
      env: call.environment,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const printed: Buffer[] = [];
    let size = 0;
    let errorText = '';
    let failure: ProgramFailure | undefined;
    let lastResort: NodeJS.Timeout | undefined;

    function end(reason: ProgramFailure['reason'], cause?: unknown): void {
      if (failure !== undefined) return;
      failure = new ProgramFailure(reason, cause);
      child.stdout.destroy();
      child.stderr.destroy();
      killGroup(child.pid, 'SIGTERM');
      lastResort = setTimeout(() => killGroup(child.pid, 'SIGKILL'), GRACE);
    }
    const onAbort = () => end('aborted', call.signal?.reason);
    call.signal?.addEventListener('abort', onAbort, { once: true });
    const tooLong = setTimeout(() => end('timeout'), call.timeout);
    function settle(): void {
      clearTimeout(tooLong);
      clearTimeout(lastResort);
      call.signal?.removeEventListener('abort', onAbort);
    }

    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > call.maxBytes) end('output');
      else printed.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errorText = (errorText + chunk).slice(-MAX_SAID);
    });
    // A program that ends before it has read everything reports the reason by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(call.input);
    child.on('error', (error) => {
      settle();
      reject(new ProgramFailure('missing', error));
    });
    child.on('close', (code) => {
      settle();
      if (failure === undefined) {
        resolve({ code, stdout: Buffer.concat(printed), said: errorText.trim() });
        return;
      }
      // Processes of its group that survived SIGTERM work for nobody now.
      killGroup(child.pid, 'SIGKILL');
      reject(failure);
    });
  });
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
