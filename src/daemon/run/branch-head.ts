import type { AcceptedRevision, GitSource, SourceRevision } from '../../clients/git/git.ts';
import { describeError } from '../../core/errors.ts';
import { equal } from '../../core/objects/equal.ts';
import type { Clock } from '../../core/world.ts';
import type { RejectedRevision, StatusMistake } from '../../report/status/status.ts';
import type { Log } from '../log/log.ts';
import { redactDeep } from '../log/redact-deep.ts';
import type { StatusFile } from '../status/status-file.ts';
import { wholeFile } from './run-ending.ts';
import { rewrittenText, statusMistakes } from './run-report.ts';
import type { FileVerdict } from './verdicts.ts';

export interface BranchHeadOptions {
  readonly git: Pick<GitSource, 'read'>;
  readonly status: StatusFile;
  /** Path of gates.yaml in the repository, for messages. */
  readonly file: string;
  readonly clock: Clock;
  readonly redact: (text: string) => string;
  readonly verdictOn: (bytes: Uint8Array) => Promise<FileVerdict>;
}

/** The run in which the branch is read. */
export interface ReadingRun {
  readonly log: Log;
  readonly running: (parts: { readonly step: 'validate'; readonly revision: string }) => void;
  readonly signal: AbortSignal;
  /** Warnings of this run. */
  readonly told: string[];
}

/** The head of the branch: the reason why it was not read, the fact that it has mistakes, or its content. */
export type ReadHead =
  | { readonly unread: unknown }
  | { readonly mistaken: true }
  | { readonly head: Omit<SourceRevision, 'file'>; readonly bytes: Uint8Array };

/** Reads the head of the branch, judges it, and sets the status. Rejects once the signal is aborted. */
export function branchHeadReader(options: BranchHeadOptions) {
  const { git, status, file, clock, redact } = options;

  function reject(log: Log, head: SourceRevision, mistakes: readonly StatusMistake[]): ReadHead {
    const { revision, author, subject } = head;
    const at = clock.now().toISOString();
    const rejected: RejectedRevision = redactDeep({ revision, author, subject, at, mistakes }, redact);
    const known = status.current().rejected;
    // The mistakes can change without a push, because the allowed signers can.
    if (known !== undefined && equal({ ...known, at }, rejected)) return { mistaken: true };
    status.change({ rejected });
    for (const { message, ...where } of mistakes) log.error('mistake', { revision, ...where, said: message });
    return { mistaken: true };
  }

  return async (
    { log, running, signal, told }: ReadingRun,
    accepted: AcceptedRevision | undefined,
  ): Promise<ReadHead> => {
    const { error: _, ...repository } = status.current().repository;
    let head: SourceRevision;
    try {
      head = await git.read(signal, accepted);
    } catch (error) {
      signal.throwIfAborted();
      log.warn('repository not read', { error });
      status.change({ repository: { ...repository, error: redact(describeError(error)) } });
      return { unread: error };
    }
    status.change({ repository: { ...repository, readAt: clock.now().toISOString() } });
    running({ step: 'validate', revision: head.revision });
    if (head.replaced !== undefined) {
      log.warn('history rewritten', { revision: head.revision, before: head.replaced });
      told.push(rewrittenText(head.revision, head.replaced));
    }
    if ('error' in head.file) return reject(log, head, [wholeFile(file, head.file.error)]);
    const { bytes } = head.file;
    const verdict = await options.verdictOn(bytes);
    if ('mistakes' in verdict) return reject(log, head, statusMistakes(verdict.mistakes, file));
    status.change({ rejected: undefined });
    return { head, bytes };
  };
}
