import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError, UnreachableError } from '../../core/errors.ts';
import { cleanSurroundings } from './command.ts';
import { ProgramFailure, runProgram } from './process.ts';
import { refusals } from './refusal.ts';
import { type SignatureCheck, signatureOf } from './signature.ts';
import { checkGpgSignature } from './signature-gpg.ts';
import { checkSshSignature } from './signature-ssh.ts';

/** The files of the keys that may sign, as named by the environment: one of the two sorts, or both. */
export interface SignerFiles {
  /** `GATES_GIT_ALLOWED_SIGNERS_FILE`: ssh keys, one a line, as ssh-keygen(1) describes. */
  readonly allowedSigners?: string;
  /** `GATES_GIT_KEYRING_FILE`: GPG keys, as `gpg --export` writes them. */
  readonly keyring?: string;
}

export interface SignedRevision {
  readonly revision: string;
  /** The output of `git cat-file commit`. */
  readonly raw: Buffer;
  /** The time when it was accepted earlier; undefined if it was not. */
  readonly accepted: Date | undefined;
}

export interface SignerSurroundings {
  /** The folder in which each check makes a directory of its own. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

const TIMEOUT = 20_000;
const MAX_OUTPUT = 64 * 1024;

/**
 * Returns the reason why a commit is not trusted; undefined if it is. Only the files decide, never the repository,
 * git's settings or the user's own keyrings.
 *
 * Throws ConfigError if a file or a program that it needs is missing: a commit that cannot be checked is not applied.
 */
export async function checkSigner(
  { revision, raw, accepted }: SignedRevision,
  files: SignerFiles,
  { directory, environment, now }: SignerSurroundings,
  signal: AbortSignal | undefined,
): Promise<ConfigError | undefined> {
  const allowed = await readable('GATES_GIT_ALLOWED_SIGNERS_FILE', files.allowedSigners);
  const keyring = await readable('GATES_GIT_KEYRING_FILE', files.keyring);
  const signature = signatureOf(raw, revision);
  if (signature === undefined) return refusals.unsigned();
  if (signature.kind === 'unknown') return refusals.unknownKind();
  const scratch = await mkdtemp(path.join(directory, 'signature-'));
  try {
    const check: SignatureCheck = {
      read: accepted ?? now(),
      isPast: accepted !== undefined,
      scratch,
      run: (program, args, input) =>
        runProgram(program, args, {
          directory: scratch,
          environment: { ...cleanSurroundings(environment, scratch), GNUPGHOME: scratch },
          ...(input !== undefined && { input }),
          timeout: TIMEOUT,
          maxBytes: MAX_OUTPUT,
          signal,
        }).catch((error: unknown) => {
          throw explained(program, error);
        }),
    };
    if (signature.kind === 'ssh') {
      return allowed === undefined
        ? refusals.noSigners('ssh')
        : await checkSshSignature(signature, { ...check, allowed });
    }
    return keyring === undefined
      ? refusals.noSigners('gpg')
      : await checkGpgSignature(signature, { ...check, keyring });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function readable(variable: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const absolute = path.resolve(file);
  try {
    await access(absolute, constants.R_OK);
    return absolute;
  } catch (cause) {
    throw new ConfigError(`The file of ${variable} cannot be read`, {
      hint: `Check that ${absolute} exists and that the user of the daemon may read it; until then no new commit is followed`,
      cause,
    });
  }
}

const PACKAGES: Readonly<Record<string, string>> = { 'ssh-keygen': 'the client of OpenSSH', gpg: 'GnuPG' };

function explained(program: string, error: unknown): unknown {
  if (!(error instanceof ProgramFailure) || error.reason === 'aborted') return error;
  if (error.reason === 'missing') {
    return new ConfigError(`The program ${program} is not there, so no signature can be checked`, {
      hint: `Install ${PACKAGES[program]}, or put ${program} on PATH`,
      cause: error,
    });
  }
  return new UnreachableError('A signature could not be checked in time', {
    hint: 'It is tried again; look whether this machine has anything left to work with',
    cause: error,
  });
}
