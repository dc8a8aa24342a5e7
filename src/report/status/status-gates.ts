import { counted } from '../screen/revision-words.ts';
import { formatSpan } from '../screen/time-words.ts';
import type { GateSeen, OriginStatus, Status } from './status.ts';
import { isReportedAsProblem } from './status-problems.ts';
import type { SectionItem, StatusSection } from './status-section.ts';

/** The most guarded hosts with a good origin that are listed; more are only counted. */
const MOST_GUARDED = 20;

const TITLE = 'Gates, checked from outside';

/** One line for each gate, with its faults below; gates that need attention come first. */
export function gateSection(status: Status, now: Date): readonly StatusSection[] {
  const all = status.gates ?? [];
  if (all.length === 0) return [];
  const well = all.filter(isWell);
  const shown = well.length > MOST_GUARDED ? [] : well;
  const gates = [...all.filter((gate) => !isWell(gate)), ...shown];
  const width = Math.max(...gates.map(({ host }) => host.length));
  const rest = `${gates.length > 0 ? 'and ' : ''}${counted(well.length, 'host')}, guarded`;
  return [
    {
      about: 'gates',
      title: TITLE,
      items: gates.map((gate) => gateItem(gate, gate.host.padEnd(width), { status, now })),
      ...(shown.length < well.length && { next: rest }),
    },
  ];
}

/** The gates that need attention and that no problem of the last run explains. */
export function unwellGateSection(status: Status, now: Date): readonly StatusSection[] {
  const gates = (status.gates ?? []).filter((gate) => !isWell(gate) && !isExplained(gate, status));
  if (gates.length === 0) return [];
  const items = gates.map((gate) => gateItem(gate, gate.host, { status, now }));
  return [{ about: 'gates', title: TITLE, items: byDetails(items) }];
}

/** Hosts with the same details share one item. */
function byDetails(items: readonly SectionItem[]): readonly SectionItem[] {
  const groups = new Map<string, SectionItem>();
  for (const { lines, details = [] } of items) {
    const key = details.join('\n');
    groups.set(key, { lines: [...(groups.get(key)?.lines ?? []), ...lines], details });
  }
  return [...groups.values()];
}

function gateItem(
  gate: GateSeen,
  name: string,
  { status, now }: { readonly status: Status; readonly now: Date },
): SectionItem {
  const { reason, origin } = gate;
  return {
    lines: [`${name}  ${gateText(gate, now)}`],
    details: [
      ...(reason === undefined || isReportedAsProblem(reason, status) ? [] : [reason]),
      ...(origin === undefined ? [] : [originText(origin, now)]),
    ],
  };
}

/** True if a problem of the last run explains the gate. A host that is open to strangers always has its own item. */
function isExplained({ verdict, reason }: GateSeen, status: Status): boolean {
  return verdict !== 'open' && reason !== undefined && isReportedAsProblem(reason, status);
}

/**
 * True if nothing is wrong with the gate. An origin that asks is well, and so is one that cannot be asked from here.
 */
export function isWell({ verdict, origin }: GateSeen): boolean {
  return (
    verdict === 'guarded' &&
    (origin === undefined || origin.verdict === 'asks' || origin.verdict === 'unreachable')
  );
}

/** A word for each verdict, and its meaning. */
export const verdictWords: Readonly<
  Record<GateSeen['verdict'], { readonly word: string; readonly detail?: string }>
> = {
  guarded: { word: 'guarded' },
  closed: { word: 'CLOSED', detail: 'answers 503' },
  covered: { word: 'HIDDEN', detail: 'gate not confirmed' },
  open: { word: 'OPEN to strangers', detail: 'gates could not close it' },
  unproved: { word: 'NOT CHECKED', detail: 'unchanged' },
};

function gateText({ verdict, since, at, milliseconds }: GateSeen, now: Date): string {
  const { word, detail } = verdictWords[verdict];
  const span = (time: string) => formatSpan(now.getTime() - Date.parse(time));
  const looked = milliseconds === undefined ? 'checked' : `answered in ${milliseconds} ms`;
  const state = detail === undefined ? word : `${word}, ${detail},`;
  return `${state} for ${span(since)}; ${looked} ${span(at)} ago`;
}

/** The text for the origin's answer to a check from inside. */
export function originText({ verdict, since, reason }: OriginStatus, now: Date): string {
  const span = formatSpan(now.getTime() - Date.parse(since));
  const text = {
    asks: 'its origin asks for a login as well',
    silent: `checked from inside, its origin admits strangers, for ${span}`,
    unproved: `checked from inside, its origin does something else, for ${span}`,
    unreachable: 'its origin is not reachable from inside',
  }[verdict];
  return reason === undefined || verdict === 'unreachable' ? text : `${text}: ${reason}`;
}
