import { type ExecFileException, execFile } from 'node:child_process';
import { GitFailure } from './git-failure.ts';

export interface GitCall {
  readonly directory: string;
  /** Of the surroundings only what {@link PASSED_ON} names reaches git. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Settings by name, among them the credentials: passed by environment, which no process list shows. */
  readonly config: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

/** Where programs, proxies and certificates are found; nothing that could change what git does. */
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

/** Runs git on the bare repository in `directory` and answers with what it printed. Throws GitFailure. */
export function runGit(args: readonly string[], call: GitCall): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd: call.directory,
      env: { ...surroundings(call), ...configVariables(call.config) },
      encoding: 'buffer' as const,
      maxBuffer: call.maxBytes,
      timeout: call.timeout,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    };
    execFile('git', [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new GitFailure(reasonOf(error, call.signal), stderr.toString('utf8').trim(), error));
    });
  });
}

function surroundings(call: GitCall): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = call.environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    HOME: call.directory,
    GIT_DIR: call.directory,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_ALLOW_PROTOCOL: 'file:http:https',
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

function reasonOf(error: ExecFileException, signal: AbortSignal | undefined): GitFailure['reason'] {
  if (signal?.aborted) return 'aborted';
  if (error.code === 'ENOENT') return 'missing';
  return error.killed === true ? 'timeout' : 'failed';
}
