import stringWidth from 'string-width';
import { LAST_TIME, type Plan } from '../../core/change.ts';
import type { Paint } from '../screen/paint.ts';
import { paragraph, table } from '../screen/screen.ts';
import { type DoorMoment, type DoorStory, type HostStory, hostsThatWait } from './host-stories.ts';

/** The most groups of paths of one host that the plan shows; it counts the others. */
const MOST_GROUPS = 4;

/** The most names of one state; the text counts the others. */
const MOST_NAMES = 4;

interface DoorTableOptions {
  readonly doors: readonly HostStory[];
  readonly width: number;
  /** The plan shows each step, together with the finding of its last check. */
  readonly verbose: boolean;
}

/**
 * The hosts whose doors change: who gets in now, and after each step that changes this. The last state is the one after
 * the plan. A state that does not fit into the line follows below.
 *
 * `grafana.example.dev  nobody → gates' probe (step 31) → group admins (step 45)`
 */
export function doorTable(plan: Plan, options: DoorTableOptions, paint: Paint): readonly string[] {
  const { doors, width } = options;
  const waits = hostsThatWait(plan);
  const room = width - Math.max(0, ...doors.map(({ host }) => stringWidth(host))) - 4;
  const rows = doors.flatMap((story) => {
    const end = waits.has(story.host) ? [paint.bad('the rest waits')] : [];
    return [...linesOf(story, room, paint), ...end].map((text, index) => [
      index === 0 ? paint.strong(story.host) : '',
      text,
    ]);
  });
  const checks = options.verbose ? [] : lastChecks(plan, width, paint);
  const shown = [...table(rows, width), ...checks];
  return shown.length === 0 ? [] : [paint.strong('Doors'), ...shown];
}

function linesOf({ host, doors }: HostStory, room: number, paint: Paint): readonly string[] {
  const shown = doors.length > MOST_GROUPS ? doors.slice(0, MOST_GROUPS - 1) : doors;
  const hidden = doors.length - shown.length;
  const more = `other states at ${hidden} more groups of paths: gates why ${host}`;
  return [
    ...shown.flatMap((door) => {
      const [first = '', ...rest] = statesOf(door, paint);
      const later = rest.map((text) => `${paint.quiet('→')} ${text}`);
      const line = [`${pathPrefix(door)}${first}`, ...later];
      return stringWidth(line.join(' ')) <= room ? [line.join(' ')] : line;
    }),
    ...(hidden === 0 ? [] : [paint.quiet(more)]),
  ];
}

/** `/api/**: `; empty for the host itself. */
export function pathPrefix({ method, paths }: DoorStory): string {
  const path = paths.join(' ');
  if (method === undefined && path === '/**') return '';
  return `${method === undefined ? '' : `${method} `}${path}: `;
}

/** The states in their order, each with the step from which it holds. */
export function momentTexts({ moments }: DoorStory): readonly string[] {
  const origins = new Set(moments.flatMap(({ to }) => to));
  const changing = changingNames(moments);
  return moments.map(({ admits, to }) => {
    const where = origins.size > 1 && to.length > 0 ? ` at ${to.join(', ')}` : '';
    return `${shortened(admits, changing)}${where}`;
  });
}

function statesOf(door: DoorStory, paint: Paint): readonly string[] {
  const texts = momentTexts(door);
  return door.moments.map(({ step, admits }, index) => {
    const text = tintOf(admits, paint)(texts[index] ?? '');
    return step === 0 ? text : `${text} (step ${step})`;
  });
}

/** Names in some of the states, but not in all. */
function changingNames(moments: readonly DoorMoment[]): ReadonlySet<string> {
  const all = moments.flatMap(({ admits }) => admits);
  return new Set(all.filter((name) => !moments.every(({ admits }) => admits.includes(name))));
}

/** `me@example.dev, you@example.dev, group admins and 17 more`: names that change come first. */
function shortened(admits: readonly string[], changing: ReadonlySet<string>): string {
  const separator = admits.some((name) => name.includes(', ')) ? '; ' : ', ';
  if (admits.length <= MOST_NAMES) return admits.join(separator);
  const first = [
    ...admits.filter((name) => changing.has(name)),
    ...admits.filter((name) => !changing.has(name)),
  ];
  const shown = first.slice(0, MOST_NAMES - 1);
  return `${shown.join(separator)} and ${admits.length - shown.length} more`;
}

function tintOf(admits: readonly string[], paint: Paint): (text: string) => string {
  const [only] = admits.length === 1 ? admits : [];
  if (only === 'nobody') return paint.quiet;
  if (only === "gates' probe") return paint.strong;
  if (only === 'everybody' || admits.some((name) => /^(perhaps|whoever) /.test(name))) return paint.warn;
  return paint.good;
}

/** The reasons why hosts are not open yet: each finding of their last checks once, with the hosts. */
function lastChecks({ changes }: Plan, width: number, paint: Paint): readonly string[] {
  const hosts = new Map<string, Set<string>>();
  for (const { verb, reason, doors } of changes) {
    if (verb !== 'verify' || reason?.startsWith(LAST_TIME) !== true) continue;
    const found = hosts.get(reason) ?? new Set();
    for (const { host } of doors) found.add(host);
    hosts.set(reason, found);
  }
  return [...hosts].flatMap(([reason, these]) =>
    paragraph(`${[...these].join(', ')}, ${reason}`, width, `  ${paint.bad('!')} `),
  );
}
