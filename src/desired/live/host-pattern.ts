/** True if a destination's host stands for several: Access accepts a `*` anywhere in a label. */
export function isWildcard(pattern: string): boolean {
  return pattern.includes('*');
}

/** True if the pattern stands for this host. A `*` stands for any characters, including dots: the stricter reading. */
export function matchesHost(pattern: string, host: string): boolean {
  if (!isWildcard(pattern)) return pattern === host;
  const [first = '', ...rest] = pattern.split('*');
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

/**
 * True if an expression may match requests of a host. It is not evaluated: an expression without a host, or with a
 * negation, may match every host. Any other may match if one of its texts is the host or a part of it.
 */
export function mayMatch(expression: string, host: string): boolean {
  const namesHosts = /http\.host|full_uri/.test(expression);
  if (!namesHosts || /\bne\b|!=|\bnot\b|!/.test(expression)) return true;
  const texts = [...expression.matchAll(/r?"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.toLowerCase());
  return texts.some((text) => {
    const [name = ''] = text.replace(/^[a-z*]+:\/\//, '').split('/');
    const plain = name.replaceAll('\\', '');
    return plain !== '' && (matchesHost(plain, host) || host.includes(plain.replaceAll('*', '')));
  });
}
