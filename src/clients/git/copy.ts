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
  return new BareCopy(options);
}

class BareCopy implements GitCopy {
  readonly limit: string;
  readonly #options: CopyOptions;
  readonly #maxFetched: number;
  /** The branch, at the other side. */
  readonly #upstream: string;
  /** A head that is larger than a fetch may be, and its failure, so that it is not fetched again in vain. */
  #tooLarge: { readonly head: string; readonly failure: GitFailure } | undefined;
  /** `sha256` if the other side names its commits so; a copy can contain names of only one sort. */
  #names: string | undefined;

  constructor(options: CopyOptions) {
    this.#options = options;
    this.#maxFetched = options.maxFetched ?? MAX_FETCHED;
    this.#upstream = `refs/heads/${options.branch}`;
    this.limit = `${Math.floor(this.#maxFetched / MIB)} MiB`;
  }

  git(args: readonly string[], signal: AbortSignal | undefined): Promise<Buffer> {
    return this.#run(args, signal);
  }

  async update(signal: AbortSignal | undefined): ReturnType<GitCopy['update']> {
    try {
      return await this.#bring(signal);
    } catch (failure) {
      const words = failure instanceof GitFailure ? failure.said : '';
      this.#names = /mismatched algorithms: .*server (sha\w+)/.exec(words)?.[1];
      if (this.#names === undefined) throw failure;
      await this.discard();
      return this.#bring(signal);
    }
  }

  reach(how: string, signal: AbortSignal | undefined): Promise<void> {
    return this.#fetch([how, '--', this.#options.address.url, this.#upstream], signal);
  }

  async tidy(signal: AbortSignal | undefined): Promise<void> {
    // Nothing depends on it: if the copy is too broken, the next read notices.
    await this.#run(['gc', '--auto', '--quiet', '--prune=now'], signal).catch(() => undefined);
  }

  discard(): Promise<void> {
    return rm(this.#options.directory, { recursive: true, force: true });
  }

  async #bring(signal: AbortSignal | undefined): ReturnType<GitCopy['update']> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const how = this.#names === undefined ? [] : [`--object-format=${this.#names}`];
    await this.#run(['init', '--quiet', '--bare', ...how, directory], signal);
    const before = await this.#ownHead(signal);
    await this.#fetchHead(signal);
    const head = await this.#run(['rev-parse', '--verify', `${HEAD}^{commit}`], signal);
    return { revision: head.toString('utf8').trim(), before };
  }

  async #ownHead(signal: AbortSignal | undefined): Promise<string | undefined> {
    const output = await this.#run(['for-each-ref', '--format=%(objectname)', HEAD], signal);
    return output.toString('utf8').trim() || undefined;
  }

  async #remoteHead(signal: AbortSignal | undefined): Promise<string> {
    const output = await this.#run(['ls-remote', '--', this.#options.address.url, this.#upstream], signal);
    return output.toString('utf8').split('\t')[0] ?? '';
  }

  async #fetchHead(signal: AbortSignal | undefined): Promise<void> {
    const known = this.#tooLarge;
    if (known !== undefined && (await this.#remoteHead(signal)) === known.head) throw known.failure;
    this.#tooLarge = undefined;
    try {
      await this.#fetch(['--depth=1', '--', this.#options.address.url, `+${this.#upstream}:${HEAD}`], signal);
    } catch (failure) {
      if (failure instanceof GitFailure && failure.reason === 'too-large')
        this.#tooLarge = { head: await this.#remoteHead(signal), failure };
      throw failure;
    }
  }

  async #fetch(how: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const plain = ['fetch', '--quiet', '--no-tags', '--no-auto-gc', '--no-recurse-submodules'];
    try {
      await this.#run([...plain, ...how], signal, this.#maxFetched);
    } catch (failure) {
      const written = await removeHalves(this.#options.directory);
      // git does not say what ended it: the writing program just disappears.
      if (written >= this.#maxFetched - BLOCK) throw new GitFailure('too-large', '', failure);
      throw failure;
    }
  }

  #run(args: readonly string[], signal: AbortSignal | undefined, maxWritten?: number): Promise<Buffer> {
    const { address, directory, environment, ssh, timeout = TIMEOUT } = this.#options;
    return runGit(args, {
      directory,
      environment,
      config: { ...SETTINGS, ...credentialOf(address) },
      protocols: address.protocols,
      ...(ssh !== undefined && { ssh }),
      timeout,
      maxBytes: MAX_OUTPUT,
      ...(maxWritten !== undefined && { maxWritten }),
      signal,
    });
  }
}

/** The settings of git that send the credential, to the server of the address only. */
function credentialOf({ authorization }: RepositoryAddress): Readonly<Record<string, string>> {
  if (authorization === undefined) return {};
  return {
    // A redirect must not carry the credential to another server.
    'http.followRedirects': 'false',
    'http.extraHeader': `Authorization: ${authorization}`,
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
