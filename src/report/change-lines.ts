import type { Change, Plan, Verb } from '../core/change.ts';
import { type DifferenceLine, formatDifference, formatValue } from './value.ts';

/** A verb as it is seen at a glance. */
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
  prepare: 'Prepare: nothing here opens or closes a door',
  close: 'Close: what must not be reached is answered by an error',
  guard: 'Guard: gates stand before anything routes to them',
  open: 'Open: routes, then names',
  prove: 'Prove: each gate is looked at from outside',
  retire: 'Retire: what lets more people in, and what no longer serves or guards anything',
  clean: 'Clean up',
} as const;

/** What a change does to the fields of its object, a line each. */
export function fieldLines(change: Change): readonly DifferenceLine[] {
  if (change.verb !== 'create') return change.drift.flatMap(formatDifference);
  return Object.entries((change.want ?? {}) as object)
    .filter(isTelling)
    .map(([field, value]) => ({ sign: '+', text: `${field}: ${formatValue(value)}` }));
}

/** What a person has to decide; what is refused for want of reading is told by `unknownLines`. */
export function refusedChanges({ changes, unknown }: Plan): readonly Change[] {
  const blind = new Set(unknown.map(({ kind }) => kind));
  return changes.filter((change) => change.verb === 'refuse' && !blind.has(change.address.kind));
}

/** One line for each reason, not for each object: an API that does not answer is one piece of news. */
export function unknownLines({ unknown, changes }: Plan): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { kind, reason } of unknown) reasons.set(reason, [...(reasons.get(reason) ?? []), kind]);
  return [...reasons].map(([reason, kinds]) => {
    const waiting = changes.filter(({ verb, address }) => verb === 'refuse' && kinds.includes(address.kind));
    const wait =
      waiting.length === 0
        ? ''
        : `; ${waiting.length === 1 ? '1 object waits' : `${waiting.length} objects wait`}`;
    return `unknown: ${kinds.join(', ')} could not be read: ${reason}${wait}`;
  });
}

/** Empty values and ids of other objects tell a person nothing that the rest does not. */
function isTelling([field, value]: [string, unknown]): boolean {
  if (value === undefined || value === '' || (field.endsWith('Id') && typeof value === 'string'))
    return false;
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
}
