/** Characters that an expression may have. */
const longestExpression = 4096;

/** The requests of these hosts, always the same for the same ones, whatever their order. */
export function cacheExpression(hosts: readonly string[]): string {
  const names = [...hosts].sort().map((host) => `"${host}"`);
  return `(lower(http.host) in {${names.join(' ')}})`;
}

/** The hosts that an expression of ours names; not `intact` where it says anything else besides. */
export function hostsIn(expression: string): { readonly hosts: readonly string[]; readonly intact: boolean } {
  const hosts = [...new Set([...expression.matchAll(/"([^"]+)"/g)].map(([, host = '']) => host))];
  return { hosts, intact: hosts.length > 0 && cacheExpression(hosts) === expression };
}

/** Whether one rule can name all of these hosts: some 150 of usual length. */
export function fitsOneRule(hosts: readonly string[]): boolean {
  return cacheExpression(hosts).length <= longestExpression;
}
