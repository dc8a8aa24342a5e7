import { RE2JS } from 're2js';

/** An expression of Go's `regexp` (RE2). */
export interface Expression {
  /** True if the expression matches anywhere in the text. */
  readonly matches: (text: string) => boolean;
}

const compiled = new Map<string, Expression | undefined>();

/** Undefined if RE2 does not compile it. */
export function expressionOf(source: string): Expression | undefined {
  if (!compiled.has(source)) compiled.set(source, compile(source));
  return compiled.get(source);
}

function compile(source: string): Expression | undefined {
  try {
    const expression = RE2JS.compile(source);
    return { matches: (text) => expression.matcher(text).find() };
  } catch {
    return undefined;
  }
}
