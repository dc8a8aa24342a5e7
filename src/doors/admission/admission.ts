/**
 * A credential that a visitor may hold and a layer may ask for. One visitor may hold several together. A visitor has
 * one identity at Access, and one account at Authentik.
 */
export type Credential =
  /** The address, or its domain (lower case), by which Access knows the visitor. */
  | { readonly has: 'email'; readonly address: string }
  | { readonly has: 'email-domain'; readonly domain: string }
  /** Logged in at Access, by any identity provider or by this one. */
  | { readonly has: 'identity' }
  | { readonly has: 'login'; readonly provider: string }
  | { readonly has: 'claim'; readonly provider: string; readonly name: string; readonly value: string }
  /** The visitor's address on the internet lies in this network, in CIDR notation, or in this country. */
  | { readonly has: 'network'; readonly range: string }
  | { readonly has: 'country'; readonly code: string }
  /** The identity provider reports this way of proving who they are (RFC 8176), or the device passes this check. */
  | { readonly has: 'authentication-method'; readonly method: string }
  | { readonly has: 'posture'; readonly check: string }
  /** Enough of these approvers, in words, have approved the visitor at Access. */
  | { readonly has: 'approval'; readonly by: string }
  /**
   * A client certificate, any or one with this common name, of this authority; undefined: of any that is valid at the
   * host, which gates does not know.
   */
  | {
      readonly has: 'certificate';
      readonly commonName: string | undefined;
      readonly authority: string | undefined;
    }
  /** Id and secret of a valid service token: this one, or any of the account. */
  | { readonly has: 'service-token'; readonly id: string }
  | { readonly has: 'any-service-token' }
  /**
   * A session from before, not ended by anybody, of the Access application with this audience. The audience identifies
   * it, because a JWT names nothing else and a tunnel accepts it even after the application is gone.
   */
  | { readonly has: 'session'; readonly audience: string }
  /** An active account at Authentik, this one, or one that is in this very group, not in one that lies in it. */
  | { readonly has: 'account' }
  | { readonly has: 'user'; readonly id: string }
  | { readonly has: 'group'; readonly id: string }
  /** Passes this flow or policy of Authentik, whatever it asks for. */
  | { readonly has: 'authentik-rule'; readonly id: string }
  /** A token that this configuration of API Shield accepts, and one for this audience. */
  | { readonly has: 'bearer'; readonly configuration: string }
  | { readonly has: 'audience'; readonly configuration: string; readonly audience: string };

/**
 * A formula over credentials that says who is admitted. `unknown` is a fact that gates cannot know, by its name: it is
 * the same fact wherever it occurs. It may be true of one visitor and false of another.
 */
export type Admission =
  | { readonly any: readonly Admission[] }
  | { readonly all: readonly Admission[] }
  | { readonly not: Admission }
  | { readonly unknown: Unknown }
  | Credential;

/** A fact that gates does not know: the reason, in words of the docs, and the subject. */
export interface Unknown {
  readonly reason: UnknownReason;
  /** The object or the place that the fact is about: facts about different ones are different facts. */
  readonly about: string;
}

/** The reason why gates cannot know: decision 34 lists the reasons. A choice of a snapshot brings its own. */
export type UnknownReason = string;

export const everybody: Admission = { all: [] };
export const nobody: Admission = { any: [] };

export function unknown(reason: UnknownReason, about: string): { readonly unknown: Unknown } {
  return { unknown: { reason, about } };
}

/** The same string for the same formula, whatever the order of its members. */
export function formulaKey(admission: Admission & { readonly [knownKey]?: string }): string {
  const known = admission[knownKey];
  if (known !== undefined) return known;
  const key = computedKey(admission);
  Object.defineProperty(admission, knownKey, { value: key });
  return key;
}

/** Remembers the key of a formula in the formula, hidden from copies and comparisons: a WeakMap takes five times as long. */
const knownKey = Symbol('formula key');

function computedKey(admission: Admission): string {
  if ('all' in admission) return `all(${admission.all.map(formulaKey).sort().join()})`;
  if ('any' in admission) return `any(${admission.any.map(formulaKey).sort().join()})`;
  if ('not' in admission) return `not(${formulaKey(admission.not)})`;
  return JSON.stringify(admission);
}

/** The visitors whom all of these admit. */
export function allOf(...parts: readonly Admission[]): Admission {
  const single = onlyPart(parts, 'all');
  if (single !== undefined) return single;
  const members = joined(parts, 'all', 'any');
  if (members === undefined) return nobody;
  const [only, ...others] = members;
  return only !== undefined && others.length === 0 ? only : { all: members };
}

/** The visitors whom at least one of these admits. */
export function anyOf(...parts: readonly Admission[]): Admission {
  const single = onlyPart(parts, 'any');
  if (single !== undefined) return single;
  const members = joined(parts, 'any', 'all');
  if (members === undefined) return everybody;
  const [only, ...others] = members;
  return only !== undefined && others.length === 0 ? only : { any: members };
}

/** The visitors whom this does not admit. */
export function negated(admission: Admission): Admission {
  if ('not' in admission) return admission.not;
  if (admission === everybody || ('all' in admission && admission.all.length === 0)) return nobody;
  if (admission === nobody || ('any' in admission && admission.any.length === 0)) return everybody;
  return { not: admission };
}

