import { LAST_TIME, type Plan } from '../core/change.ts';
import { type DoorKind, type DoorMoment, type DoorState, type DoorStory, doorStories } from './doors.ts';
import type { Paint } from './paint.ts';
import { paragraph, table } from './screen.ts';

/** The people who get into a host by the file, in words. */
export interface AskedDoor {
  readonly host: string;
  /** `group admins (Authentik)` */
  readonly text: string;
  readonly isOpen: boolean;
}

interface DoorTableOptions {
  /** The doors of the file's hosts; default: what the objects of the plan say. */
  readonly asked?: readonly AskedDoor[] | undefined;
  readonly kinds: readonly DoorKind[];
  readonly width: number;
  /** Each moment of a door, instead of what holds before and after. */
  readonly verbose: boolean;
}

/**
 * One row for each host that a step touches: what guards it now, what guards it afterwards, and from which step on.
 *
 * `grafana.example.dev  not reachable → group admins (Authentik) (step 45)`
 */
export function doorTable(plan: Plan, options: DoorTableOptions, paint: Paint): readonly string[] {
  const stories = doorStories(plan, options.kinds);
  if (stories.length === 0) return [];
  const asked = new Map((options.asked ?? []).map((door) => [door.host, door]));
  const rows = stories.map((story) => {
    const told = options.verbose
      ? momentsOf(story, paint)
      : beforeAndAfter(story, paint, asked.get(story.host));
    return [story.host, story.waits ? `${told}; ${paint.bad('the rest waits')}` : told];
  });
  // With the steps it stands at the step that checks again.
  const checks = options.verbose ? [] : lastChecks(plan, options.width, paint);
  return [paint.strong('Doors'), ...table(rows, options.width), ...checks];
}

/** Why hosts are not open yet: each thing that their last checks found once, with the hosts. */
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

function beforeAndAfter(story: DoorStory, paint: Paint, asked: AskedDoor | undefined): string {
  const { now, moments } = story;
  const end = asked === undefined || isMoreTelling(story.end, asked) ? story.end : endOf(asked);
  // If the objects of a host say the same before and after, so does the text.
  const before = now === story.end.text ? end.text : (now ?? 'not reachable');
  if (story.waits && isHidden(end)) return tinted(end, paint);
  const last = moments.findLast(({ state }) => state !== undefined);
  if (last === undefined || before === end.text) {
    const events = moments.map(({ text, step }) => `${text} (step ${step})`);
    return [before === end.text ? tinted(end, paint) : `${before} → ${tinted(end, paint)}`, ...events].join(
      ', ',
    );
  }
  const hidden = now === undefined ? undefined : moments.find(isHidden);
  if (end.state === 'absent') return `${before} → ${tinted(end, paint)} (step ${(hidden ?? last).step})`;
  const meanwhile = hidden === undefined || hidden === last ? '' : `; closed from step ${hidden.step}`;
  return `${before} → ${tinted(end, paint)} (step ${last.step}${meanwhile})`;
}

function isHidden({ state }: Pick<DoorMoment, 'state'>): boolean {
  return state === 'closed' || state === 'covered' || state === 'absent';
}

/** Whether what the objects say matters more: the host is hidden, or it is open and should not be. */
function isMoreTelling(end: DoorStory['end'], asked: AskedDoor): boolean {
  return isHidden(end) || (!asked.isOpen && end.state !== 'guarded');
}

function endOf({ isOpen, text }: AskedDoor): DoorStory['end'] {
  return { state: isOpen ? 'open' : 'guarded', text };
}

function momentsOf({ now, moments }: DoorStory, paint: Paint): string {
  const told = moments.map(
    ({ step, text, state }) => `${step} ${state ? tinted({ state, text }, paint) : text}`,
  );
  return [...(now === undefined ? [] : [`now ${now}`]), ...told].join(paint.quiet(' · '));
}

function tinted({ state, text }: { readonly state: DoorState; readonly text: string }, paint: Paint): string {
  const tints: Readonly<Record<DoorState, (text: string) => string>> = {
    absent: paint.quiet,
    closed: paint.strong,
    covered: paint.strong,
    guarded: paint.good,
    unread: paint.bad,
    open: paint.warn,
  };
  return tints[state](text);
}
