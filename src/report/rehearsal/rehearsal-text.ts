import { makePaint, type Paint } from '../screen/paint.ts';
import { hanging } from '../screen/screen.ts';
import type { Hole, Rehearsal } from './rehearsal.ts';

/** The most holes that are listed. */
const most = 10;

export interface RehearsalTextOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
}

/** The result of a rehearsal for people, below the plan. */
export function formatRehearsal(rehearsal: Rehearsal, options: RehearsalTextOptions): string {
  const paint = makePaint(options.color);
  const { seed, tried, possible, writes, reads, judged, originsTried, unplayed } = rehearsal;
  const share = tried === possible ? `all ${possible} ways` : `${tried} of ${possible} ways`;
  const lines = [
    paint.strong('Rehearsed on a copy of what is there now'),
    writes === 0
      ? '  nothing to write;'
      : `  ${counted(writes, 'write')}, each one with the process killed, the process stopped, the reply lost, not sent, and refused;`,
    `  ${counted(reads, 'read')}, each refused; and calls failing at random`,
    ...(originsTried === 'as described'
      ? []
      : ['  with origins that ask the outpost, and with origins that do not']),
    `  ${share} tried (seed ${seed}), every door after each of ${counted(judged, 'write')}`,
    ...unplayed.map((what) => paint.warn(`  not in the copy: ${what}`)),
    ...rehearsal.standing.map((hole) => paint.warn(`  as before, and not by this plan: ${holeText(hole)}`)),
    ...verdictLines(rehearsal, paint),
  ];
  return `${lines.flatMap((line) => hanging(line, options.width)).join('\n')}\n`;
}

function verdictLines({ holes, unfinished, unread }: Rehearsal, paint: Paint): readonly string[] {
  const open = limited(byDoor(holes), ({ first, also }) => [
    paint.bad(`  ! ${holeText(first)}${also.length === 0 ? '' : `; also ${also.join(', ')}`}`),
    `      ${paint.quiet(whenText(first))}`,
  ]);
  const left = limited(unfinished, ({ change, trouble }) => [
    paint.bad(`  ! not done afterwards: ${change}`),
    `      ${paint.quiet(trouble)}`,
  ]);
  if (holes.length > 0) {
    const exposed = 'Exposed: the file does not admit them, and they get through. Do not apply this plan.';
    return [...open, ...left, paint.bad(exposed)];
  }
  if (unread.length > 0) {
    const unfinishedToo = left.length === 0 ? '' : ' A run did not finish what it should.';
    return [
      ...left,
      paint.warn(
        `Not known who gets through: the copy cannot read or try all rules (see above).${unfinishedToo}`,
      ),
    ];
  }
  const nobody = 'Nobody gets through whom the file does not admit';
  if (left.length > 0) return [...left, paint.bad(`${nobody}, but a run did not finish what it should.`)];
  return [paint.good(`${nobody}, at any step.`), paint.good('Each time the next run finished the work.')];
}

interface OpenDoor {
  readonly first: Hole;
  /** Other people who get through, and other places. */
  readonly also: readonly string[];
}

/** The holes by door, so that one door with many spellings is reported once. */
function byDoor(holes: readonly Hole[]): readonly OpenDoor[] {
  const doors = new Map<string, Hole[]>();
  for (const hole of holes) {
    const door = [hole.host, hole.client, hole.servedBy].join('\n');
    doors.set(door, [...(doors.get(door) ?? []), hole]);
  }
  return [...doors.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const others = more.flatMap(({ principal, path }) => [principal, path]);
    const also = [...new Set(others)].filter((other) => other !== first.principal && other !== first.path);
    return [{ first, also }];
  });
}

/** `grafana.example.dev/ lets anonymous through to the origin` */
function holeText({ host, path, principal, servedBy, client }: Hole): string {
  return client === undefined
    ? `${host}${path} lets ${principal} through to the ${servedBy}`
    : `the login of ${client} gives ${principal} a code`;
}

function whenText({ trouble, step, origins }: Hole): string {
  return [
    trouble ?? 'nothing went wrong',
    ...(origins === 'do not ask' ? ['the origin does not ask who is there'] : []),
    ...(step === undefined ? [] : [`seen in ${step}`]),
  ].join('; ');
}

function limited<Item>(items: readonly Item[], lines: (item: Item) => readonly string[]): readonly string[] {
  const shown = items.slice(0, most).flatMap(lines);
  return items.length > most ? [...shown, `  and ${items.length - most} more`] : shown;
}

function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
