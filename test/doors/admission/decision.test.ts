import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Admission,
  allOf,
  anyOf,
  type Credential,
  everybody,
  negated,
  nobody,
  unknown,
} from '../../../src/doors/admission/admission.ts';
import { assuming, decideFor, decideForSome, implies } from '../../../src/doors/admission/decision.ts';

const mine: Credential = { has: 'email', address: 'me@example.dev' };
const yours: Credential = { has: 'email', address: 'you@example.dev' };
const home: Credential = { has: 'email-domain', domain: 'example.dev' };
const identity: Credential = { has: 'identity' };
const login: Credential = { has: 'login', provider: 'idp' };
const claim: Credential = { has: 'claim', provider: 'idp', name: 'groups', value: 'a' };
const lan: Credential = { has: 'network', range: '10.0.0.0/8' };
const office: Credential = { has: 'network', range: '10.1.0.0/16' };
const token: Credential = { has: 'service-token', id: 'ci' };
const anyToken: Credential = { has: 'any-service-token' };
const account: Credential = { has: 'account' };
const admins: Credential = { has: 'group', id: 'admins' };
const ada: Credential = { has: 'user', id: '7' };
const ben: Credential = { has: 'user', id: '8' };
const fact = (about: string) => unknown('test', about);

const accounts = [
  [],
  ...[[], [ada], [ben]].flatMap((who) => [
    [account, ...who],
    [account, admins, ...who],
  ]),
];

/** One visitor for each combination of these credentials that is possible in the real world. */
const visitors: readonly (readonly Credential[])[] = [
  [],
  [identity],
  [identity, home],
  [identity, home, mine],
  [identity, home, yours],
].flatMap((person) =>
  [[], [login, identity], [login, identity, claim]].flatMap((logins) =>
    [[], [lan], [lan, office]].flatMap((networks) =>
      [[], [anyToken], [anyToken, token]].flatMap((tokens) =>
        accounts.map((held) => [...new Set([...person, ...logins, ...networks, ...tokens, ...held])]),
      ),
    ),
  ),
);

const facts = [[], ['a'], ['b'], ['a', 'b']] as const;

/** The value of a formula by definition, without simplifications. */
function truth(admission: Admission, held: readonly Credential[], true_: readonly string[]): boolean {
  if ('all' in admission) return admission.all.every((part) => truth(part, held, true_));
  if ('any' in admission) return admission.any.some((part) => truth(part, held, true_));
  if ('not' in admission) return !truth(admission.not, held, true_);
  if ('unknown' in admission) return true_.includes(admission.unknown.about);
  return held.includes(admission);
}

const atoms = fc.constantFrom<Admission>(
  ...[mine, yours, home, identity, login, claim, lan, office, token, anyToken, account, admins, ada, ben],
  ...[fact('a'), fact('b')],
);

/** Formulas before any simplification. */
const written = fc.letrec<{ formula: Admission }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    atoms,
    fc.array(tie('formula'), { maxLength: 4 }).map((all) => ({ all })),
    fc.array(tie('formula'), { maxLength: 4 }).map((any) => ({ any })),
    tie('formula').map((not) => ({ not })),
  ),
})).formula;

/** The same formula, built by the constructors. */
function simplified(admission: Admission): Admission {
  if ('all' in admission) return allOf(...admission.all.map(simplified));
  if ('any' in admission) return anyOf(...admission.any.map(simplified));
  return 'not' in admission ? negated(simplified(admission.not)) : admission;
}

