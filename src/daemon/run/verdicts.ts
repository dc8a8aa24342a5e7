import type { Notification, ReconcileSettings } from '../../config/model/config.ts';
import type { FileDoor } from '../../config/model/file-door.ts';
import type { ParsedAccount } from '../../config/parse-config.ts';
import type { Mistake } from '../../core/mistake.ts';
import type { AppliedActions } from '../actions/applied-actions.ts';

/** An account of a file with several, by its name, and its Authentik if the servers have names. */
export type AccountName = Pick<ParsedAccount, 'server'> & { readonly name: string };

/** The settings of a file that the daemon itself needs. */
export type LoopSettings = Pick<
  ReconcileSettings,
  'schedule' | 'timezone' | 'drift' | 'probe' | 'jitter' | 'windows'
> & {
  /** The receivers of notices. */
  readonly notify?: readonly Notification[];
  /** The additional times at which key sets are read, if a gate has one: cron, five fields. */
  readonly sync?: string;
  /** The actions that signed calls may start. */
  readonly actions?: AppliedActions;
  /** The doors that the status page shows. */
  readonly doors?: readonly FileDoor[];
  /** The accounts of the file; none if it has one without a name. */
  readonly accounts?: readonly AccountName[];
};

/** A file judged alone: the settings that the daemon needs, or its mistakes. */
export type FileVerdict = { readonly settings: LoopSettings } | { readonly mistakes: readonly Mistake[] };

/** Never rejects: an unreadable file has mistakes. */
export type Check = (bytes: Uint8Array) => FileVerdict | Promise<FileVerdict>;
