/** An expression in the common syntax of Go and JavaScript; only the flag for case stands elsewhere. */
export function expressionOf(expression: string): RegExp {
  const insensitive = expression.startsWith('(?i)');
  return new RegExp(insensitive ? expression.slice(4) : expression, insensitive ? 'i' : '');
}