describe('the constructors', () => {
  it('keep the value of a formula in every case', () => {
    fc.assert(
      fc.property(written, (formula) => {
        const simple = simplified(formula);
        const differs = visitors.find((held) =>
          facts.some((each) => truth(formula, held, each) !== truth(simple, held, each)),
        );
        expect(differs).toBeUndefined();
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it.each([
    { because: 'nobody decides a conjunction', formula: allOf(mine, nobody), is: nobody },
    { because: 'everybody decides a disjunction', formula: anyOf(mine, everybody), is: everybody },
    { because: 'a member said twice says no more', formula: allOf(mine, mine), is: mine },
    {
      because: 'a formula and its negation exclude each other',
      formula: allOf(mine, negated(mine)),
      is: nobody,
    },
    { because: 'members are flat', formula: allOf(mine, allOf(lan, token)), is: { all: [mine, lan, token] } },
    { because: 'a weaker member is left out', formula: allOf(mine, anyOf(mine, lan)), is: mine },
    { because: 'a stronger member is left out', formula: anyOf(mine, allOf(mine, lan)), is: mine },
    { because: 'two negations are none', formula: negated(negated(mine)), is: mine },
  ])('simplify: $because', ({ formula, is }) => {
    expect(formula).toEqual(is);
  });
});

describe('decide', () => {
  it('agrees with the truth table over the unknown facts', () => {
    fc.assert(
      fc.property(written, fc.constantFrom(...visitors), (formula, held) => {
        const values = new Set(facts.map((each) => truth(formula, held, each)));
        const verdict = decideFor(formula, (credential) => held.includes(credential));
        const expected = values.size > 1 ? 'unknown' : values.has(true) ? 'admitted' : 'refused';
        expect(typeof verdict === 'string' ? verdict : 'unknown').toBe(expected);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it('names the facts that the answer depends on, and no others', () => {
    const formula = anyOf(allOf(mine, fact('a')), allOf(yours, fact('b')));
    const verdict = decideFor(formula, (credential) => credential === mine);
    expect(verdict).toEqual({ unknown: [{ reason: 'test', about: 'a' }] });
  });
});

describe('assuming', () => {
  it('fills in what is known of a visitor, and leaves the rest', () => {
    const formula = allOf(anyOf(mine, token), negated(account), fact('a'));
    const known = (credential: Credential) => (credential === account ? undefined : credential === mine);
    expect(assuming(formula, known)).toEqual(allOf(negated(account), fact('a')));
    expect(assuming(formula, () => undefined)).toBe(formula);
    expect(assuming(formula, () => false)).toEqual(nobody);
    expect(assuming(mine, () => true)).toEqual(everybody);
  });
});

describe('decide for somebody who may choose', () => {
  const ofPerson = ({ has }: Credential) => has !== 'service-token' && has !== 'network';
  const numbered = (count: number) => Array.from({ length: count }, (_, place) => fact(`${place}`));
  const abouts = (count: number) => numbered(count).map(({ unknown: each }) => each);

  it.each([
    { because: 'a credential that they can have', formula: mine, is: 'admitted' },
    { because: 'either of two', formula: anyOf(mine, yours), is: 'admitted' },
    { because: 'two that exclude each other', formula: allOf(mine, yours), is: 'refused' },
    { because: 'nothing that helps', formula: nobody, is: 'refused' },
    { because: 'nothing that is needed', formula: everybody, is: 'admitted' },
    {
      because: 'a credential besides one that they cannot choose',
      formula: allOf(mine, token),
      is: { unknown: [{ reason: 'visitor', about: 'has ci' }] },
    },
    {
      because: 'a credential besides a fact',
      formula: allOf(mine, fact('a')),
      is: { unknown: [{ reason: 'test', about: 'a' }] },
    },
    { because: 'a credential in place of a fact', formula: anyOf(mine, fact('a')), is: 'admitted' },
    {
      because: 'another credential in each case of a fact',
      formula: anyOf(allOf(mine, fact('a')), allOf(yours, negated(fact('a')))),
      is: 'admitted',
    },
    {
      because: 'a credential in all but one case of two facts',
      formula: allOf(mine, anyOf(fact('a'), fact('b'))),
      is: {
        unknown: [
          { reason: 'test', about: 'a' },
          { reason: 'test', about: 'b' },
        ],
      },
    },
    {
      because: 'a credential in place of six facts',
      formula: anyOf(mine, allOf(...numbered(6))),
      is: 'admitted',
    },
    {
      because: 'a credential in place of seven facts, which are too many',
      formula: anyOf(mine, allOf(...numbered(7))),
      is: { unknown: abouts(7) },
    },
  ])('$because', ({ formula, is }) => {
    expect(decideForSome(formula, ofPerson)).toEqual(is);
  });

  it('agrees with the truth table over all visitors and facts', () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(written, (formula) => {
        const open = facts.map((each) => visitors.some((held) => truth(formula, held, each)));
        const expected = open.every((some) => some)
          ? 'admitted'
          : open.includes(true)
            ? 'unknown'
            : 'refused';
        met.add(expected);
        const verdict = decideForSome(formula, () => true);
        expect(typeof verdict === 'string' ? verdict : 'unknown').toBe(expected);
      }),
      { numRuns: 300, seed: 4 },
    );
    expect(met.size).toBe(3);
  });
});

describe('implies', () => {
  it('agrees with the truth table over all visitors and facts', () => {
    let both = { true: 0, false: 0 };
    fc.assert(
      fc.property(written, written, (left, right) => {
        const included = visitors.every((held) =>
          facts.every((each) => !truth(left, held, each) || truth(right, held, each)),
        );
        both = { ...both, [`${included}`]: both[`${included}`] + 1 };
        expect(implies(left, right)).toBe(included);
      }),
      { numRuns: 500, seed: 3 },
    );
    expect(Math.min(both.true, both.false)).toBeGreaterThan(50);
  });

  const other: Credential = { has: 'network', range: '192.168.0.0/16' };
  const six: Credential = { has: 'network', range: '2001:db8::/32' };
  const ended: Admission = { has: 'audience', configuration: 'c', audience: 'x' };
  it.each([
    { because: 'an address lies in its domain', left: mine, right: home, is: true },
    { because: 'a domain has other addresses', left: home, right: mine, is: false },
    { because: 'one visitor has one address', left: allOf(mine, yours), right: nobody, is: true },
    {
      because: 'an address has one domain',
      left: mine,
      right: negated({ has: 'email-domain', domain: 'example.net' }),
      is: true,
    },
    {
      because: 'case does not count in addresses',
      left: mine,
      right: { has: 'email', address: 'ME@example.dev' },
      is: true,
    },
    { because: 'whoever has a token has any token', left: token, right: anyToken, is: true },
    { because: 'any token may be another', left: anyToken, right: token, is: false },
    { because: 'a claim comes with a login', left: claim, right: login, is: true },
    { because: 'a member has an account', left: admins, right: account, is: true },
    {
      because: 'a token for an audience is valid',
      left: ended,
      right: { has: 'bearer', configuration: 'c' },
      is: true,
    },
    { because: 'networks lie in each other', left: office, right: lan, is: true },
    { because: 'networks apart exclude each other', left: office, right: negated(other), is: true },
    { because: 'a request has one address, of one sort', left: six, right: negated(lan), is: true },
    {
      because: 'a single address is a network',
      left: { has: 'network', range: '10.1.2.3' },
      right: office,
      is: true,
    },
    {
      because: 'a range that cannot be read decides nothing',
      left: { has: 'network', range: 'office' },
      right: lan,
      is: false,
    },
    { because: 'a fact is the same on both sides', left: allOf(mine, fact('a')), right: fact('a'), is: true },
    { because: 'two facts are two', left: fact('a'), right: fact('b'), is: false },
    {
      because: 'two logins may go together',
      left: login,
      right: negated({ has: 'login', provider: 'pin' }),
      is: false,
    },
  ] satisfies readonly { because: string; left: Admission; right: Admission; is: boolean }[])(
    '$is: $because',
    ({ left, right, is }) => {
      expect(implies(left, right)).toBe(is);
    },
  );

  it('compares 500 addresses with one more', () => {
    const people = (count: number) =>
      anyOf(
        ...Array.from(
          { length: count },
          (_, n): Admission => ({ has: 'email', address: `p${n}@example.dev` }),
        ),
      );
    expect(implies(people(500), people(501))).toBe(true);
    expect(implies(people(501), people(500))).toBe(false);
  });

  it('is false when there are too many cases to check', () => {
    // The formula has as many letters as one box each would fit, or one more; no case is excluded without being tried.
    const overfull = (boxes: number) => {
      const inBox = (letter: number, box: number) => fact(`letter ${letter} in box ${box}`);
      const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
      const placed = numbers(boxes + 1).map((letter) =>
        anyOf(...numbers(boxes).map((box) => inBox(letter, box))),
      );
      const alone = numbers(boxes).flatMap((box) =>
        numbers(boxes + 1).flatMap((item) =>
          numbers(item).map((two) => negated(allOf(inBox(item, box), inBox(two, box)))),
        ),
      );
      return allOf(...placed, ...alone);
    };
    expect(implies(overfull(3), nobody)).toBe(true);
    expect(implies(overfull(8), nobody)).toBe(false);
  });
});
