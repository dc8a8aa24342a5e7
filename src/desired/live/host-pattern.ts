/** Whether a destination's host stands for several: Access takes a `*` anywhere in a label. */
export function isWildcard(pattern: string): boolean {
  return pattern.includes('*');
}

/** Whether it stands for this one. A `*` stands for any characters, dots too: the stricter reading. */
export function matchesHost(pattern: string, host: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === host;
  const last = rest.pop() ?? '';
  if (!host.startsWith(first) || host.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = host.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return host.endsWith(last) && host.length - last.length >= at;
}
