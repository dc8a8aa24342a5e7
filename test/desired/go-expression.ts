/** A Go expression as a JavaScript RegExp. Both use the common syntax, except for the position of the case flag. */
export function expressionOf(expression: string): RegExp {
  const insensitive = expression.startsWith('(?i)');
  return new RegExp(insensitive ? expression.slice(4) : expression, insensitive ? 'i' : '');
}
