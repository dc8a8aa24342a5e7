import { waiting } from '../../apply/turns.ts';
import { type Change, isCover, type Plan, type Verb } from '../../core/change.ts';
import { addressId } from '../../core/objects/address.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import type { Attribution } from '../../core/record/change-log.ts';
import { gapLines, outsideWords } from '../screen/outside-words.ts';
import { makePaint, type Paint } from '../screen/paint.ts';
import { paragraph, table } from '../screen/screen.ts';
import { kindName } from '../screen/step-name.ts';
import { fieldLines, namesById, refusedChanges, signs, unknownLines } from './change-lines.ts';
import { doorTable } from './doors-text.ts';
import type { HostStory } from './host-stories.ts';
import { type Layout, stepLines } from './plan-steps.ts';
import { watchedLines } from './watched-text.ts';

/** The most names of kinds in one line of the folded plan. */
const MOST_NAMES = 3;

export interface PlanTextOptions {
  readonly color: boolean;
  /** The kinds of the plan, with their names for people. */
  readonly kinds: readonly NamedKind[];
  /** Columns of a line. */
  readonly width: number;
  /** The doors that change over the plan. */
  readonly doors: readonly HostStory[];
  /** The changes that were made outside gates. */
  readonly attribution?: Attribution | undefined;
  /** Each step with its fields, instead of one line for each entry of the file. */
  readonly verbose: boolean;
}

export type NamedKind = Pick<AnyReconciler, 'kind' | 'title'>;

/**
 * The plan as a person reads it before agreeing: who gets in where, now and after each step that changes this; what
 * stops a change; and what changes for each entry of the file.
 */
export function formatPlan(plan: Plan, options: PlanTextOptions): string {
  const { color, width, verbose, attribution } = options;
  const paint = makePaint(color);
  const sections = [
    doorTable(plan, options, paint),
    // The cause precedes its consequences.
    unknownLines(plan).flatMap((line) => paragraph(paint.bad(line), width)),
    refusedLines(plan, options, paint),
    verbose ? stepLines(plan, options, paint) : changeTable(plan, options, paint),
    watchedLines(plan, width, paint, namesById(plan)),
    gapLines(attribution).flatMap((line) => paragraph(paint.quiet(line), width)),
    plan.warnings.flatMap((warning) => paragraph(paint.warn(`warning: ${warning}`), width)),
  ];
  const shown = sections.filter((lines) => lines.length > 0).flatMap((lines) => [...lines, '']);
  const more =
    verbose || plan.changes.every(({ verb }) => verb === 'keep') ? '' : ' --verbose shows each step.';
  return `${[...shown, ...paragraph(`${summaryLine(plan)}${more}`, width)].join('\n')}\n`;
}

/** `Plan: 3 to create, 1 to update; 12 unchanged.` */
export function summaryLine(plan: Plan): string {
  const count = (verb: Verb) => plan.changes.filter((change) => change.verb === verb).length;
  const parts = (['create', 'adopt', 'update', 'replace'] as const).map((verb) => [
    count(verb),
    `to ${verb}`,
  ]);
  const others = [
    [count('prune'), 'to remove'],
    [count('verify'), 'to check'],
    [count('refuse'), 'refused'],
  ];
  const words = [...parts, ...others]
    .filter(([number]) => Number(number) > 0)
    .map(([number, words]) => `${number} ${words}`);
  const unchanged = `${count('keep')} unchanged`;
  return words.length === 0 ? `Nothing to do: ${unchanged}.` : `Plan: ${words.join(', ')}; ${unchanged}.`;
}

/** One row for each entry of the file, with its changes folded: `+ services.wiki  DNS record, 2 tunnel rules`. */
function changeTable(
  plan: Plan,
  { kinds, width, attribution }: PlanTextOptions,
  paint: Paint,
): readonly string[] {
  const waits = waiting(plan);
  const created = new Set(plan.changes.filter(({ verb }) => verb === 'create').map(idOf));
  const done = plan.changes.filter(
    (change) =>
      !['keep', 'refuse', 'verify'].includes(change.verb) &&
      !waits.has(change.id) &&
      // A later change to an object that the plan creates, such as a cover, is part of creating it.
      (change.verb === 'create' || !created.has(idOf(change))),
  );
  if (done.length === 0) return [];
  const titles = new Map<string, string>(kinds.map(({ kind, title }) => [kind, title]));
  const rows = [...groupedBy(done, entryOf)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([entry, changes]) => {
      const verbs = [...new Set(changes.map(({ verb }) => verb))];
      const [only] = verbs.length === 1 ? verbs : [];
      const parts = verbs.flatMap((verb) => {
        const same = changes.filter((change) => change.verb === verb);
        const names = verb === 'create' ? countedNames(same, titles) : foldedNames(same, titles);
        return only === undefined ? names.map((name) => `${signs[verb]} ${name}`) : names;
      });
      const sign = only === undefined ? '~' : signs[only];
      const outside = foldedOutside(changes, titles, attribution);
      const cell = [parts.join(', '), ...outside].join('; ');
      return [`${tintOf(only ?? 'update', paint)(sign)} ${paint.strong(entry)}`, cell];
    });
  return [paint.strong('Changes'), ...table(rows, width)];
}

