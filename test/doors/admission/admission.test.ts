import { describe, expect, it } from 'vitest';
import {
  type Admission,
  allOf,
  alternatives,
  anyOf,
  caseOf,
  everybody,
  formulaKey,
  given,
  negated,
  nobody,
  unknown,
  withMembers,
} from '../../../src/doors/admission/admission.ts';
import { implies, unsatisfiable } from '../../../src/doors/admission/decision.ts';

const fact = (name: string) => unknown('test', name);
const facts = ['a', 'b', 'c'].map(fact);

describe('cases', () => {
  it('hold one at a time, and always one, whatever the facts are', () => {
    const cases = facts.map((_, place) => caseOf(facts, place));
    expect(implies(everybody, anyOf(...cases))).toBe(true);
    const pairs = cases.flatMap((item, place) =>
      cases.slice(place + 1).map((two): Admission => ({ all: [item, two] })),
    );
    expect(pairs.map(unsatisfiable)).toEqual([true, true, true]);
    expect(cases.map(unsatisfiable)).toEqual([false, false, false]);
  });
});

describe('the key of a formula', () => {
  const [a = nobody, b = nobody] = facts;

  it.each([
    { because: 'of all, in any order', one: { all: [a, b] }, two: { all: [b, a] } },
    { because: 'of any, in any order', one: { any: [a, b] }, two: { any: [b, a] } },
    { because: 'within others', one: { not: { any: [a, b] } }, two: { not: { any: [b, a] } } },
  ] satisfies readonly { because: string; one: Admission; two: Admission }[])(
    'is the same for the same members: $because',
    ({ one, two }) => {
      expect(formulaKey(one)).toBe(formulaKey(two));
      expect(formulaKey(one)).toBe(formulaKey(one));
    },
  );

  it('tells all other formulas apart', () => {
    const formulas: readonly Admission[] = [
      ...[
        a,
        b,
        everybody,
        nobody,
        { not: a },
        { not: b },
        { all: [a, b] },
        { any: [a, b] },
        { not: { all: [a, b] } },
      ],
      ...([
        { has: 'user', id: 'a' },
        { has: 'group', id: 'a' },
      ] as const),
    ];
    expect(new Set(formulas.map(formulaKey)).size).toBe(formulas.length);
  });

  it('is no visible part of the formula', () => {
    const formula: Admission = { all: [a, b] };
    formulaKey(formula);
    expect([Object.keys(formula), JSON.stringify(formula)]).toEqual([
      ['all'],
      JSON.stringify({ all: [a, b] }),
    ]);
  });
});

describe('alternatives', () => {
  it('are certain if there is only one, and none if there is none', () => {
    expect(alternatives('test', 'it', [['a', 1]])).toEqual([{ when: everybody, item: 1 }]);
    expect(alternatives('test', 'it', [])).toEqual([]);
  });

  it('have facts that name them, but the last one has none of its own', () => {
    const named = (name: string) => unknown('test', `it: ${name}`);
    const items = ['x', 'y', 'z'].map((name) => [name, name] as const);
    expect(alternatives('test', 'it', items)).toEqual([
      { when: named('x'), item: 'x' },
      { when: allOf(negated(named('x')), named('y')), item: 'y' },
      { when: allOf(negated(named('x')), negated(named('y'))), item: 'z' },
    ]);
  });

  it('of equal items are certain', () => {
    const items = [
      ['a', 1],
      ['b', 1],
    ] as const;
    expect(alternatives('test', 'it', items)).toEqual([{ when: everybody, item: 1 }]);
  });

  it('join the cases of equal items', () => {
    const [one, two] = alternatives('test', 'it', [
      ['a', 1],
      ['b', 2],
      ['c', 1],
    ] as const);
    expect([one?.item, two?.item]).toEqual([1, 2]);
    const both = anyOf(one?.when ?? nobody, two?.when ?? nobody);
    expect(implies(everybody, both)).toBe(true);
  });

  it('have the same facts in two snapshots, by name and not by place', () => {
    const when = (items: readonly (readonly [string, number])[], item: number) =>
      alternatives('test', 'it', items).find((each) => each.item === item)?.when ?? nobody;
    // Under the value `a`, both lists give 1 and 2; under `b` they differ.
    const before = when(
      [
        ['a', 1],
        ['b', 2],
        ['c', 2],
      ],
      1,
    );
    expect(
      implies(
        before,
        when(
          [
            ['a', 2],
            ['b', 3],
            ['c', 3],
          ],
          2,
        ),
      ),
    ).toBe(true);
    expect(
      implies(
        before,
        when(
          [
            ['a', 3],
            ['b', 2],
            ['c', 3],
          ],
          2,
        ),
      ),
    ).toBe(false);
  });
});

