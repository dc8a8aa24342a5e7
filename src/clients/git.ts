import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../core/errors.ts';
import { runGit } from './git-command.ts';
import { explainGit, unexplainedGit } from './git-failure.ts';
import { parseRepository } from './repository-address.ts';

export interface GitOptions {
  /** `GATES_REPOSITORY`; see {@link parseRepository} for the forms. */
  readonly repository: string;
  readonly branch: string;
  /** Path of gates.yaml inside the repository. */
  readonly file: string;
  readonly token?: string;
  /** Where the copy is kept; made when missing, made anew when broken. */
  readonly directory: string;
  /** PATH, proxies and certificates are taken from it, nothing else. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for one git command; default a minute. */
  readonly timeout?: number;
}

/** What stands at the head of the branch. */
export interface SourceRevision {
  /** The commit, 40 or 64 hexadecimal digits. */
  readonly revision: string;
  readonly author: string;
  readonly subject: string;
  /** From `Gates-Allow: prune` or `change` trailers of the commit. */
  readonly allow: readonly ('prune' | 'change')[];
  /** The file's bytes, or why this revision has none to read. */
  readonly file: { readonly bytes: Uint8Array } | { readonly error: ConfigError };
}

export interface GitSource {
  /** The repository without credentials, for people. */
  readonly url: string;
  /** Every credential of the repository, for the redaction of logs. */
  readonly secrets: readonly string[];
  /**
   * Fetches the branch and reads the file at its head. Throws UnreachableError when the other side does not
   * answer, RejectedError when it refuses the credentials, ConfigError when there is no such repository or
   * branch.
   */
  read(signal?: AbortSignal): Promise<SourceRevision>;
}

const HEAD = 'refs/gates/head';
const TIMEOUT = 60_000;
/** The most that gates.yaml may hold, and a little for git's own output. */
const MAX_FILE = 8 * 1024 * 1024;
const MAX_OUTPUT = MAX_FILE + 64 * 1024;

/** Reads one file of one branch through a shallow bare copy. Throws ConfigError for an unreadable address. */
export function gitSource(options: GitOptions): GitSource {
  const address = parseRepository(options.repository, options.token);
  if (!/^(?![-/.])(?!.*\.\.)[^\s~^:?*[\\\p{Cc}]+$/u.test(options.branch)) {
    throw new ConfigError('The branch is not a name git accepts', {
      hint: 'Set GATES_BRANCH, for example main',
    });
  }
  const config = {
    'core.hooksPath': '/dev/null',
    'gc.autoDetach': 'false',
    'http.lowSpeedLimit': '1000',
    'http.lowSpeedTime': '20',
    // A credential must not follow a redirect to whoever it points to.
    ...(address.authorization === undefined
      ? {}
      : {
          'http.followRedirects': 'false',
          'http.extraHeader': `Authorization: ${address.authorization}`,
        }),
  };
  const git = (args: readonly string[], signal: AbortSignal | undefined) =>
    runGit(args, {
      directory: options.directory,
      environment: options.environment,
      config,
      timeout: options.timeout ?? TIMEOUT,
      maxBytes: MAX_OUTPUT,
      signal,
    });
  const redact = (text: string) =>
    address.secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  let known: SourceRevision | undefined;

  async function fetchHead(signal: AbortSignal | undefined): Promise<string> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    await git(['init', '--quiet', '--bare', options.directory], signal);
    const refspec = `+refs/heads/${options.branch}:${HEAD}`;
    await git(['fetch', '--quiet', '--no-tags', '--depth=1', '--', address.url, refspec], signal);
    return (await git(['rev-parse', '--verify', `${HEAD}^{commit}`], signal)).toString('utf8').trim();
  }

  async function describe(revision: string, signal: AbortSignal | undefined): Promise<SourceRevision> {
    const format = '%an%x00%s%x00%(trailers:key=Gates-Allow,valueonly,separator=%x2C)';
    const log = await git(['log', '-1', `--format=${format}`, revision], signal);
    const [author = '', subject = '', trailers = ''] = log.toString('utf8').trimEnd().split('\0');
    const file = await readFile(revision, signal);
    return { revision, author, subject, allow: readAllow(trailers), file };
  }

  async function readFile(
    revision: string,
    signal: AbortSignal | undefined,
  ): Promise<SourceRevision['file']> {
    const wanted = path.posix.normalize(options.file);
    const tree = await git(['ls-tree', '-z', '-l', '--full-tree', revision, '--', wanted], signal);
    const entry = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t/.exec(tree.toString('utf8'));
    if (entry === null) return { error: notThere(options) };
    const [, mode, type, object = '', size] = entry;
    if (type !== 'blob' || mode === '120000') return { error: notAFile(options) };
    if (Number(size) > MAX_FILE) return { error: tooLarge(options) };
    return { bytes: await git(['cat-file', 'blob', object], signal) };
  }

  async function readOnce(signal: AbortSignal | undefined): Promise<SourceRevision> {
    const revision = await fetchHead(signal);
    if (known?.revision !== revision) known = await describe(revision, signal);
    return known;
  }

  return {
    url: address.url,
    secrets: address.secrets,
    async read(signal) {
      try {
        return await readOnce(signal);
      } catch (failure) {
        signal?.throwIfAborted();
        const explained = explainGit(failure, options.branch, redact);
        if (explained !== undefined) throw explained;
      }
      // Not a word of the other side's: the copy may be broken (killed while fetching, a full disk). It holds
      // nothing that a fetch does not bring back.
      known = undefined;
      await rm(options.directory, { recursive: true, force: true });
      try {
        return await readOnce(signal);
      } catch (failure) {
        signal?.throwIfAborted();
        throw explainGit(failure, options.branch, redact) ?? unexplainedGit(failure, redact);
      }
    },
  };
}

function readAllow(trailers: string): readonly ('prune' | 'change')[] {
  const words = trailers.split(/[\s,]+/);
  return (['prune', 'change'] as const).filter((word) => words.includes(word));
}

function notThere(options: GitOptions): ConfigError {
  return new ConfigError(`${options.file} is not in branch ${options.branch}`, {
    hint: 'Commit the file, or set GATES_FILE to its path in the repository',
  });
}

function notAFile(options: GitOptions): ConfigError {
  return new ConfigError(`${options.file} is not a file in branch ${options.branch}`, {
    hint: 'Commit it as a plain file: a folder, a submodule or a symbolic link is not followed',
  });
}

function tooLarge(options: GitOptions): ConfigError {
  return new ConfigError(`${options.file} is larger than 8 MiB`, { hint: 'Split it over two owners' });
}
