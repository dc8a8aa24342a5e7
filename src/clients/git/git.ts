import { ConfigError, GatesError } from '../../core/errors.ts';
import { descendsFrom } from './ancestry.ts';
import { gitCopy } from './copy.ts';
import { explainGit, unexplainedGit } from './failure.ts';
import { pathInRepository, readFileOf, type SourceFile } from './file.ts';
import { parseRepository } from './repository-address.ts';
import { commitOnBranch } from './revision.ts';
import { checkSigner, type SignerFiles } from './signers.ts';
import { type SshFiles, sshCommand } from './ssh.ts';

export interface GitOptions {
  /** `GATES_REPOSITORY`; see {@link parseRepository} for the forms. */
  readonly repository: string;
  readonly branch: string;
  /** Path of gates.yaml inside the repository. */
  readonly file: string;
  /** The entries of `include` in gates.yaml. Default: it includes no file. */
  readonly includeEntries?: (main: Uint8Array) => readonly string[];
  readonly token?: string;
  readonly files?: GitFiles;
  /** The folder of the copy; created if missing, created again if broken. */
  readonly directory: string;
  /** Only PATH, proxies and certificates are taken from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for one git command; default two minutes. */
  readonly timeout?: number;
  /** The most that one fetch may bring, in bytes; default 256 MiB. */
  readonly maxFetched?: number;
  readonly now?: () => Date;
}

/** A repository over ssh needs the two files of ssh. Without either file of signers, no commit needs a signature. */
export type GitFiles = SshFiles & SignerFiles;

/** The head of the branch. */
export interface SourceRevision {
  /** The commit, 40 or 64 hexadecimal digits. */
  readonly revision: string;
  readonly author: string;
  readonly subject: string;
  /** From `Gates-Allow: prune`, `change` or `window` trailers of the commit. */
  readonly allow: readonly ('prune' | 'change' | 'window')[];
  /** The bytes of the file, packed with those that it includes, or the reason why this revision has none to apply, such as a commit that is not trusted. */
  readonly file: SourceFile;
  /** The head that was read before, if this one does not descend from it. Only one read reports it. */
  readonly replaced?: string;
}

/** A revision that was trusted and applied earlier. */
export interface AcceptedRevision {
  readonly revision: string;
  /** RFC 3339. Its signature is judged as of this time: a key that expires later revokes nothing. */
  readonly since: string;
}

export interface GitSource {
  /** The repository without credentials, for people. */
  readonly url: string;
  /** Every credential of the repository, for the redaction of logs. */
  readonly secrets: readonly string[];
  /**
   * Fetches the branch and reads the file at its head. Throws UnreachableError if the other side does not answer,
   * RejectedError if it refuses the credentials, UnsafeError if its host key is not the known one, ConfigError if there
   * is no such repository or branch, if it is too large, or if signatures cannot be judged.
   */
  read(signal?: AbortSignal, accepted?: AcceptedRevision): Promise<SourceRevision>;
  /**
   * Reads an earlier commit of the branch, named by its hash or the beginning of it, and the head of the branch. Throws
   * like `read`, and ConfigError for a commit that is not on the branch.
   */
  readEarlier(wanted: string, signal?: AbortSignal): Promise<EarlierRevision>;
}

export interface EarlierRevision {
  readonly head: string;
  readonly earlier: SourceRevision;
}

/**
 * Reads one file of one branch through a shallow bare copy. Throws ConfigError for an unreadable address, and if ssh
 * needs a key or known hosts that are missing.
 */
