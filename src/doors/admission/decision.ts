import {
  type Admission,
  allOf,
  anyOf,
  type Credential,
  formulaKey,
  negated,
  type Unknown,
  withMembers,
} from './admission.ts';
import { unsaid } from './credential-words.ts';
import { entailed } from './theory.ts';

/** The most cases that are examined before an answer counts as unknown. */
const mostCases = 1000;

/** The answer of an admission about one visitor. */
export type AdmissionVerdict = 'admitted' | 'refused' | { readonly unknown: readonly Unknown[] };

/**
 * The answer about the visitor who holds these credentials. `admitted` and `refused` hold whichever unknown facts are
 * true, even those about the visitor (`holds` returns undefined). Otherwise, the facts on which the answer depends.
 */
export function decideFor(
  admission: Admission,
  holds: (credential: Credential) => boolean | undefined,
): AdmissionVerdict {
  const open = substituted(admission, (atom) => ('has' in atom ? holds(atom) : undefined));
  const [possible, certain] = [satisfiable(open), unsatisfiable(negated(open))];
  if (possible === false) return 'refused';
  if (certain) return 'admitted';
  return { unknown: atomsOf(open).map((atom) => ('unknown' in atom ? atom.unknown : unsaid(atom))) };
}

/** The formula with the known credentials filled in. Unknown facts and credentials without a value remain. */
export function assuming(
  admission: Admission,
  holds: (credential: Credential) => boolean | undefined,
): Admission {
  return substituted(admission, (atom) => ('has' in atom ? holds(atom) : undefined));
}

/** The most facts of which every combination is examined; with more of them, an answer counts as unknown. */
const mostFacts = 6;

/**
 * Like `decideFor`, for a visitor who may choose which of the credentials in `chosen` they hold. `admitted`: whatever
 * the other facts are, some choice of these credentials is admitted.
 */
export function decideForSome(
  admission: Admission,
  chosen: (credential: Credential) => boolean,
): AdmissionVerdict {
  const facts = atomsOf(admission).filter((atom) => !('has' in atom && chosen(atom)));
  const unsettled = facts.map((atom) => ('unknown' in atom ? atom.unknown : unsaid(atom)));
  if (unsatisfiable(admission)) return 'refused';
  if (facts.length > mostFacts) return { unknown: unsettled };
  const cases = Array.from({ length: 2 ** facts.length }, (_, bits) => bits);
  const isOpen = cases.every((bits) => {
    const values = new Map(facts.map((atom, place) => [formulaKey(atom), (bits >> place) % 2 === 1]));
    return satisfiable(substituted(admission, (atom) => values.get(formulaKey(atom)))) === true;
  });
  return isOpen ? 'admitted' : { unknown: unsettled };
}

/**
 * True if `right` admits everybody whom `left` admits, in every case of the unknown facts, which are the same on both
 * sides. False if that cannot be decided.
 */
export function implies(left: Admission, right: Admission): boolean {
  if (formulaKey(left) === formulaKey(right)) return true;
  if ('any' in left) return left.any.every((one) => implies(one, right));
  // The demands of the left hold on the right too: two formulas of one door usually differ in only one layer.
  const demanded = new Map(partsOf(left, 'all').map((part) => [formulaKey(part), part]));
  const rest = anyOf(
    ...partsOf(right, 'any').map((one) =>
      allOf(...partsOf(one, 'all').filter((part) => !demanded.has(formulaKey(part)))),
    ),
  );
  const asked = new Set(atomsOf(rest).map(formulaKey));
  const concerns = (part: Admission) =>
    atomsOf(part).some((atom) => 'has' in atom || asked.has(formulaKey(atom)));
  const closer = allOf(...[...demanded.values()].filter(concerns));
  return unsatisfiable(allOf(closer, negated(rest))) || unsatisfiable(allOf(left, negated(rest)));
}

/** The members of a conjunction (`all`) or disjunction; any other formula is the only one. */
function partsOf(admission: Admission, sort: 'all' | 'any'): readonly Admission[] {
  if (sort === 'all') return 'all' in admission ? admission.all : [admission];
  return 'any' in admission ? admission.any : [admission];
}

/** Most formulas of which `remembered` knows whether they can be satisfied: each step of a plan asks about most doors again. */
const mostRemembered = 4000;
const remembered = new Map<string, boolean>();

/** True if nobody can be admitted, whatever the facts are. False if that cannot be decided. */
export function unsatisfiable(admission: Admission): boolean {
  return satisfiable(admission) === false;
}

