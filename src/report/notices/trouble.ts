import type { Expiring, Paused, Status } from '../status/status.ts';

/** The facts that are known after a run. */
export interface RunEnd {
  readonly status: Status;
  /** The run met an error that may pass by itself, and that gates retries soon. */
  readonly passing: boolean;
  /** True if the revision was applied before the run: then somebody else made the current differences. */
  readonly settled: boolean;
  /** Every token that expires; undefined if the run could not see them. */
  readonly expiring: readonly Expiring[] | undefined;
  /** A person has paused gates, so the run changed nothing or was ended. */
  readonly paused?: Paused;
}

/** One thing that is wrong now, as people read about it. */
export interface Trouble {
  /** The topic. It has at most one trouble, and is good again without one. */
  readonly topic: string;
  /** The way in which it is wrong. Another state of the same topic is news; other details of the same state are not. */
  readonly state: string;
  readonly tone: 'alarm' | 'trouble';
  /** New troubles of one group share one notice. */
  readonly group: string;
  /** The affected object, for a notice about several: `grafana.example.dev`. */
  readonly subject: string;
  /** One line for one or several subjects. */
  readonly title: (subjects: readonly string[]) => string;
  readonly details: readonly string[];
  readonly advice: string;
  /** The time since which it is wrong, if known; RFC 3339. */
  readonly since?: string;
  /** It may pass by itself, so it is reported only if it lasts. */
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
