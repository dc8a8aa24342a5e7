import type { Actor, OwnWrite } from '../core/record/change-log.ts';

/** One write, as recorded in the log of its system. */
export interface LogEntry {
  readonly system: OwnWrite['system'];
  /** RFC 3339. */
  readonly at: string;
  readonly actor: Omit<Actor, 'at'>;
  /** Done by the system itself, usually because of another entry. */
  readonly isAutomatic: boolean;
  /** Made by a program, with a token and not in a browser. */
  readonly isProgram: boolean;
  /** The actor as the system identifies it: the token's id, or the number of the account. */
  readonly identity: string | undefined;
  readonly does: 'create' | 'update' | 'delete';
  /** The named objects, as `plainId` writes them. */
  readonly ids: ReadonlySet<string>;
  readonly requestId: string | undefined;
  readonly method: string;
  readonly path: string;
}

/** The part of a log that was read. */
export interface ReadLog {
  readonly entries: readonly LogEntry[];
  /** RFC 3339: older entries were not read. */
  readonly since: string;
  /** There are more entries after `since` than gates reads. */
  readonly isCutOff: boolean;
}
