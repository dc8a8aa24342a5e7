/** The most characters of an expression. */
const longestExpression = 4096;

/** The requests of these hosts. The same hosts give the same expression, in any order. */
export function cacheExpression(hosts: readonly string[]): string {
  const names = [...hosts].sort().map((host) => `"${host}"`);
  return `(lower(http.host) in {${names.join(' ')}})`;
}

/** The hosts that our expression names; not `intact` if it says anything else. */
export function hostsIn(expression: string): { readonly hosts: readonly string[]; readonly intact: boolean } {
  const hosts = [...new Set([...expression.matchAll(/"([^"]+)"/g)].map(([, host = '']) => host))];
  return { hosts, intact: hosts.length > 0 && cacheExpression(hosts) === expression };
}

/** True if one rule can name all of these hosts: some 150 of usual length. */
export function fitsOneRule(hosts: readonly string[]): boolean {
  return cacheExpression(hosts).length <= longestExpression;
}
