import { groupsClaim } from '../core/groups-claim.ts';
import {
  type Admission,
  allOf,
  anyOf,
  type Credential,
  everybody,
  formulaKey,
  negated,
  nobody,
} from '../doors/admission/admission.ts';
import { certificateWords } from '../doors/admission/credential-words.ts';
import { implies, unsatisfiable } from '../doors/admission/decision.ts';
import { shortName } from './names.ts';
import { unknownText } from './unknown-words.ts';

/** The most alternatives that a line can name; with more of them, it only says that it depends. */
const mostAlternatives = 24;

/**
 * The visitors of an admission in words, one text for each sort of visitor: `['me@example.dev', 'group admins']`. Sessions from
 * before are left out: they end.
 */
export function admissionWords(admission: Admission): readonly string[] {
  const lasting = withoutSessions(admission);
  if (implies(everybody, lasting)) return [everybodyText];
  if (unsatisfiable(lasting)) return ['nobody'];
  const found = alternativesOf(lasting);
  if (found === undefined) return ['it depends on more than a line can say: ask for one visitor'];
  const shortest = found.map((literals) => needed(literals, lasting));
  const distinct = shortest.filter(
    (literals, index) =>
      !unsatisfiable(allOf(...literals)) &&
      !shortest.some((other, place) => place !== index && covers(other, literals, place < index)),
  );
  return textsOf(merged(distinct).flatMap(split));
}

/** Credentials, facts, what is neither, and choices of credentials, all of which must hold. */
type Literals = readonly Admission[];

/** The formula as alternatives of conjunctions; undefined if there are too many. */
function alternativesOf(admission: Admission): readonly Literals[] | undefined {
  if ('any' in admission) {
    const parts = admission.any.map(alternativesOf);
    if (parts.some((part) => part === undefined)) return undefined;
    const all = parts.flatMap((part) => part ?? []);
    return all.length > mostAlternatives ? undefined : all;
  }
  if ('all' in admission) {
    return admission.all.reduce<readonly Literals[] | undefined>(
      (found, part) => {
        const further = isChoice(part) ? [[part]] : alternativesOf(part);
        if (found === undefined || further === undefined) return undefined;
        const both = found
          .flatMap((left) => further.map((right) => [...left, ...right]))
          .filter((literals) => !unsatisfiable(allOf(...literals)));
        return both.length > mostAlternatives ? undefined : both;
      },
      [[]],
    );
  }
  if ('not' in admission) {
    const { not } = admission;
    if ('any' in not) return alternativesOf(allOf(...not.any.map(negated)));
    if ('all' in not) return alternativesOf({ any: not.all.map(negated) });
  }
  return [[admission]];
}

/** Credentials of which one is enough: `from France or Belgium`. */
function isChoice(admission: Admission): admission is { readonly any: readonly Credential[] } {
  return 'any' in admission && admission.any.length > 1 && admission.any.every((one) => 'has' in one);
}

/** Alternatives that differ in one credential, as one alternative with a choice. */
function merged(alternatives: readonly Literals[]): readonly Literals[] {
  for (const [place, one] of alternatives.entries()) {
    for (const other of alternatives.slice(place + 1)) {
      const both = withChoice(one, other);
      if (both === undefined) continue;
      const rest = alternatives.filter((each) => each !== one && each !== other);
      return merged([...rest.slice(0, place), both, ...rest.slice(place)]);
    }
  }
  return alternatives;
}

/** Undefined if they differ in more than a credential or a choice of credentials, or are nothing but that. */
function withChoice(one: Literals, other: Literals): Literals | undefined {
  if (one.length !== other.length || one.length < 2) return undefined;
  const keys = new Set(other.map(formulaKey));
  const [own, ...further] = one.filter((each) => !keys.has(formulaKey(each)));
  if (own === undefined || further.length > 0) return undefined;
  const shared = new Set(one.map(formulaKey));
  const theirs = other.find((each) => !shared.has(formulaKey(each)));
  if (theirs === undefined) return undefined;
  const choice = anyOf(own, theirs);
  return isChoice(choice) ? one.map((each) => (each === own ? choice : each)) : undefined;
}

/** A choice on which nothing else depends, but for doubts, reads better as alternatives. */
function split(literals: Literals): readonly Literals[] {
  const [sure, ...others] = literals.filter((literal) => !isDoubt(literal));
  if (sure === undefined || others.length > 0 || !isChoice(sure)) return [literals];
  return sure.any.map((one) => literals.map((literal) => (literal === sure ? one : literal)));
}

/** The literals without those that the rest implies, or that do not matter given the other alternatives. */
function needed(literals: Literals, whole: Admission): Literals {
  return literals.reduce<Literals>((remaining, literal) => {
    const rest = remaining.filter((each) => each !== literal);
    return implies(allOf(...rest), whole) || implies(allOf(...rest), literal) ? rest : remaining;
  }, literals);
}

/** True if `literals` imply all of `other`, which then covers them. Of two equal ones, the first counts. */
function covers(other: Literals, literals: Literals, isBefore: boolean): boolean {
  const [left, right] = [allOf(...literals), allOf(...other)];
  return implies(left, right) && (isBefore || !implies(right, left));
}

