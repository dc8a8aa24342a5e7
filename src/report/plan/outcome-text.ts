import type { Change, Plan } from '../../core/change.ts';
import { describeError } from '../../core/errors.ts';
import type { Outcome } from '../../core/outcome.ts';
import { makePaint } from '../screen/paint.ts';
import { paragraph } from '../screen/screen.ts';
import { nameOfChange } from '../screen/step-name.ts';

export interface OutcomeOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
}

/** The lines of a finished change, after its number: `[ 3/20] done     create cloudflare/dns-record …`. */
export function doneLines(
  change: Change,
  { color, width, place }: OutcomeOptions & { readonly place: string },
): readonly string[] {
  return paragraph(nameOfChange(change), width, `${place}${makePaint(color).good('done')}     `);
}

export interface TroubleOptions extends OutcomeOptions {
  /** Include refused changes, for a reader who has not seen the plan. */
  readonly refused: boolean;
}

/**
 * The changes that were not made: each cause once, with the changes that failed for it and how much waits for them. Then
 * the changes that were skipped for another reason.
 *
 * ```
 * failed   check from outside of music.example.dev, wiki.example.dev: Could not confirm …
 *          waiting for it: 6 changes of services.music, services.wiki
 * skipped  3 changes of services.photos: waiting for refuse cloudflare/tunnel lab
 * ```
 */
export function troubleLines(
  { changes }: Plan,
  outcomes: readonly Outcome[],
  { color, width, refused }: TroubleOptions,
): readonly string[] {
  const paint = makePaint(color);
  const byId = new Map(changes.map((change) => [change.id, change]));
  const failures = failuresByCause(changes, outcomes);
  const roots = rootsOf(changes, outcomes);
  const waiting = groupBy(roots.keys(), (id) => roots.get(id) ?? '');
  const listed = (ids: readonly string[]) => {
    const late = ids.flatMap((id) => byId.get(id) ?? []);
    const entries = [...new Set(late.map(({ because, address }) => because ?? address.key))];
    return `${late.length === 1 ? '1 change' : `${late.length} changes`} of ${entries.join(', ')}`;
  };
  const failed = failures.flatMap(({ cause, group }) => {
    const late = group.flatMap(({ id }) => waiting.get(id) ?? []);
    const lead = `${paint.bad('failed')}   `;
    return [
      ...paragraph(`${namesOf(group)}: ${cause}`, width, lead),
      ...(late.length === 0
        ? []
        : paragraph(`${paint.quiet('waiting for it:')} ${listed(late)}`, width, ' '.repeat(9))),
    ];
  });
  const failing = new Set(failures.flatMap(({ group }) => group.map(({ id }) => id)));
  const reasonOf = (root: string, id: string) => {
    const stuck = byId.get(root);
    if (root !== id && stuck !== undefined) return `waiting for ${nameOfChange(stuck)}`;
    return outcomes.find(({ change }) => change === id)?.reason ?? 'no reason was given';
  };
  const others = [...roots].filter(
    ([id, root]) => !failing.has(root) && (refused || byId.get(id)?.verb !== 'refuse'),
  );
  const skipped = groupBy(others, ([id, root]) => reasonOf(root, id));
  return [
    ...failed,
    ...[...skipped].flatMap(([reason, group]) =>
      paragraph(`${listed(group.map(([id]) => id))}: ${reason}`, width, `${paint.warn('skipped')}  `),
    ),
  ];
}

/** Failed changes of one kind with the same cause, which differ only in the object and the request. */
function failuresByCause(
  changes: readonly Change[],
  outcomes: readonly Outcome[],
): readonly { readonly cause: string; readonly group: readonly Change[] }[] {
  const errors = new Map(
    outcomes.flatMap(({ change, status, error }) => (status === 'failed' ? [[change, error] as const] : [])),
  );
  const failed = changes.filter(({ id }) => errors.has(id));
  // The name of the object precedes the cause.
  const causeOf = ({ id, address }: Change) =>
    describeError(errors.get(id) ?? new Error('no reason was given')).replaceAll(` (${address.key})`, '');
  const alike = (change: Change) => {
    const cause = causeOf(change).replace(/ \[request [^\]]*\]/, '');
    return `${change.verb} ${change.address.kind} ${cause}`;
  };
  const groups = [...groupBy(failed, alike).values()];
  return groups.map((group) => ({ cause: group.slice(0, 1).map(causeOf).join(''), group }));
}

/** `check from outside of music.example.dev, wiki.example.dev` */
function namesOf(group: readonly Change[]): string {
  const [first, ...rest] = group;
  const others = rest.map(({ address }) => `, ${address.key}`);
  return first === undefined ? '' : `${nameOfChange(first)}${others.join('')}`;
}

/** The last cause of each skipped change: a change that failed or was refused, or itself. */
function rootsOf(changes: readonly Change[], outcomes: readonly Outcome[]): ReadonlyMap<string, string> {
  const byId = new Map(changes.map((change) => [change.id, change]));
  const statuses = new Map(outcomes.map(({ change, status }) => [change, status]));
  const rootOf = (id: string): string => {
    const needs = byId.get(id)?.needs ?? [];
    const stuck = needs.find((one) => statuses.get(one) === 'failed' || byId.get(one)?.verb === 'refuse');
    if (stuck !== undefined) return stuck;
    const need = needs.find((one) => statuses.get(one) === 'skipped');
    return need === undefined ? id : rootOf(need);
  };
  const skipped = outcomes.filter(({ status }) => status === 'skipped');
  return new Map(skipped.map(({ change }) => [change, rootOf(change)]));
}

function groupBy<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** `Applied: 12 done, 1 failed, 2 skipped.` */
export function outcomeSummary(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  const parts = [`${count('done')} done`];
  if (count('failed') > 0) parts.push(`${count('failed')} failed`);
  if (count('skipped') > 0) parts.push(`${count('skipped')} skipped`);
  return `Applied: ${parts.join(', ')}.`;
}
