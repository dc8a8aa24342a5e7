import type { Actor, OwnWrite } from '../core/record/change-log.ts';

/** One write, as the log of its system has it. */
export interface LogEntry {
  readonly system: OwnWrite['system'];
  /** RFC 3339. */
  readonly at: string;
  readonly actor: Omit<Actor, 'at'>;
  /** Done by the system itself, mostly because of another entry. */
  readonly isAutomatic: boolean;
  /** Made with a token, not in a browser: by a program. */
  readonly isProgram: boolean;
  /** The actor as the system identifies it: the token's id, or the number of the account. */
  readonly identity: string | undefined;
  readonly does: 'create' | 'update' | 'delete';
  /** The objects that it names, as `plainId` writes them. */
  readonly ids: ReadonlySet<string>;
  readonly requestId: string | undefined;
  readonly method: string;
  readonly path: string;
}

/** As much of a log as was read. */
export interface ReadLog {
  readonly entries: readonly LogEntry[];
  /** RFC 3339: what is older was not read. */
  readonly since: string;
  /** There is more after `since` than gates reads. */
  readonly isCutOff: boolean;
}
