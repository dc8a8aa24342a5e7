import { ConfigError, GatesError } from '../../core/errors.ts';
import { descendsFrom } from './ancestry.ts';
import { type GitCopy, gitCopy } from './copy.ts';
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
  const { branch, files = {} } = options;
  const address = parseRepository(options.repository, options.token);
  checkNames(options);
  const command = address.ssh === undefined ? undefined : sshCommand(address.ssh, files);
  const copy = gitCopy({ ...options, address, ...(command !== undefined && { ssh: command }) });
  const request = {
    branch,
    address,
    ...(files.sshKey !== undefined && { sshKey: files.sshKey }),
    limit: copy.limit,
  };
  const redact = redaction(address.secrets);
  const explain = (failure: unknown) => explainGit(failure, request, redact);
  const inWords = (failure: unknown) =>
    failure instanceof GatesError ? failure : (explain(failure) ?? unexplainedGit(failure, redact));
  let known: SourceRevision | undefined;

  async function readOnce(accepted?: AcceptedRevision, signal?: AbortSignal): Promise<SourceRevision> {
    const { revision, before } = await copy.update(signal);
    if (known?.revision !== revision) known = await describe(copy, revision, options, signal);
    const read = await judged(copy, known, options, accepted, signal);
    const isReplaced = before !== undefined && (await isRewritten(copy, { revision, before }, signal));
    return isReplaced ? { ...read, replaced: before } : read;
  }

  return {
    url: address.url,
    secrets: address.secrets,
    async readEarlier(wanted, signal) {
      try {
        const { revision: head } = await readOnce(undefined, signal);
        const git = (args: readonly string[]) => copy.git(args, signal);
        const reach = (how: string) => copy.reach(how, signal);
        const revision = await commitOnBranch({ wanted, head, branch }, git, reach);
        const earlier = await describe(copy, revision, options, signal);
        return { head, earlier: await judged(copy, earlier, options, undefined, signal) };
      } catch (failure) {
        signal?.throwIfAborted();
        throw inWords(failure);
      }
    },
    async read(signal, accepted) {
      try {
        return await readOnce(accepted, signal);
      } catch (failure) {
        signal?.throwIfAborted();
        if (failure instanceof GatesError || explain(failure) !== undefined) throw inWords(failure);
      }
      // The words are not the other side's, so the copy may be broken (killed while fetching, a full disk). A fetch
      // restores everything in it.
      known = undefined;
      await copy.discard();
      return readOnce(accepted, signal).catch((failure: unknown) => {
        signal?.throwIfAborted();
        throw inWords(failure);
      });
    },
  };
}

/** @throws ConfigError for a branch or a path that git does not accept. */
function checkNames({ branch, file }: Pick<GitOptions, 'branch' | 'file'>): void {
  if (!/^(?![-/.])(?!.*\.\.)[^\s~^:?*[\\\p{Cc}]+$/u.test(branch)) {
    throw new ConfigError('The branch is not a name git accepts', {
      hint: 'Set GATES_BRANCH, for example main',
    });
  }
  pathInRepository(file);
}

function redaction(secrets: readonly string[]): (text: string) => string {
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}

/** A commit of the copy, with its file. */
async function describe(
  copy: GitCopy,
  revision: string,
  options: GitOptions,
  signal: AbortSignal | undefined,
): Promise<SourceRevision> {
  const format = '%an%x00%s%x00%(trailers:key=Gates-Allow,valueonly,separator=%x2C)';
  const log = await copy.git(['log', '-1', `--format=${format}`, revision], signal);
  const [author = '', subject = '', trailers = ''] = log.toString('utf8').trimEnd().split('\0');
  const file = await readFileOf(revision, options, (args) => copy.git(args, signal));
  return { revision, author, subject, allow: readAllow(trailers), file };
}

/** The revision, without its file if its signature is needed and not trusted. */
async function judged(
  copy: GitCopy,
  read: SourceRevision,
  { directory, environment, files = {}, now = () => new Date() }: GitOptions,
  accepted: AcceptedRevision | undefined,
  signal: AbortSignal | undefined,
): Promise<SourceRevision> {
  if (files.allowedSigners === undefined && files.keyring === undefined) return read;
  const { revision } = read;
  const raw = await copy.git(['cat-file', 'commit', revision], signal);
  const since = accepted?.revision === revision ? new Date(accepted.since) : undefined;
  const commit = { revision, raw, accepted: since };
  const error = await checkSigner(commit, files, { directory, environment, now }, signal);
  return error === undefined ? read : { ...read, file: { error } };
}

/** True if the head does not descend from the one that was read before. */
async function isRewritten(
  copy: GitCopy,
  heads: { readonly revision: string; readonly before: string },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (heads.before === heads.revision) return false;
  const reach = (how: string) => copy.reach(how, signal);
  const descends = await descendsFrom(heads, (args) => copy.git(args, signal), reach);
  signal?.throwIfAborted();
  await copy.tidy(signal);
  return descends === false;
}

function readAllow(trailers: string): SourceRevision['allow'] {
  const words = trailers.split(/[\s,]+/);
  return (['prune', 'change', 'window'] as const).filter((word) => words.includes(word));
}
