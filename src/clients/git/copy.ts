import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { MAX_BYTES } from '../../core/sources/collect-files.ts';
import { BLOCK, runGit } from './command.ts';
import { GitFailure } from './failure.ts';
import type { RepositoryAddress } from './repository-address.ts';

export interface CopyOptions {
  readonly address: RepositoryAddress;
  readonly branch: string;
  /** The folder of the copy. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The command that reaches a repository over ssh. */
  readonly ssh?: string;
  /** Milliseconds for one git command; default two minutes. */
  readonly timeout?: number;
  /** The most that one fetch may bring, in bytes; default 256 MiB. */
  readonly maxFetched?: number;
}

/** A bare copy of one branch, one commit deep. Every method throws GitFailure. */
export interface GitCopy {
  /** The most that a fetch may bring, for people. */
  readonly limit: string;
  /** Runs git on it and returns its output. */
  git(args: readonly string[], signal: AbortSignal | undefined): Promise<Buffer>;
  /** Creates the copy if it is missing and fetches the head of the branch; returns the head and the one before. */
  update(
    signal: AbortSignal | undefined,
  ): Promise<{ readonly revision: string; readonly before: string | undefined }>;
  /** Fetches more of the branch, by one option of `git fetch`. */
  reach(how: string, signal: AbortSignal | undefined): Promise<void>;
  /** Removes objects that no head needs. */
  tidy(signal: AbortSignal | undefined): Promise<void>;
  /** Removes the copy, which contains nothing that a fetch does not restore. */
  discard(): Promise<void>;
}

const HEAD = 'refs/gates/head';
const TIMEOUT = 120_000;
const MIB = 1024 * 1024;
const MAX_FETCHED = 256 * MIB;
/** A file of the largest size, and a little for git's own output. */
const MAX_OUTPUT = MAX_BYTES + 64 * 1024;

const SETTINGS = {
  'core.hooksPath': '/dev/null',
  'gc.autoDetach': 'false',
  'gc.autoPackLimit': '10',
  // One pack for each fetch, however small, because the limit is on its size.
  'fetch.unpackLimit': '1',
  // A larger file is streamed, not held in memory: gates reads no file of that size.
  'core.bigFileThreshold': '32m',
  'http.lowSpeedLimit': '1000',
  'http.lowSpeedTime': '20',
};

/** The copy in `directory`; nothing is created or fetched before the first call. */
export function gitCopy(options: CopyOptions): GitCopy {
  const { address, directory, environment, ssh, timeout = TIMEOUT, maxFetched = MAX_FETCHED } = options;
  const upstream = `refs/heads/${options.branch}`;
  // A redirect must not carry the credential to another server.
  const credential =
    address.authorization === undefined
      ? {}
      : {
          'http.followRedirects': 'false',
          'http.extraHeader': `Authorization: ${address.authorization}`,
        };
  /** A head that is larger than a fetch may be, and its failure, so that it is not fetched again in vain. */
  let tooLarge: { readonly head: string; readonly failure: GitFailure } | undefined;

  /** `sha256` if the other side names its commits so; a copy can contain names of only one sort. */
  let names: string | undefined;

  const git = (args: readonly string[], signal: AbortSignal | undefined, maxWritten?: number) =>
    runGit(args, {
      directory,
      environment,
      config: { ...SETTINGS, ...credential },
      protocols: address.protocols,
      ...(ssh !== undefined && { ssh }),
      timeout,
      maxBytes: MAX_OUTPUT,
      ...(maxWritten !== undefined && { maxWritten }),
      signal,
    });

  async function fetch(how: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const plain = ['fetch', '--quiet', '--no-tags', '--no-auto-gc', '--no-recurse-submodules'];
    try {
      await git([...plain, ...how], signal, maxFetched);
    } catch (failure) {
      const written = await removeHalves(directory);
      // git does not say what ended it: the writing program just disappears.
      if (written >= maxFetched - BLOCK) throw new GitFailure('too-large', '', failure);
      throw failure;
    }
  }

  async function ownHead(signal: AbortSignal | undefined): Promise<string | undefined> {
    const output = await git(['for-each-ref', '--format=%(objectname)', HEAD], signal);
    return output.toString('utf8').trim() || undefined;
  }

  async function remoteHead(signal: AbortSignal | undefined): Promise<string> {
    const output = await git(['ls-remote', '--', address.url, upstream], signal);
    return output.toString('utf8').split('\t')[0] ?? '';
  }

  async function fetchHead(signal: AbortSignal | undefined): Promise<void> {
    if (tooLarge !== undefined && (await remoteHead(signal)) === tooLarge.head) throw tooLarge.failure;
    tooLarge = undefined;
    try {
      await fetch(['--depth=1', '--', address.url, `+${upstream}:${HEAD}`], signal);
    } catch (failure) {
      if (failure instanceof GitFailure && failure.reason === 'too-large')
        tooLarge = { head: await remoteHead(signal), failure };
      throw failure;
    }
  }

  async function bring(signal: AbortSignal | undefined): ReturnType<GitCopy['update']> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const how = names === undefined ? [] : [`--object-format=${names}`];
    await git(['init', '--quiet', '--bare', ...how, directory], signal);
    const before = await ownHead(signal);
    await fetchHead(signal);
    const head = await git(['rev-parse', '--verify', `${HEAD}^{commit}`], signal);
    return { revision: head.toString('utf8').trim(), before };
  }

  const discard = () => rm(directory, { recursive: true, force: true });

  return {
    limit: `${Math.floor(maxFetched / MIB)} MiB`,
    git: (args, signal) => git(args, signal),
    async update(signal) {
      try {
        return await bring(signal);
      } catch (failure) {
        const words = failure instanceof GitFailure ? failure.said : '';
        names = /mismatched algorithms: .*server (sha\w+)/.exec(words)?.[1];
        if (names === undefined) throw failure;
        await discard();
        return bring(signal);
      }
    },
    reach: (how, signal) => fetch([how, '--', address.url, upstream], signal),
    async tidy(signal) {
      // Nothing depends on it: if the copy is too broken, the next read notices.
      await git(['gc', '--auto', '--quiet', '--prune=now'], signal).catch(() => undefined);
    },
    discard,
  };
}

/**
 * Removes the remains of killed fetches, which git would keep for two weeks. Returns the size of the largest, in bytes.
 */
async function removeHalves(directory: string): Promise<number> {
  const packs = path.join(directory, 'objects', 'pack');
  const names = await readdir(packs).catch(() => []);
  const halves = names.filter((name) => name.startsWith('tmp_')).map((name) => path.join(packs, name));
  const sizes = await Promise.all(halves.map(sizeOf));
  await Promise.all(halves.map((half) => rm(half, { force: true })));
  return Math.max(0, ...sizes);
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    // Git has removed it itself.
    () => 0,
  );
}
