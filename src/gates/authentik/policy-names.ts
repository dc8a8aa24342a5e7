import type * as file from '../../../schema/generated/config.ts';
import type { Finding } from '../../config/mistakes/finding.ts';
import { compact, gatesOf, type PartOf } from '../../config/model/partial-file.ts';

interface Login {
  readonly path: readonly string[];
  readonly entry: PartOf<Pick<file.Client, 'groups' | 'users' | 'policies'>>;
  /** Gates that add people to it. */
  readonly gates: readonly PartOf<Pick<file.Client, 'groups' | 'users'>>[];
}

/**
 * Logins with policies and more than one group or user. An application with policies asks for all of its bindings, so a
 * person would have to be in every group.
 */
export function severalNames(partial: PartOf<file.GatesFile>): readonly Finding[] {
  return loginsIn(partial).flatMap(({ path, entry, gates }): readonly Finding[] => {
    if (compact(entry.policies ?? []).length === 0) return [];
    const names = new Set(
      [entry, ...gates].flatMap(({ groups = [], users = [] }) => [
        ...compact(groups).map((name) => `group ${name}`),
        ...compact(users).map((name) => `user ${name}`),
      ]),
    );
    if (names.size < 2) return [];
    return [
      {
        severity: 'error',
        rule: 'conflicting-keys',
        path: [...path, 'policies'],
        part: 'key',
        message: `with \`policies\`, Authentik would ask each person for all of ${[...names].join(', ')}`,
        hint: 'make one group in Authentik that contains them, and name only that',
        restsOn: [path],
      },
    ];
  });
}

function loginsIn(partial: PartOf<file.GatesFile>): readonly Login[] {
  const gates = gatesOf(partial).flatMap(({ gate, path }) =>
    gate.authentik === undefined ? [] : [{ entry: gate.authentik, path: [...path, 'authentik'] }],
  );
  const named = (section: PartOf<Readonly<Record<string, Login['entry']>>> | undefined, path: string[]) =>
    Object.entries(section ?? {}).flatMap(([name, entry]) =>
      entry === undefined ? [] : [{ entry, name, path: [...path, name] }],
    );
  return [
    ...gates.map((login) => ({ ...login, gates: [] })),
    ...named(partial.authentik?.domains, ['authentik', 'domains']).map((login) => ({ ...login, gates: [] })),
    ...named(partial.clients, ['clients']).map((login) => ({
      ...login,
      gates: gates.flatMap(({ entry }) => (entry.client === login.name ? [entry] : [])),
    })),
  ];
}
