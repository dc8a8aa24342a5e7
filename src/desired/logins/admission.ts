import type { Everyone } from '../../config/model/gate.ts';

/** The people whom an application admits: members of these groups, or everybody who can log in if the file says so. */
export interface LoginAdmission {
  /** Names of groups, sorted, each once. */
  readonly groups: readonly string[];
  readonly admits: 'groups' | 'everyone';
}

interface Admitting {
  readonly groups: readonly string[];
  readonly everyone: Everyone | undefined;
}

/** If an entry names groups, `everyone` in another one opens nothing. */
export function admissionOf(...entries: readonly Admitting[]): LoginAdmission {
  const groups = [...new Set(entries.flatMap((entry) => entry.groups))].sort();
  const open = groups.length === 0 && entries.some(({ everyone }) => everyone !== undefined);
  return { groups, admits: open ? 'everyone' : 'groups' };
}
