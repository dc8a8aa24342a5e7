import { isIP } from 'node:net';
import { addressInside } from './address-range.ts';
import type { Data, FieldType } from './fields.ts';
import { type GoExpression, goExpression } from './go-expression.ts';

/** The right side of an operator. */
export type Literal = string | number | readonly Member[];
/** A member of a set: a value, or a range of integers. */
export type Member = string | number | { from: number; to: number };

export type Operator = keyof typeof OPERATORS;

interface Rule {
  /** The types of value that it compares. */
  takes: readonly FieldType[];
  /** True if its right side is a set. */
  set?: true;
  /** Returns a test of present values; throws `TypeError` for a literal that it cannot use. */
  test(literal: Literal): (value: Data) => boolean;
}

const ORDERED: readonly FieldType[] = ['integer'];
const PLAIN: readonly FieldType[] = ['string', 'integer', 'ip'];

const OPERATORS = {
  eq: { takes: PLAIN, test: (literal) => (value) => value === literal },
  ne: { takes: PLAIN, test: (literal) => (value) => value !== literal },
  lt: { takes: ORDERED, test: (literal) => (value) => Number(value) < Number(literal) },
  le: { takes: ORDERED, test: (literal) => (value) => Number(value) <= Number(literal) },
  gt: { takes: ORDERED, test: (literal) => (value) => Number(value) > Number(literal) },
  ge: { takes: ORDERED, test: (literal) => (value) => Number(value) >= Number(literal) },
  contains: { takes: ['string'], test: (literal) => (value) => String(value).includes(String(literal)) },
  matches: { takes: ['string'], test: (literal) => searching(expressionOf(String(literal))) },
  wildcard: { takes: ['string'], test: (literal) => searching(wildcardOf(String(literal), 'is')) },
  'strict wildcard': { takes: ['string'], test: (literal) => searching(wildcardOf(String(literal), 's')) },
  in: {
    takes: PLAIN,
    set: true,
    test: (literal) => amongst(literal as readonly Member[]),
  },
} as const satisfies Record<string, Rule>;

const SIGNS: { readonly [sign: string]: Operator } = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '~': 'matches',
};

/** The operator of a word or sign. */
export function operatorCalled(text: string): Operator | undefined {
  return SIGNS[text] ?? (Object.hasOwn(OPERATORS, text) ? (text as Operator) : undefined);
}

export function ruleOf(operator: Operator): Rule {
  return OPERATORS[operator];
}

function searching(pattern: Pick<RegExp, 'test'>): (value: Data) => boolean {
  return (value) => pattern.test(String(value));
}

function expressionOf(text: string): GoExpression {
  const compiled = goExpression(text);
  if (compiled === null) throw new TypeError('invalid regular expression');
  return compiled;
}

/** A matcher in which `*` stands for any text, `\*` and `\\` for themselves; two stars in a row are refused. */
function wildcardOf(text: string, flags: string): RegExp {
  if (/(?<!\\)(?:\\\\)*\*\*/.test(text)) throw new TypeError('two wildcards in a row');
  const pattern = text.replace(/\\[*\\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    const literal = part.length > 1 ? part.slice(1) : part;
    return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${pattern}$`, flags);
}

/** A test for a set. Plain values are in a lookup table, since a set may have hundreds of hosts. */
function amongst(members: readonly Member[]): (value: Data) => boolean {
  const plain: ReadonlySet<Data> = new Set(members.filter((member) => typeof member !== 'object'));
  const wide = members.filter((member) => typeof member === 'object' || isAddress(String(member)));
  return (value) => plain.has(value) || wide.some((member) => isMember(value, member));
}

function isMember(value: Data, member: Member): boolean {
  if (typeof member === 'object') return Number(value) >= member.from && Number(value) <= member.to;
  if (typeof member === 'string' && typeof value === 'string' && isIP(value) !== 0 && isAddress(member)) {
    return addressInside(value, member);
  }
  return value === member;
}

function isAddress(text: string): boolean {
  return isIP(text.replace(/\/\d+$/, '')) !== 0;
}
