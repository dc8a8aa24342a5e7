import type { Expiring, Paused, Status } from '../status/status.ts';

/** The facts that are known when a run has ended. */
export interface RunEnd {
  readonly status: Status;
  /** Something was met that may go by itself, and is tried again soon. */
  readonly passing: boolean;
  /** True if the revision was applied before the run: then somebody else changed what differs now. */
  readonly settled: boolean;
  /** Every token that ends by itself; undefined where the run could not see them. */
  readonly expiring: readonly Expiring[] | undefined;
  /** The run changed nothing of its own accord, or was ended: a person has paused gates. */
  readonly paused?: Paused;
}

/** One thing that is wrong now, as it is told to people. */
export interface Trouble {
  /** The topic: it has one trouble at a time, and is good again when it has none. */
  readonly topic: string;
  /** In which way it is wrong. Another state of the same topic is news; other details of the same state are not. */
  readonly state: string;
  readonly tone: 'alarm' | 'trouble';
  /** Troubles of one group that are news at once are told in one notice. */
  readonly group: string;
  /** The affected object, for a notice about several: `grafana.example.dev`. */
  readonly subject: string;
  /** One line for those who have it, one or several. */
  readonly title: (subjects: readonly string[]) => string;
  readonly details: readonly string[];
  readonly advice: string;
  /** Since when, where that is known; RFC 3339. */
  readonly since?: string;
  /** It may go by itself: told only when it has stayed. */
  readonly passing: boolean;
  /** The text for when it is over; undefined: none. */
  readonly good: string | undefined;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(names: readonly string[]): string {
  const [first = '', second, ...rest] = names;
  if (second === undefined) return first;
  if (rest.length === 0) return `${first} and ${second}`;
  const [third = '', ...others] = rest;
  return others.length === 0
    ? `${first}, ${second} and ${third}`
    : `${first}, ${second} and ${rest.length} more`;
}

export function isOrAre(subjects: readonly string[]): string {
  return subjects.length === 1 ? 'is' : 'are';
}

/** The advice for details for which a notice has no room. */
export const LOOK = 'Run `gates status` where the daemon runs: it shows everything that is wrong now.';
