import type { Change, Plan, Verb } from '../../core/change.ts';
import {
  type AddressId,
  type Kind,
  parseAddressId,
  systemNames,
  systemOf,
} from '../../core/objects/address.ts';
import { isReference } from '../../core/objects/reference.ts';
import { type DifferenceLine, formatDifference, formatValue } from '../screen/value.ts';

/** The sign of each verb at the beginning of a line. */
export const signs: Readonly<Record<Verb, string>> = {
  create: '+',
  adopt: '>',
  update: '~',
  replace: '±',
  prune: '-',
  keep: '=',
  refuse: '!',
  verify: '?',
};

export const phaseTitles = {
  prepare: 'Prepare: no host opens or closes here',
  close: 'Hide: close hosts, or cover them until their gates have been checked',
  guard: 'Guard: gates exist before anything routes to them',
  open: 'Open: routes, then names',
  prove: 'Check: test each gate from outside',
  retire: 'Finish: remove covers and old gates',
  clean: 'Clean up',
} as const;

/** Names of objects by the ids that the systems gave them. */
export type NamesById = ReadonlyMap<string, string>;

/** Names that the plan knows: `flow default-provider-authorization-implicit-consent` by its UUID. */
export function namesById({ attributes, changes }: Plan): NamesById {
  const read = (Object.entries(attributes) as [AddressId, Readonly<Record<string, string>>][]).flatMap(
    ([address, named]) => Object.values(named).map((value) => [value, parseAddressId(address)] as const),
  );
  const live = changes.flatMap(({ have }) => (have === undefined ? [] : [[have.id, have.address] as const]));
  const isId = (text: string) => /^[0-9a-f]{32,64}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  return new Map(
    [...live, ...read]
      .filter(([id]) => isId(id))
      .map(([id, { kind, key }]) => [id, `<${kind.split('/')[1]} ${key}>`]),
  );
}

/** The effect of a change on the fields of its object, one on each line; ids of other objects as their names. */
export function fieldLines(
  change: Pick<Change, 'verb' | 'drift' | 'want'>,
  names: NamesById,
): readonly DifferenceLine[] {
  if (change.verb !== 'create') {
    return change.drift
      .filter(({ field }) => !internalFields.has(field))
      .flatMap(({ field, before, after }) =>
        formatDifference({ field, before: named(before, names), after: named(after, names) }),
      );
  }
  return Object.entries((change.want ?? {}) as object)
    .filter(isTelling)
    .map(([field, value]) => ({ sign: '+', text: `${field}: ${formatValue(named(value, names))}` }));
}

function named(value: unknown, names: NamesById): unknown {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => named(item, names));
  if (typeof value !== 'object' || value === null || isReference(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, named(item, names)]));
}

/** Fields that the kinds use internally and that no API and no file contains. */
const internalFields: ReadonlySet<string> = new Set([
  'admits',
  'engine',
  'expendable',
  'hosts',
  'intact',
  'overruled',
]);

/**
 * The changes that a person has to decide. `unknownLines` reports those that are refused because gates could not read
 * something.
 */
export function refusedChanges({ changes, unknown }: Plan): readonly Change[] {
  const blind = new Set(unknown.map(({ kind }) => kind));
  return changes.filter(
    ({ verb, address, unread = address.kind }) => verb === 'refuse' && !blind.has(unread),
  );
}

/** The most kinds of one system that are named; for more, the system is named. */
const MOST_KINDS = 3;

/** One line for each reason, not for each object: an API that does not answer is one item of news. */
export function unknownLines({ unknown, changes }: Plan): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { kind, reason } of unknown) reasons.set(reason, [...(reasons.get(reason) ?? []), kind]);
  return [...reasons].map(([reason, kinds]) => {
    const waiting = changes.filter(
      ({ verb, address, unread = address.kind }) => verb === 'refuse' && kinds.includes(unread),
    );
    const wait =
      waiting.length === 0
        ? ''
        : `; ${waiting.length === 1 ? '1 object waits' : `${waiting.length} objects wait`}`;
    return `unknown: ${listOf(kinds)} could not be read: ${reason}${wait}`;
  });
}

function listOf(kinds: readonly string[]): string {
  const systems = [...new Set(kinds.map((kind) => systemOf(kind as Kind)))];
  return kinds.length > MOST_KINDS && systems.length === 1
    ? `${kinds.length} kinds of ${systems.map((system) => systemNames[system]).join()}`
    : kinds.join(', ');
}

/** The TTL with which Cloudflare's API means that Cloudflare chooses it. */
const AUTOMATIC_TTL = 1;

/** True if a field is worth showing: empty values and ids of other objects add nothing for a person. */
function isTelling([field, value]: [string, unknown]): boolean {
  if (internalFields.has(field) || (field === 'ttl' && value === AUTOMATIC_TTL)) return false;
  if (value === undefined || value === '' || (field.endsWith('Id') && typeof value === 'string'))
    return false;
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
}