function withoutSessions(admission: Admission): Admission {
  if ('all' in admission) return allOf(...admission.all.map(withoutSessions));
  if ('any' in admission) return { any: admission.any.map(withoutSessions) };
  if ('not' in admission) return negated(withoutSessions(admission.not));
  return 'has' in admission && admission.has === 'session' ? nobody : admission;
}

/** First the visitors who are certainly admitted, then those who are admitted if some unknown fact is true. */
function textsOf(alternatives: readonly Literals[]): readonly string[] {
  const byDoubts = new Map<string, string[]>([['', []]]);
  for (const literals of alternatives) {
    const isUpToOrigin =
      literals.some(isOrigin) && literals.every((each) => !isDoubt(each) || isOrigin(each));
    const doubts = isUpToOrigin ? upToOrigin : [...new Set(literals.flatMap(doubtOf))].join('; ');
    const who = whoOf(literals);
    const there = byDoubts.get(doubts) ?? [];
    byDoubts.set(doubts, there.includes(who) ? there : [...there, who]);
  }
  return [...byDoubts].flatMap(([doubts, who]) => {
    if (doubts === '') return who;
    if (doubts === upToOrigin) return [ifOriginAdmits(who.join(', '))];
    return [`perhaps ${who.join(', ')} (unknown: ${doubts})`];
  });
}

/** A placeholder for the doubt whether the origin admits a visitor, which has words of its own. */
const upToOrigin = 'up to the origin';

function isDoubt(literal: Admission): boolean {
  return 'unknown' in ('not' in literal ? literal.not : literal);
}

/** True for the fact that the origin admits the visitor, by rules of its own that gates cannot see. */
function isOrigin(literal: Admission): boolean {
  return 'unknown' in literal && literal.unknown.reason === 'origin';
}

function ifOriginAdmits(who: string): string {
  return who === everybodyText ? 'whoever the origin admits' : `${who} (if the origin admits them)`;
}

const everybodyText = 'everybody';

function whoOf(literals: Literals): string {
  const credentials = literals.flatMap((literal) => {
    if ('has' in literal) return [credentialText(literal)];
    return isChoice(literal) ? [choiceText(literal.any)] : [];
  });
  const barred = literals.flatMap((literal) =>
    'not' in literal && 'has' in literal.not ? [`not ${credentialText(literal.not)}`] : [],
  );
  // Both Access and Authentik may ask for the same group.
  return [...new Set([...(credentials.length > 0 ? credentials : [everybodyText]), ...barred])].join(' and ');
}

/** The words that all have in common come once: `visitors from country BE or FR`. */
function choiceText(credentials: readonly Credential[]): string {
  const texts = credentials.map(credentialText).sort();
  const [shared = ''] = /^visitors from (?:country )?/.exec(texts[0] ?? '') ?? [];
  if (shared === '' || !texts.every((text) => text.startsWith(shared))) return `(${texts.join(' or ')})`;
  return shared + texts.map((text) => text.slice(shared.length)).join(' or ');
}

function doubtOf(literal: Admission): readonly string[] {
  const fact = 'not' in literal ? literal.not : literal;
  return 'unknown' in fact ? [unknownText(fact.unknown)] : [];
}

/** True for gates' own probe, which a cover admits. */
export function isProbe(credential: Credential): boolean {
  return credential.has === 'service-token' && credential.id === 'cloudflare/service-token:probe';
}

/** `the flow mfa`, `the policy office` */
function ruleName(id: string): string {
  return `the ${id.startsWith('authentik/flow:') ? 'flow' : 'policy'} ${shortName(id)}`;
}

/** `group admins`, `everybody with an account at Authentik` */
function credentialText(credential: Credential): string {
  switch (credential.has) {
    case 'email':
      return credential.address;
    case 'email-domain':
      return `addresses at ${credential.domain}`;
    case 'identity':
      return 'everybody who can log in at Access';
    case 'login':
      return `everybody who can log in by ${shortName(credential.provider)}`;
    case 'claim':
      return credential.name === groupsClaim
        ? `group ${credential.value}`
        : `people with ${credential.name} ${credential.value}`;
    case 'network':
      return `visitors from ${credential.range}`;
    case 'country':
      return `visitors from country ${credential.code}`;
    case 'authentication-method':
      return `people who log in with ${credential.method}`;
    case 'approval':
      return `people with the approval of ${credential.by}`;
    case 'posture':
      return `devices that pass ${shortName(credential.check)}`;
    case 'certificate':
      return `holders of ${certificateWords({
        ...credential,
        authority: credential.authority && shortName(credential.authority),
      })}`;
    case 'service-token':
      return isProbe(credential) ? "gates' probe" : `service token ${shortName(credential.id)}`;
    case 'any-service-token':
      return 'any service token of the account';
    case 'session':
      return `sessions of ${shortName(credential.audience)}`;
    case 'account':
      return 'everybody with an account at Authentik';
    case 'user':
      return `user ${shortName(credential.id)}`;
    case 'group':
      return `group ${shortName(credential.id)}`;
    case 'authentik-rule':
      return `people who pass ${ruleName(credential.id)}`;
    case 'bearer':
      return `callers with a token that ${shortName(credential.configuration)} accepts`;
    case 'audience':
      return `callers with a token for ${shortName(credential.audience)}`;
  }
}
