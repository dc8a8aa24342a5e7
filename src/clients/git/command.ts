import { GitFailure } from './failure.ts';
import { ProgramFailure, runProgram } from './process.ts';

export interface GitCall {
  readonly directory: string;
  /** The environment of the process. Only the variables of {@link PASSED_ON} reach git. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Settings by name, including the credentials: passed by environment, which no process list shows. */
  readonly config: Readonly<Record<string, string>>;
  /** Transports that may be used, `http:https`; none when absent. */
  readonly protocols?: string;
  /** The command that reaches the other side, for ssh; see {@link sshCommand}. */
  readonly ssh?: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly maxBytes: number;
  /** The largest file that git may write, in bytes: a fetch is one file. */
  readonly maxWritten?: number;
  readonly signal: AbortSignal | undefined;
}

/** Variables that locate programs, proxies and certificates; none that could change what git does. */
const PASSED_ON = [
  'PATH',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
];

/** Git cannot limit what it fetches. The kernel enforces this limit, and kills a process that exceeds it. */
const LIMITED = ['-c', 'ulimit -f "$1" && shift && exec git "$@"', 'git'];
/** POSIX's unit of the limit, in bytes. */
export const BLOCK = 512;

/** Runs git on the bare repository in `directory` and returns its output. Throws GitFailure. */
export async function runGit(args: readonly string[], call: GitCall): Promise<Buffer> {
  const { directory, timeout, maxBytes, maxWritten, signal } = call;
  const environment = { ...surroundings(call), ...configVariables(call.config) };
  const [program, all] =
    maxWritten === undefined
      ? ['git', args]
      : ['sh', [...LIMITED, String(Math.floor(maxWritten / BLOCK)), ...args]];
  const options = { directory, environment, timeout, maxBytes, signal };
  const end = await runProgram(program, all, options).catch((error: unknown) => {
    if (!(error instanceof ProgramFailure)) throw error;
    throw new GitFailure(error.reason === 'output' ? 'failed' : error.reason, '', error);
  });
  if (end.code === 0) return end.stdout;
  throw new GitFailure('failed', end.said, undefined);
}

/**
 * The environment of a program: the places of programs, proxies and certificates, one language, and a home without
 * settings.
 */
export function cleanSurroundings(
  environment: GitCall['environment'],
  home: string,
): Readonly<Record<string, string>> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), HOME: home, LC_ALL: 'C', TZ: 'UTC' };
}

function surroundings(call: GitCall): Record<string, string> {
  return {
    ...cleanSurroundings(call.environment, call.directory),
    GIT_DIR: call.directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_ALLOW_PROTOCOL: call.protocols ?? '',
    ...(call.ssh === undefined ? {} : { GIT_SSH_COMMAND: call.ssh, GIT_SSH_VARIANT: 'ssh' }),
  };
}

function configVariables(config: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(config);
  const variables = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key] as const,
    [`GIT_CONFIG_VALUE_${index}`, value] as const,
  ]);
  return { GIT_CONFIG_COUNT: String(entries.length), ...Object.fromEntries(variables) };
}
