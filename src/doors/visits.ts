import {
  type Admission,
  allOf,
  anyOf,
  certain,
  everybody,
  formulaKey,
  nobody,
  unknown,
  withMembers,
} from './admission/admission.ts';
import { atomsOf } from './admission/decision.ts';
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
  const leading = anyOf(...atomsOf(admission).filter(isLeader));
  const led = (formula: Admission): Admission => {
    if ('all' in formula || 'any' in formula) return withMembers(formula, led);
    return isLeader(formula) ? leading : formula;
  };
  return led(admission);
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

/**
 * The formula without those who got their JWT at another place than where they are now. Those whom another formula of the same door admits
 * by such a JWT stay.
 */
export function withoutOtherPlaces(admission: Admission, before: Admission): Admission {
  const stay = new Set(atomsOf(before).map(formulaKey));
  return certain(
    admission,
    (fact) => fact.reason === 'place of the login' && !stay.has(formulaKey({ unknown: fact })),
  );
}