/** The visitors whom `then` admits if the condition is true of them, and those whom `otherwise` admits if not. */
export function given(condition: Admission, then: Admission, otherwise: Admission): Admission {
  if (formulaKey(then) === formulaKey(otherwise)) return then;
  return anyOf(allOf(condition, then), allOf(negated(condition), otherwise));
}

/** An item that counts if its condition holds. Of several alternatives, the condition of exactly one holds. */
export interface Alternative<T> {
  readonly when: Admission;
  readonly item: T;
}

/**
 * The items, equal ones once, as alternatives of which nobody knows the true one. Each has a name, by which a fact is
 * the same in two snapshots: two lists with the same `about` must have the same names.
 */
export function alternatives<T>(
  reason: UnknownReason,
  about: string,
  items: readonly (readonly [name: string, item: T])[],
): readonly Alternative<T>[] {
  // Nearly always all items are equal, and no condition is needed.
  const [first, ...others] = items;
  if (first !== undefined && others.length === 0) return [{ when: everybody, item: first[1] }];
  const keys = items.map(([, item]) => JSON.stringify(item));
  if (first !== undefined && keys.every((key) => key === keys[0]))
    return [{ when: everybody, item: first[1] }];
  const facts = items.map(([name]) => unknown(reason, `${about}: ${name}`));
  const groups = new Map<string | undefined, Alternative<T>>();
  for (const [place, [, item]] of items.entries()) {
    const key = keys[place];
    const { when = nobody } = groups.get(key) ?? {};
    groups.set(key, { when: anyOf(when, caseOf(facts, place)), item });
  }
  return [...groups.values()];
}

/** The condition that the case at `place` applies: the first with a true fact, else the last. So exactly one does. */
export function caseOf(facts: readonly Admission[], place: number): Admission {
  const before = facts.slice(0, place).map(negated);
  const own = place < facts.length - 1 ? facts.slice(place, place + 1) : [];
  return allOf(...before, ...own);
}

/** The part that decides alone, because no other one has members; undefined if there are several, or none. */
function onlyPart(parts: readonly Admission[], same: 'all' | 'any'): Admission | undefined {
  let only: Admission | undefined;
  for (const part of parts) {
    if (membersOf(part, same)?.length === 0) continue;
    if (only !== undefined) return undefined;
    only = part;
  }
  return only;
}

/**
 * The formula with each member changed; the same object if no member changes, so that what is known of it stays known.
 */
export function withMembers(formula: Admission, changed: (member: Admission) => Admission): Admission {
  if ('not' in formula) {
    const inner = changed(formula.not);
    return inner === formula.not ? formula : negated(inner);
  }
  const members = membersOf(formula, 'all') ?? membersOf(formula, 'any') ?? [];
  const after = members.map(changed);
  if (after.every((member, place) => member === members[place])) return formula;
  return 'all' in formula ? allOf(...after) : anyOf(...after);
}

/** The visitors who are admitted whatever these unknown facts are, or fewer. Default: all unknown facts. */
export function certain(admission: Admission, isMeant: (fact: Unknown) => boolean = () => true): Admission {
  if ('all' in admission || 'any' in admission)
    return withMembers(admission, (member) => certain(member, isMeant));
  return isUncertain(admission, isMeant) ? nobody : admission;
}

function isUncertain(admission: Admission, isMeant: (fact: Unknown) => boolean): boolean {
  if ('all' in admission) return admission.all.some((member) => isUncertain(member, isMeant));
  if ('any' in admission) return admission.any.some((member) => isUncertain(member, isMeant));
  return 'not' in admission
    ? isUncertain(admission.not, isMeant)
    : 'unknown' in admission && isMeant(admission.unknown);
}

/**
 * The members of a conjunction (`same` is `all`) or disjunction, flat, each once, without redundant ones; undefined if
 * one of them, or two together, decides it.
 */
function joined(
  parts: readonly Admission[],
  same: 'all' | 'any',
  dual: 'all' | 'any',
): readonly Admission[] | undefined {
  const flat: Admission[] = [];
  for (const part of parts) addMembers(part, same, flat);
  for (const member of flat) if (membersOf(member, dual)?.length === 0) return undefined;
  if (flat.length < 2) return flat;
  const members = new Map<string, Admission>();
  for (const member of flat) members.set(formulaKey(member), member);
  if (members.size < 2) return [...members.values()];
  for (const member of members.values()) {
    if ('not' in member && members.has(formulaKey(member.not))) return undefined;
  }
  // Absorption: `a and (a or b)` is `a`.
  return [...members.values()].filter(
    (member) => !membersOf(member, dual)?.some((inner) => members.has(formulaKey(inner))),
  );
}

function addMembers(part: Admission, same: 'all' | 'any', flat: Admission[]): void {
  const inner = membersOf(part, same);
  if (inner === undefined) flat.push(part);
  else for (const member of inner) addMembers(member, same, flat);
}

function membersOf(admission: Admission, sort: 'all' | 'any'): readonly Admission[] | undefined {
  if (sort === 'all') return 'all' in admission ? admission.all : undefined;
  return 'any' in admission ? admission.any : undefined;
}
