import type { Everyone } from '../../config/model/gate.ts';

/** The people whom an application admits: members of these groups and these users, or everybody who can log in if the file says so. */
export interface LoginAdmission {
  /** Names of groups, sorted, each once. */
  readonly groups: readonly string[];
  /** User names, sorted, each once. */
  readonly users: readonly string[];
  /** Names of policies that have to agree about each of them, sorted, each once. */
  readonly policies: readonly string[];
  readonly admits: 'named' | 'everyone';
}

interface Admitting {
  readonly groups: readonly string[];
  readonly users: readonly string[];
  readonly everyone: Everyone | undefined;
  readonly policies: readonly string[];
}

/** If an entry names groups or users, `everyone` in another one opens nothing. */
export function admissionOf(...entries: readonly Admitting[]): LoginAdmission {
  const groups = [...new Set(entries.flatMap((entry) => entry.groups))].sort();
  const users = [...new Set(entries.flatMap((entry) => entry.users))].sort();
  const isOpen = groups.length + users.length === 0 && entries.some(({ everyone }) => everyone !== undefined);
  const policies = [...new Set(entries.flatMap((entry) => entry.policies))].sort();
  return { groups, users, policies, admits: isOpen ? 'everyone' : 'named' };
}
