import type { Asked, Dialect } from './fields.ts';
import { ExpressionError } from './lexer.ts';
import { Parser } from './parser.ts';

export { ExpressionError };

/** An expression that can be asked. */
export interface Compiled {
  /** Whether it holds for a request; a missing value never does. */
  holds(asked: Asked): boolean;
  /** The token configurations that it names. */
  configurations: ReadonlySet<string>;
  /** Names of fields and operators that not every zone has, for the caller to compare with the zone's plan. */
  fields: ReadonlySet<string>;
  operators: ReadonlySet<string>;
}

/** Characters of an expression, https://developers.cloudflare.com/ruleset-engine/rules-language/expressions/ */
const LONGEST = 4096;

const known = new Map<string, Compiled>();

/** The rules language. Throws `ExpressionError` for what is no expression of this dialect. Remembers what compiled. */
export function compiled(text: string, dialect: Dialect): Compiled {
  const key = `${dialect} ${text}`;
  const made = known.get(key) ?? compile(text, dialect);
  if (known.size > 10_000) known.clear();
  known.set(key, made);
  return made;
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
