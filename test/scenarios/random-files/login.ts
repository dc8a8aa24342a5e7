import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import type { Admitted } from '../moves/moves.ts';
import { askAdmin } from '../stage/hand.ts';

/** The people who may log in somewhere, in the words of the file, and what they have to pass. */
export interface Login {
  readonly groups: readonly string[];
  /** User names in Authentik. */
  readonly users?: readonly string[];
  /** The slug of an authorization flow. */
  readonly flow?: string;
  readonly policies?: readonly string[];
}

/** A group and the one in which it lies. */
export type GroupParent = readonly [group: string, parent: string];

/** People without a group, flows and policies that files name. gates makes none of them. */
export const named = {
  users: ['uma', 'vic'],
  flows: ['mfa', 'key'],
  policies: ['office', 'trusted'],
} as const;

/** Makes them by hand. */
export async function settleNamed(sandbox: Sandbox): Promise<void> {
  const make = (path: string, body: object) =>
    askAdmin(sandbox, 'POST', '/edit', {
      ...{ actor: 'somebody', system: 'authentik', method: 'POST' },
      ...{ path: `/api/v3${path}`, body },
    });
  for (const username of named.users) await make('/core/users/', { username, name: username, groups: [] });
  for (const slug of named.flows)
    await make('/flows/instances/', { name: slug, slug, title: slug, designation: 'authorization' });
  for (const name of named.policies)
    await make('/policies/expression/', { name, expression: `return is_${name}(request)` });
}

/** `groups: [family], flow: mfa` */
export function loginText({ groups, users = [], flow, policies = [] }: Login): string {
  const list = (key: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${key}: [${names.join(', ')}]`];
  return [
    ...list('groups', groups),
    ...list('users', users),
    ...(flow === undefined ? [] : [`flow: ${flow}`]),
    ...list('policies', policies),
  ].join(', ');
}

/** The people of a login, in the words of the oracle: they are in a group themselves, whatever lies in it by now. */
export function whomOf(
  { groups, users = [], flow, policies = [] }: Login,
  parents: readonly GroupParent[],
): Admitted {
  const members = membersOf(groups, parents);
  const require = [
    ...(flow === undefined ? [] : [`flow ${flow}`]),
    ...policies.map((name) => `policy ${name}`),
  ];
  if (require.length === 0) return { members, users };
  const include = [{ members }, { users: [...users] }];
  return { rules: [{ include, require: require.map((name) => ({ passes: [name] })) }] };
}

/** The groups whose members these groups admit: they, and those that lie in them. */
function membersOf(groups: readonly string[], parents: readonly GroupParent[]): string[] {
  const found = new Set(groups);
  for (const each of found) for (const [group, parent] of parents) if (parent === each) found.add(group);
  return [...found];
}
