import {
  type Admission,
  allOf,
  anyOf,
  everybody,
  nobody,
  type Unknown,
  unknown,
  withMembers,
} from './admission/admission.ts';
import type { Way } from './ways.ts';

/** Facts about an application that decides by itself: behind a tunnel, or behind a `proxy` provider. */
const ofOrigin: ReadonlySet<string> = new Set(['origin', 'provider of mode proxy']);

/** That an origin asks somebody is one fact for all its paths, so people of another origin are new to it. */
export function comparedWay({ to, admits }: Way): Admission {
  return comparable(admits, unknown('origin', to));
}

/** The same for a step: people of another origin are new to an origin even if it asks nobody, or if they pass a gate of Access. */
export function wayOfStep(way: Way): Admission {
  return allOf(visitOf(way), comparedWay(way));
}

/** The visit to what answers behind a host's own rule, and to what leads on to it; or to what others put in its place, which gates cannot close. */
export function visitOf({ by, to }: Pick<Way, 'by' | 'to'>): Admission {
  if (typeof by === 'string') return visitTo(by);
  return allOf(visitTo(to), by.rule === to ? everybody : unknown(leadingOn, by.rule));
}

const leadingOn = 'leading on';

/**
 * The formula where whatever leads on to one origin may lead on to each: a run may change both the rule of a path and the origin that
 * Authentik leads on to, and one of the two comes first. Whom each asks matters as before.
 */
export function ledByAny(admission: Admission): Admission {
  const leading = anyOf(...leadersIn(admission));
  const led = (formula: Admission): Admission => {
    if ('all' in formula || 'any' in formula) return withMembers(formula, led);
    return isLeader(formula) ? leading : formula;
  };
  return led(admission);
}

function leadersIn(formula: Admission): readonly Admission[] {
  if ('all' in formula) return formula.all.flatMap(leadersIn);
  if ('any' in formula) return formula.any.flatMap(leadersIn);
  return isLeader(formula) ? [formula] : [];
}

const isLeader = (formula: Admission) => 'unknown' in formula && formula.unknown.reason === leadingOn;

export const visitTo = (place: string): Admission => unknown('origin', `visits to ${place}`);

/**
 * The formula as the interlock compares it. Sessions count as ended: a write that narrows an application ends them
 * before it is done. `origin`: the fact about an application that decides by itself.
 */
export function comparable(admission: Admission, origin: Admission): Admission {
  if ('all' in admission || 'any' in admission || 'not' in admission)
    return withMembers(admission, (member) => comparable(member, origin));
  if ('unknown' in admission) return ofOrigin.has(admission.unknown.reason) ? origin : admission;
  return admission.has === 'session' ? nobody : admission;
}

/** True for the fact that somebody got their JWT at another place than where they are now. */
export function isOfEarlierPlace({ reason }: Unknown): boolean {
  return reason === 'place of the login';
}
