import type { Everyone } from '../../config/model/gate.ts';

/** The visitors whom a rehearsal expects to pass; nobody if nothing is set. */
export interface GuardTerms {
  groups?: string[];
  emails?: string[];
  tokens?: string[];
  /** Everybody who has logged in. */
  people?: boolean;
  public?: boolean;
}

/** The people whom a part of the file admits. */
export interface Admitting {
  readonly groups: readonly string[];
  readonly everyone: Everyone | undefined;
}

/** If one of them names groups, `everyone` in another one opens nothing. */
export function peopleOf(entries: readonly (Admitting | undefined)[]): GuardTerms {
  const groups = [...new Set(entries.flatMap((entry) => entry?.groups ?? []))];
  if (groups.length > 0) return { groups };
  return entries.some((entry) => entry?.everyone !== undefined) ? { people: true } : {};
}
