import type { Everyone } from '../../config/model/gate.ts';

/** Whom an application admits: people in one of these groups; everybody who can log in only where that is said. */
export interface LoginAdmission {
  /** Names of groups, sorted, each once. */
  readonly groups: readonly string[];
  readonly admits: 'groups' | 'everyone';
}

interface Admitting {
  readonly groups: readonly string[];
  readonly everyone: Everyone | undefined;
}

/** Where somebody names groups, `everyone` beside them opens nothing. */
export function admissionOf(...entries: readonly Admitting[]): LoginAdmission {
  const groups = [...new Set(entries.flatMap((entry) => entry.groups))].sort();
  const open = groups.length === 0 && entries.some(({ everyone }) => everyone !== undefined);
  return { groups, admits: open ? 'everyone' : 'groups' };
}
