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

/**
 * Whether an expression may match requests of a host. It is not evaluated: one that names no host, or says of which it does
 * not speak, may match every host; of the others it is enough that a text in it is the host or a part of it.
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