/** The changes by others, each once, with the objects unless they are all of the entry. */
function foldedOutside(
  changes: readonly Change[],
  titles: ReadonlyMap<string, string>,
  attribution: Attribution | undefined,
): readonly string[] {
  const known = changes.filter((change) => outsideWords(change, attribution) !== undefined);
  return [...groupedBy(known, (change) => outsideWords(change, attribution) ?? '')].map(([words, same]) => {
    if (same.length === changes.length) return words;
    const names = new Set(same.map((change) => titledName(change, titleOf(change.address.kind, titles))));
    return `${[...names].join(', ')} ${words}`;
  });
}

/** The title, with the key if no entry of the file shows which object it is. */
function titledName({ because, address: { key } }: Change, title: string): string {
  return because === undefined ? `${title} ${key}` : title;
}

function titleOf(kind: string, titles: ReadonlyMap<string, string>): string {
  return (titles.get(kind) ?? kind).replace(/^Authentik /, '');
}

/** The entry of the file that asks for the object: `services.wiki`. */
function entryOf({ because }: Change): string {
  return because ?? noEntry;
}

const noEntry = 'no longer in the file';

function idOf({ address }: Change): string {
  return addressId(address);
}

/** Names of created objects, or their number if a line has no room for the names. */
function countedNames(changes: readonly Change[], titles: ReadonlyMap<string, string>): readonly string[] {
  const names = foldedNames(changes, titles);
  return names.length > MOST_NAMES ? [`${changes.length} objects`] : names;
}

/** Names of changed objects, each once with their number, and for an update the fields that differ. */
function foldedNames(changes: readonly Change[], titles: ReadonlyMap<string, string>): readonly string[] {
  const named = groupedBy(changes, (change) => {
    const { kind } = change.address;
    const covers = isCover(change) || change.doors.some(({ cover }) => cover === true);
    const title = covers ? 'temporary cover' : titleOf(kind, titles);
    return titledName(change, title);
  });
  return [...named].map(([name, same]) => {
    const fields = same.flatMap(({ verb, drift }) =>
      verb === 'create' ? [] : drift.map(({ field }) => field),
    );
    const fieldText = fields.length === 0 ? '' : ` (${[...new Set(fields)].join(', ')})`;
    return `${same.length === 1 ? name : `${same.length} × ${name}`}${fieldText}`;
  });
}

/** The reasons that stop changes, each once, with the refused changes and how many others wait for them. */
function refusedLines(plan: Plan, { width, attribution }: PlanTextOptions, paint: Paint): readonly string[] {
  const refused = refusedChanges(plan);
  if (refused.length === 0) return [];
  const waits = waiting(plan);
  const names = namesById(plan);
  const root = (id: string): string => {
    const next = waits.get(id);
    return next === undefined ? id : root(next);
  };
  const lines = [...groupedBy(refused, ({ reason }) => reason ?? '')].flatMap(([reason, changes]) => {
    const ids = new Set(changes.map(({ id }) => id));
    const waiters = plan.changes.filter(({ id }) => waits.has(id) && ids.has(root(id)));
    const entries = [...new Set(waiters.map(({ because, address }) => because ?? address.key))];
    return [
      ...changes.flatMap((change) => refusedObject(change, { paint, width, names, attribution })),
      ...paragraph(reason, width, `    ${paint.quiet('because')} `),
      ...(waiters.length === 0
        ? []
        : paragraph(
            `${waiters.length === 1 ? '1 change' : `${waiters.length} changes`} of ${entries.join(', ')}`,
            width,
            `    ${paint.quiet('waiting for it:')} `,
          )),
    ];
  });
  return [paint.strong('Refused: a person has to decide'), ...lines];
}

/** The object that is refused, and how it differs from the file. */
function refusedObject(change: Change, { paint, width, names, attribution }: Layout): readonly string[] {
  const { address, because } = change;
  const outside = outsideWords(change, attribution);
  const entry = because === undefined ? '' : paint.quiet(`  (${because})`);
  const differences = change.have === undefined ? [] : fieldLines(change, names);
  return [
    ...paragraph(
      `${kindName(address.kind)} ${paint.strong(address.key)}${entry}`,
      width,
      `  ${paint.bad('!')} `,
    ),
    ...differences.flatMap(({ sign, text }) => paragraph(text, width, `      ${sign} `)),
    ...(outside === undefined ? [] : paragraph(outside, width, '      ')),
  ];
}

function tintOf(verb: Verb, paint: Paint): (text: string) => string {
  if (verb === 'create' || verb === 'adopt') return paint.good;
  return verb === 'prune' || verb === 'refuse' ? paint.bad : paint.warn;
}

function groupedBy(
  changes: readonly Change[],
  keyOf: (change: Change) => string,
): ReadonlyMap<string, readonly Change[]> {
  const groups = new Map<string, Change[]>();
  for (const change of changes) groups.set(keyOf(change), [...(groups.get(keyOf(change)) ?? []), change]);
  return groups;
}
