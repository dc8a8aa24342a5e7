const compiled = new Map<string, RegExp | null>();

/**
 * Go's RE2 as near as JavaScript comes: leading flags, `\A`, `\z` and named groups; null when it does not compile.
 * Remembered, since the oracle asks the same expressions after every write.
 */
export function goExpression(expression: string): RegExp | null {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  const made = compile(expression);
  if (compiled.size > 10_000) compiled.clear();
  compiled.set(expression, made);
  return made;
}

function compile(expression: string): RegExp | null {
  const flags = /^\(\?([ims]+)\)/.exec(expression);
  const body = expression
    .slice(flags?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$');
  try {
    return new RegExp(body, [...new Set(flags?.[1] ?? '')].join(''));
  } catch {
    return null;
  }
}
