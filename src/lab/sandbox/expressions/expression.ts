import type { Asked, Dialect } from './fields.ts';
import { ExpressionError } from './lexer.ts';
import { Parser } from './parser.ts';

export { ExpressionError };

/** A compiled expression. */
export interface Compiled {
  /** True if it matches a request; a missing value never does. */
  holds(asked: Asked): boolean;
  /** The token configurations that it names. */
  configurations: ReadonlySet<string>;
  /** Names of fields and operators that not every zone has, for a comparison with the zone's plan. */
  fields: ReadonlySet<string>;
  operators: ReadonlySet<string>;
}

/** The most characters, https://developers.cloudflare.com/ruleset-engine/rules-language/expressions/ */
const LONGEST = 4096;

const known = new Map<string, Compiled>();

/** Compiles an expression of the rules language, with a cache. Throws `ExpressionError` for an invalid one. */
export function compiled(text: string, dialect: Dialect): Compiled {
  const key = `${dialect} ${text}`;
  const expression = known.get(key) ?? compile(text, dialect);
  if (known.size > 10_000) known.clear();
  known.set(key, expression);
  return expression;
}

function compile(text: string, dialect: Dialect): Compiled {
  if (text.length > LONGEST) throw new ExpressionError(`more than ${LONGEST} characters`, LONGEST);
  const parser = new Parser(text, dialect);
  const condition = parser.whole();
  return {
    holds: (asked) => condition(asked) === true,
    configurations: parser.configurations,
    fields: parser.fields,
    operators: parser.operators,
  };
}
