import { waiting } from '../../apply/turns.ts';
import type { Plan } from '../../core/change.ts';

/** The doors of a host that change over the steps of a plan. */
export interface HostStory {
  /** `*.example.dev` for every host without a name of its own. */
  readonly host: string;
  readonly doors: readonly DoorStory[];
}

/** Paths of a host that have the same states throughout. */
export interface DoorStory {
  /** Absent if the host has no saved operations of API Shield. */
  readonly method?: string;
  /** As in the file: `/api` only that path, `/api/**` also the paths below it. */
  readonly paths: readonly string[];
  /** The state before the plan, and after each step that changes it. */
  readonly moments: readonly DoorMoment[];
}

/** The state of a door from a step on. */
export interface DoorMoment {
  /** The number of the step; see apply/turns.ts. 0: before the first. */
  readonly step: number;
  /** The people who get in, in words, as `gates why` says it: `['me@example.dev', 'group admins']`. */
  readonly admits: readonly string[];
  /** The origins that answer: `['http://app.lan:80']`. */
  readonly to: readonly string[];
}

/** The hosts of which a change waits for a refused one. */
export function hostsThatWait(plan: Plan): ReadonlySet<string> {
  const late = waiting(plan);
  const stuck = plan.changes.filter(({ id, verb }) => verb === 'refuse' || late.has(id));
  return new Set(stuck.flatMap(({ doors }) => doors.map(({ host }) => host)));
}
