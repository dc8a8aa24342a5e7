import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createForge, type Forge } from '../../daemon/forge.ts';
import { head } from '../support/file-head.ts';
import {
  type Call,
  collect,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/** A call, and the holder of its token. */
export interface CalledBy extends Call {
  readonly caller: string;
}

/** A process of the daemon. Two of them share a state directory, and each has its own token. */
export interface DaemonProcess {
  readonly caller: string;
  readonly child: ChildProcess;
  /** The messages of its log, in order. */
  messages(): readonly string[];
  log(): string;
  /** Resolves once its log has `times` lines with this message. */
  said(message: string, times?: number): Promise<void>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** The world of two daemons: the sandbox, a repository, one state directory. */
export interface TwoDaemons {
  readonly sandbox: SandboxProcess;
  readonly forge: Forge;
  readonly directory: string;
  /** The environment for commands. */
  readonly env: Readonly<Record<string, string>>;
  tokenOf(caller: string): string;
  launch(caller: string): DaemonProcess;
  calls(): Promise<readonly CalledBy[]>;
  /** The number of the last call so far. */
  lastCall(): Promise<number>;
  end(): Promise<void>;
}

/** The gate of every host in the file. */
const gate = '{ cloudflare: { emails: [me@example.dev] } }';

/** A gates.yaml with these services. Its schedule is yearly, so that the time of day starts no run in a test. */
export function fileWith(...names: readonly string[]): string {
  return `${head}reconcile: { schedule: "0 3 1 1 *", limits: { prune: 100%, change: 100% } }
services:
${names.map((name) => `  ${name}: { host: ${name}.example.dev, origin: app, gate: ${gate} }`).join('\n')}
`;
}

interface SandboxState {
  readonly apiTokens: readonly Readonly<Record<string, string>>[];
  readonly budget: Readonly<Record<string, number>>;
}

/** Starts the world with a token for each caller. `delay` is the duration of every API call in milliseconds. */
export async function twoDaemons(callers: readonly string[], delay: number): Promise<TwoDaemons> {
  const directory = await temporaryDirectory();
  const sandbox = await startSandboxProcess(['--delay', String(delay)]);
  const forge = createForge(directory);
  const state = (await sandbox.admin('GET', '/state')) as SandboxState;
  const tokenOf = (caller: string) => `token-of-${caller}`;
  const more = callers.map((caller) => ({
    id: caller,
    value: tokenOf(caller),
    actor: caller,
    status: 'active',
  }));
  await sandbox.admin('PUT', '/state', {
    ...state,
    apiTokens: [...state.apiTokens, ...more],
    // Hundreds of runs in a few minutes would exceed the real budget.
    budget: { ...state.budget, limit: 1_000_000 },
  });
  const env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
  const running = new Set<ChildProcess>();
  let last = 0;
  const calls = async () => (await sandbox.calls()) as readonly CalledBy[];

  function launch(caller: string): DaemonProcess {
    const child = start(['run'], {
      ...env,
      CLOUDFLARE_API_TOKEN: tokenOf(caller),
      GATES_REPOSITORY: `file://${forge.bare}`,
      GATES_LISTEN: '127.0.0.1:0',
      GATES_HOOKS_LISTEN: '127.0.0.1:0',
      GATES_LOG_FORMAT: 'json',
    });
    running.add(child);
    const log = collect(child.stderr);
    // The last line may be incomplete.
    const lines = () => log().split('\n').slice(0, -1);
    const messages = () =>
      lines().map((line): string => (line.startsWith('{') ? JSON.parse(line).message : line));
    return {
      caller,
      child,
      log,
      messages,
      async said(message, times = 1) {
        while (messages().filter((item) => item === message).length < times) {
          if (child.exitCode !== null) throw new Error(`it ended without "${message}":\n${log()}`);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
      async kill(signal) {
        child.kill(signal);
        const [code] = (await once(child, 'exit')) as [number | null];
        running.delete(child);
        return code;
      },
    };
  }

  return {
    sandbox,
    forge,
    directory,
    env,
    tokenOf,
    launch,
    calls,
    async lastCall() {
      const { calls: newer } = (await sandbox.admin('GET', `/calls?since=${last}`)) as {
        readonly calls: readonly Call[];
      };
      last = newer.at(-1)?.n ?? last;
      return last;
    },
    async end() {
      for (const child of running) child.kill('SIGKILL');
      await sandbox.stop();
      await remove(directory);
    },
  };
}