export function gitSource(options: GitOptions): GitSource {
  const { branch, directory, environment, files = {}, now = () => new Date() } = options;
  const address = parseRepository(options.repository, options.token);
  if (!/^(?![-/.])(?!.*\.\.)[^\s~^:?*[\\\p{Cc}]+$/u.test(branch)) {
    throw new ConfigError('The branch is not a name git accepts', {
      hint: 'Set GATES_BRANCH, for example main',
    });
  }
  pathInRepository(options.file);
  const command = address.ssh === undefined ? undefined : sshCommand(address.ssh, files);
  const copy = gitCopy({ ...options, address, ...(command !== undefined && { ssh: command }) });
  const request = {
    branch,
    address,
    ...(files.sshKey !== undefined && { sshKey: files.sshKey }),
    limit: copy.limit,
  };
  const redact = (text: string) =>
    address.secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  let known: SourceRevision | undefined;

  async function describe(revision: string, signal: AbortSignal | undefined): Promise<SourceRevision> {
    const format = '%an%x00%s%x00%(trailers:key=Gates-Allow,valueonly,separator=%x2C)';
    const log = await copy.git(['log', '-1', `--format=${format}`, revision], signal);
    const [author = '', subject = '', trailers = ''] = log.toString('utf8').trimEnd().split('\0');
    const file = await readFileOf(revision, options, (args) => copy.git(args, signal));
    return { revision, author, subject, allow: readAllow(trailers), file };
  }

  async function refusal(
    revision: string,
    accepted: AcceptedRevision | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ConfigError | undefined> {
    if (files.allowedSigners === undefined && files.keyring === undefined) return undefined;
    const raw = await copy.git(['cat-file', 'commit', revision], signal);
    const since = accepted?.revision === revision ? new Date(accepted.since) : undefined;
    return checkSigner({ revision, raw, accepted: since }, files, { directory, environment, now }, signal);
  }

  async function readOnce(
    accepted: AcceptedRevision | undefined,
    signal: AbortSignal | undefined,
  ): Promise<SourceRevision> {
    const { revision, before } = await copy.update(signal);
    if (known?.revision !== revision) known = await describe(revision, signal);
    const error = await refusal(revision, accepted, signal);
    const read = error === undefined ? known : { ...known, file: { error } };
    if (before === undefined || before === revision) return read;
    const reach = (how: string) => copy.reach(how, signal);
    const descends = await descendsFrom({ revision, before }, (args) => copy.git(args, signal), reach);
    signal?.throwIfAborted();
    await copy.tidy(signal);
    return descends === false ? { ...read, replaced: before } : read;
  }

  async function readEarlier(wanted: string, signal: AbortSignal | undefined): Promise<EarlierRevision> {
    const { revision: head } = await readOnce(undefined, signal);
    const revision = await commitOnBranch(
      { wanted, head, branch },
      (args) => copy.git(args, signal),
      (how) => copy.reach(how, signal),
    );
    const earlier = await describe(revision, signal);
    const error = await refusal(revision, undefined, signal);
    return { head, earlier: error === undefined ? earlier : { ...earlier, file: { error } } };
  }

  return {
    url: address.url,
    secrets: address.secrets,
    async readEarlier(wanted, signal) {
      try {
        return await readEarlier(wanted, signal);
      } catch (failure) {
        signal?.throwIfAborted();
        if (failure instanceof GatesError) throw failure;
        throw explainGit(failure, request, redact) ?? unexplainedGit(failure, redact);
      }
    },
    async read(signal, accepted) {
      try {
        return await readOnce(accepted, signal);
      } catch (failure) {
        signal?.throwIfAborted();
        const explained = explainGit(failure, request, redact);
        if (explained !== undefined) throw explained;
        if (failure instanceof GatesError) throw failure;
      }
      // The words are not the other side's, so the copy may be broken (killed while fetching, a full disk). A fetch
      // restores everything in it.
      known = undefined;
      await copy.discard();
      try {
        return await readOnce(accepted, signal);
      } catch (failure) {
        signal?.throwIfAborted();
        if (failure instanceof GatesError) throw failure;
        throw explainGit(failure, request, redact) ?? unexplainedGit(failure, redact);
      }
    },
  };
}

function readAllow(trailers: string): SourceRevision['allow'] {
  const words = trailers.split(/[\s,]+/);
  return (['prune', 'change', 'window'] as const).filter((word) => words.includes(word));
}
