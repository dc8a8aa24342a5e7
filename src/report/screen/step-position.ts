import { stepNumbers } from '../../apply/turns.ts';
import type { Change, NeedReason, Plan } from '../../core/change.ts';
import { type DoorEffect, type DoorStep, isAtHost, isGuarding, stepRank } from '../../core/objects/door.ts';
import { nameOfChange } from './step-name.ts';

/** The most reasons of one step; the text counts the others. */
const MOST_REASONS = 4;

/** The reason for the place of each step of a plan: `after steps 4 and 5: it refers to what is made there`. */
export class StepPositions {
  readonly #byId: ReadonlyMap<string, Change>;
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(plan: Plan) {
    this.#byId = new Map(plan.changes.map((change) => [change.id, change]));
    this.#numbers = stepNumbers(plan);
  }

  /** The reason for a step's place, without steps that precede another of the listed steps. */
  reasonOf(change: Change): string {
    const needs = this.#directNeeds(change);
    if (needs.length === 0) return 'waits for no other step';
    const groups = new Map<string, Change[]>();
    for (const { earlier, reason } of needs) {
      const text = reasonText(reason, earlier, change);
      groups.set(text, [...(groups.get(text) ?? []), earlier]);
    }
    const shown = [...groups].slice(0, MOST_REASONS);
    const texts = shown.map(([text, changes]) => `after ${this.#namesOf(changes)}${text}`);
    const more = groups.size - shown.length;
    return [...texts, ...(more === 0 ? [] : [`and ${more} more reasons`])].join('; ');
  }

  #directNeeds({ needs, needReasons = [] }: Change): readonly Need[] {
    const all = needs.flatMap((id, index): readonly Need[] => {
      const earlier = this.#byId.get(id);
      return earlier === undefined ? [] : [{ earlier, reason: needReasons[index] ?? 'series' }];
    });
    const before = new Set(all.flatMap(({ earlier }) => earlier.needs));
    return all.filter(({ earlier }) => !before.has(earlier.id));
  }

  /** `step 4`, `steps 4 and 5`, `steps 4, 6–9`; the name of a change without a number. */
  #namesOf(changes: readonly Change[]): string {
    const numbers = changes
      .flatMap(({ id }) => this.#numbers.get(id) ?? [])
      .sort((left, right) => left - right);
    const others = changes.filter(({ id }) => !this.#numbers.has(id)).map(nameOfChange);
    const noun = numbers.length === 1 ? 'step' : 'steps';
    const ranges = rangesOf(numbers);
    const named = ranges.length === 2 ? ranges.join(' and ') : ranges.join(', ');
    return [...(numbers.length === 0 ? [] : [`${noun} ${named}`]), ...others].join(', ');
  }
}

interface Need {
  readonly earlier: Change;
  readonly reason: NeedReason;
}

/** `4`, `6–9` of 4, 6, 7, 8, 9. */
function rangesOf(numbers: readonly number[]): readonly string[] {
  const ranges: { readonly first: number; last: number }[] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range?.last === number - 1) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges.flatMap(({ first, last }) => {
    if (last - first < 2) return first === last ? [`${first}`] : [`${first}`, `${last}`];
    return [`${first}–${last}`];
  });
}

function reasonText(reason: NeedReason, earlier: Change, later: Change): string {
  if (reason === 'door') return doorText(earlier, later) ?? ': the order at a host asks for it';
  return (reason === 'series' ? doorText(earlier, later) : undefined) ?? texts[reason];
}

const texts: Readonly<Record<Exclude<NeedReason, 'door'>, string>> = {
  reference: ': it refers to what is made there',
  use: ': what it removes is in use until then',
  part: ': a part of it is put right there',
  outlasts: ': what it removes has to stay until then',
  revival: ': it may put to work again what is put right there',
  strictness: ': at each step the login has to be as strict as before or after',
  series: ': both are steps of one change',
};

/** `: on app.example.dev, what guards comes before what routes` */
function doorText({ doors: before }: Change, { doors: after }: Change): string | undefined {
  for (const late of after) {
    for (const early of before) {
      const host = isAtHost(early.host, late.host) ? late.host : early.host;
      if (host === early.host && !isAtHost(late.host, early.host)) continue;
      const words = orderText(early, late);
      if (words !== undefined) return `: on ${host}, ${words}`;
    }
  }
  return undefined;
}

function orderText(early: DoorEffect, late: DoorEffect): string | undefined {
  const [first, then] = [stepRank(early.step), stepRank(late.step)];
  if (first < then) return `${stepWords[early.step]} comes before ${stepWords[late.step]}`;
  if (first > then || early.part === undefined) return undefined;
  return isGuarding(early.step)
    ? 'the gate of the inner path comes first'
    : 'the gate of the outer path goes first';
}

const stepWords: Readonly<Record<DoorStep, string>> = {
  close: 'what closes',
  guard: 'what guards',
  divide: 'what guards a path',
  change: 'what admits others',
  attest: 'what reads the gate back',
  route: 'what routes',
  publish: 'what gives the name',
  vacate: 'what would hide the new gate',
  prove: 'the check',
  purge: 'what drops copies',
  unroute: 'what ends a route',
  unguard: 'what lets more people in',
  confirm: 'the last check',
};
