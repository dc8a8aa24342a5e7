/** The value of a cookie in a `Cookie` header; of several, the first. */
export function cookieValue(header: string | null, name: string): string | null {
  for (const pair of (header ?? '').split(/;\s*/)) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals) === name) return pair.slice(equals + 1);
  }
  return null;
}