type Atom = Credential | { readonly unknown: Unknown };
type Literals = ReadonlyMap<string, boolean>;

function satisfiable(admission: Admission): boolean | undefined {
  const key = formulaKey(admission);
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const found = searched(admission);
  // An undecided answer depends on the order of the members, which is no part of the key.
  if (found === undefined) return undefined;
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(key, found);
  return found;
}

function searched(admission: Admission): boolean | undefined {
  const formula = pushed(admission, true);
  const atoms = atomsOf(formula);
  let cases = 0;

  const search = (rest: Admission, known: Literals): boolean | undefined => {
    const settled = settle(rest, known, atoms);
    if (settled === undefined) return false;
    const [atom] = atomsOf(settled.rest);
    if (atom === undefined) return 'all' in settled.rest;
    cases += 1;
    if (cases > mostCases) return undefined;
    const branches = [true, false].map((value) => () => {
      const assumed = consequences(settled.known, [[atom, value]], atoms);
      return assumed === undefined ? false : search(settled.rest, assumed);
    });
    let answer: boolean | undefined = false;
    for (const branch of branches) {
      const found = branch();
      if (found === true) return true;
      if (found === undefined) answer = undefined;
    }
    return answer;
  };
  return search(formula, new Map());
}

/** The formula with all known values filled in, and those that it demands of atoms; undefined: it cannot hold. */
function settle(
  formula: Admission,
  literals: Literals,
  atoms: readonly Atom[],
): { readonly rest: Admission; readonly known: Literals } | undefined {
  let known = literals;
  let rest = substituted(formula, (atom) => known.get(formulaKey(atom)));
  for (;;) {
    if ('any' in rest && rest.any.length === 0) return undefined;
    const demanded = ('all' in rest ? rest.all : [rest]).flatMap(literalOf);
    if (demanded.length === 0) return { rest, known };
    const next = consequences(known, demanded, atoms);
    if (next === undefined) return undefined;
    known = next;
    rest = substituted(rest, (atom) => next.get(formulaKey(atom)));
  }
}

/** The values that follow from these literals, by the theory; undefined if they contradict each other. */
function consequences(
  known: Literals,
  literals: readonly (readonly [Atom, boolean])[],
  atoms: readonly Atom[],
): Literals | undefined {
  const all = new Map(known);
  const queue = [...literals];
  for (const [atom, value] of queue) {
    const before = all.get(formulaKey(atom));
    if (before === value) continue;
    if (before !== undefined) return undefined;
    all.set(formulaKey(atom), value);
    if ('unknown' in atom) continue;
    for (const other of atoms) {
      if ('unknown' in other || other === atom) continue;
      const follows = value ? entailed(atom, other) : entailed(other, atom) === true ? false : undefined;
      if (follows !== undefined && all.get(formulaKey(other)) !== follows) queue.push([other, follows]);
    }
  }
  return all;
}

function literalOf(formula: Admission): readonly (readonly [Atom, boolean])[] {
  if ('has' in formula || 'unknown' in formula) return [[formula, true]];
  if ('not' in formula && isAtom(formula.not)) return [[formula.not, false]];
  return [];
}

function isAtom(formula: Admission): formula is Atom {
  return 'has' in formula || 'unknown' in formula;
}

function substituted(formula: Admission, known: (atom: Atom) => boolean | undefined): Admission {
  if (!isAtom(formula)) return withMembers(formula, (member) => substituted(member, known));
  const value = known(formula);
  if (value === undefined) return formula;
  return value ? allOf() : anyOf();
}

/** The same formula, negated if `positive` is false, with *not* only in front of atoms. */
function pushed(formula: Admission, positive: boolean): Admission {
  if ('not' in formula) return pushed(formula.not, !positive);
  if (isAtom(formula)) return positive ? formula : negated(formula);
  const all = 'all' in formula;
  const parts = (all ? formula.all : formula.any).map((part) => pushed(part, positive));
  return all === positive ? allOf(...parts) : anyOf(...parts);
}

/** The atoms of a formula, each once, in order of appearance. */
export function atomsOf(formula: Admission): readonly Atom[] {
  const found = new Map<string, Atom>();
  const walk = (part: Admission): void => {
    if ('all' in part) part.all.forEach(walk);
    else if ('any' in part) part.any.forEach(walk);
    else if ('not' in part) walk(part.not);
    else found.set(formulaKey(part), part);
  };
  walk(formula);
  return [...found.values()];
}
