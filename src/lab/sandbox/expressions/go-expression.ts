import { RE2JS } from 're2js';

/** An expression that Go's `regexp` compiles; it may match anywhere in the text. */
export interface GoExpression {
  test(text: string): boolean;
}

const MOST_EXPRESSIONS = 5000;
const MOST_VERDICTS = 500;

const compiled = new Map<string, GoExpression | null>();

/**
 * The expression as Go's RE2 reads it; null if Go would not compile it. Cached with its results, since the oracle tests
 * the same expressions with the same paths after every write.
 */
export function goExpression(expression: string): GoExpression | null {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  const program = compile(expression);
  if (compiled.size >= MOST_EXPRESSIONS) compiled.clear();
  compiled.set(expression, program);
  return program;
}

function compile(expression: string): GoExpression | null {
  try {
    return remembering(RE2JS.compile(expression));
  } catch {
    return null;
  }
}

function remembering(expression: RE2JS): GoExpression {
  const verdicts = new Map<string, boolean>();
  return {
    test: (text) => {
      const known = verdicts.get(text);
      if (known !== undefined) return known;
      const verdict = expression.test(text);
      if (verdicts.size >= MOST_VERDICTS) verdicts.clear();
      verdicts.set(text, verdict);
      return verdict;
    },
  };
}
