import type { GatesFile } from '../../../schema/generated/config.ts';
import { gateSettings } from '../../gates/index.ts';
import type { GateReference } from '../../gates/shared/gate-row.ts';
import { type Finding, type Path, pathText, quoted } from '../mistakes/finding.ts';
import { didYouMean } from '../mistakes/suggestion.ts';
import { gatesOf, type PartOf } from '../model/partial-file.ts';
import { writtenExpectations } from '../normal-form/normalize-expectations.ts';

/** Actions that every webhook may start without declaring them. */
export const BUILT_IN_ACTIONS: readonly string[] = ['reconcile', 'sync-jwks'];

/** Scopes whose mappings Authentik ships. */
const BUILT_IN_SCOPES = ['openid', 'email', 'profile', 'offline_access', 'entitlements'];

/** The most names that are compared before suggestions stop: each comparison takes about a microsecond. */
const MAX_COMPARISONS = 50_000;

/** Every name that is used and not declared. */
export function undeclared(file: PartOf<GatesFile>): Finding[] {
  const declared = new Map<Section, ReadonlySet<string>>();
  let comparisons = 0;
  return usesOf(file).flatMap((use) => {
    const known = declared.get(use.section) ?? new Set(declaredNames(file, use.section));
    declared.set(use.section, known);
    if (known.has(use.name)) return [];
    const { word, path } = SECTIONS[use.section];
    comparisons += known.size;
    const near = comparisons > MAX_COMPARISONS ? undefined : didYouMean(use.name, known);
    const hint = near ?? `declare it under \`${pathText(path)}\`${listOf(known)}`;
    return [
      {
        severity: 'error',
        rule: 'undeclared-name',
        path: use.path,
        message: `there is no ${word} ${quoted(use.name)}`,
        hint,
        restsOn: [[...path, use.name]],
        cause: pathText([...path, use.name]),
      },
    ];
  });
}

type Section = GateReference['section'] | 'domains' | 'origins' | 'scopes' | 'services' | 'tunnels';

const SECTIONS: Readonly<Record<Section, { word: string; path: Path }>> = {
  actions: { word: 'action', path: ['actions'] },
  certificateAuthorities: { word: 'certificate authority', path: ['certificateAuthorities'] },
  clients: { word: 'client', path: ['clients'] },
  domains: { word: 'domain', path: ['authentik', 'domains'] },
  groups: { word: 'group', path: ['groups'] },
  networks: { word: 'network', path: ['networks'] },
  origins: { word: 'origin', path: ['origins'] },
  people: { word: 'list of people', path: ['people'] },
  scopes: { word: 'scope', path: ['authentik', 'scopes'] },
  services: { word: 'service', path: ['services'] },
  serviceTokens: { word: 'service token', path: ['serviceTokens'] },
  tunnels: { word: 'tunnel', path: ['cloudflare', 'tunnels'] },
};

/** One use of a name that is declared elsewhere. */
export interface Use {
  readonly section: Section;
  readonly name: string;
  readonly path: Path;
}

function declaredNames(file: PartOf<GatesFile>, section: Section): readonly string[] {
  switch (section) {
    case 'actions':
      return [...Object.keys(file.actions ?? {}), ...BUILT_IN_ACTIONS];
    case 'domains':
      return Object.keys(file.authentik?.domains ?? {});
    case 'scopes':
      return [...BUILT_IN_SCOPES, ...Object.keys(file.authentik?.scopes ?? {})];
    case 'tunnels':
      return Object.keys(file.cloudflare?.tunnels ?? {});
    default:
      return Object.keys(file[section] ?? {});
  }
}

function listOf(known: ReadonlySet<string>): string {
  return known.size === 0 || known.size > 12 ? '' : `, or use one of: ${[...known].join(', ')}`;
}

/** The values below these keys, of which `*` stands for each entry of a list, with the keys that lead to each. */
function valuesAt(value: unknown, keys: readonly string[], path: Path = []): readonly [unknown, Path][] {
  const [key, ...rest] = keys;
  if (key === undefined) return [[value, path]];
  if (key === '*') {
    const entries: readonly unknown[] = Array.isArray(value) ? value : [];
    return entries.flatMap((entry, index) => valuesAt(entry, rest, [...path, index]));
  }
  return valuesAt((value as Readonly<Record<string, unknown>> | undefined)?.[key], rest, [...path, key]);
}

/** Every use of a declared name, in the order of the file. */
export function usesOf(file: PartOf<GatesFile>): Use[] {
  const uses: Use[] = [];
  const one = (section: Section, name: string | undefined, path: Path) => {
    if (name !== undefined) uses.push({ section, name, path });
  };
  const each = (section: Section, names: readonly (string | undefined)[] | undefined, path: Path) => {
    for (const [index, name] of (names ?? []).entries()) one(section, name, [...path, index]);
  };
  const names = (section: Section, value: unknown, path: Path, isName: GateReference['isName']) => {
    if (typeof value === 'string') one(section, value, path);
    else if (Array.isArray(value)) {
      each(
        section,
        value.map((name) => (isName?.(name) === false ? undefined : name)),
        path,
      );
    }
  };
  one('services', file.authentik?.service, ['authentik', 'service']);
  for (const [name, domain] of Object.entries(file.authentik?.domains ?? {})) {
    each('groups', domain?.groups, ['authentik', 'domains', name, 'groups']);
  }
  for (const [name, origin] of Object.entries(file.origins ?? {})) {
    one('tunnels', origin?.tunnel, ['origins', name, 'tunnel']);
  }
  for (const { gate, path } of gatesOf(file)) {
    for (const { row, settings, type } of gateSettings(gate)) {
      for (const { section, keys, isName } of row.references ?? []) {
        for (const [value, below] of valuesAt(settings, keys)) {
          names(section, value, [...path, type, ...below], isName);
        }
      }
    }
  }
  for (const [name, service] of Object.entries(file.services ?? {})) {
    one('origins', service?.origin, ['services', name, 'origin']);
  }
  for (const { entry, path } of writtenExpectations(file)) {
    if (typeof entry.as !== 'object') continue;
    each('groups', entry.as.groups, [...path, 'as', 'groups']);
    one('serviceTokens', entry.as.token, [...path, 'as', 'token']);
  }
  for (const [name, list] of Object.entries(file.people ?? {})) {
    each('groups', list?.groups, ['people', name, 'groups']);
  }
  for (const [name, group] of Object.entries(file.groups ?? {})) {
    one('groups', group?.parent, ['groups', name, 'parent']);
  }
  for (const [name, client] of Object.entries(file.clients ?? {})) {
    each('groups', client?.groups, ['clients', name, 'groups']);
    each('scopes', client?.scopes, ['clients', name, 'scopes']);
  }
  return uses;
}