describe('given', () => {
  it('admits by the condition', () => {
    const admission = given(fact('a'), fact('b'), fact('c'));
    expect(implies({ all: [fact('a'), fact('b')] }, admission)).toBe(true);
    expect(implies({ all: [fact('a'), fact('c')] }, admission)).toBe(false);
    expect(implies({ all: [negated(fact('a')), fact('c')] }, admission)).toBe(true);
    expect(implies({ all: [negated(fact('a')), fact('b')] }, admission)).toBe(false);
    expect(given(fact('a'), fact('b'), fact('b'))).toEqual(fact('b'));
  });
});

describe('the members of a formula', () => {
  const [a = nobody, b = nobody, c = nobody] = facts;

  it.each([anyOf(a, b), allOf(a, anyOf(b, c)), negated(a), everybody, nobody])(
    'change it only if one of them changes: %j',
    (formula) => {
      expect(withMembers(formula, (member) => member)).toBe(formula);
    },
  );

  it('make a formula without redundant members when they change', () => {
    const changed = (formula: Admission) =>
      withMembers(formula, (member) => (member === a ? everybody : member));
    expect(changed(allOf(a, b))).toEqual(b);
    expect(changed(anyOf(a, b))).toEqual(everybody);
    expect(changed(negated(a))).toEqual(nobody);
  });

  it('decide alone beside those that admit everybody, or nobody', () => {
    const both = anyOf(a, b);
    expect(allOf(everybody, both)).toBe(both);
    expect(anyOf(nobody, both, nobody)).toBe(both);
    expect(allOf(nobody, both)).toEqual(nobody);
    expect(anyOf(everybody, both)).toEqual(everybody);
    expect([allOf(), allOf(everybody), anyOf(), anyOf(nobody)]).toEqual([
      everybody,
      everybody,
      nobody,
      nobody,
    ]);
  });

  it('leave out what the others decide', () => {
    expect(allOf(a, b, negated(a))).toEqual(nobody);
    expect(anyOf(a, b, negated(a))).toEqual(everybody);
    expect(allOf(a, nobody, b)).toEqual(nobody);
    expect(anyOf(a, everybody, b)).toEqual(everybody);
    expect(allOf(a, anyOf(a, b), c)).toEqual({ all: [a, c] });
    expect(anyOf(a, allOf(a, b), c)).toEqual({ any: [a, c] });
    expect(allOf(allOf(a, b), allOf(b, c))).toEqual({ all: [a, b, c] });
    expect(anyOf(anyOf(a, b), anyOf(b, a))).toEqual({ any: [a, b] });
    expect(allOf({ all: [a, { all: [b, c] }] }, a)).toEqual({ all: [a, b, c] });
    expect(allOf(a, a)).toBe(a);
  });

  it('are negated as a whole', () => {
    expect([negated(everybody), negated(nobody)]).toEqual([nobody, everybody]);
    expect([negated({ all: [] }), negated({ any: [] })]).toEqual([nobody, everybody]);
    expect(negated(a)).toEqual({ not: a });
    expect(negated(negated(a))).toBe(a);
    expect(negated(allOf(a, b))).toEqual({ not: { all: [a, b] } });
    expect(negated(anyOf(a, b))).toEqual({ not: { any: [a, b] } });
  });
});
