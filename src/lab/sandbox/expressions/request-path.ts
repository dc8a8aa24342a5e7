/** Nothing of it is changed: most paths, and the oracle has very many. */
const NORMAL = /^\/(?:[^/\\%.][^/\\%]*(?:\/|$))*$/;

/**
 * The path as the edge's rules see it. Cloudflare normalises incoming URLs by default (RFC 3986, repeated and
 * backward slashes too) for its own products, and still sends the path as it came to the origin: Access and the
 * tunnel may therefore look at two different paths, which is the trap that path exceptions fall into.
 */
export function normalisedPath(raw: string): string {
  if (NORMAL.test(raw)) return raw;
  const unreserved = raw.replace(/%[0-9a-f]{2}/gi, decodeUnreserved).replaceAll('\\', '/');
  const segments: string[] = [];
  for (const segment of unreserved.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const directory = /(^|\/)\.{0,2}$/.test(unreserved) && segments.length > 0;
  return `/${segments.join('/')}${directory ? '/' : ''}`;
}

/**
 * The path as cloudflared's rules see it: each escape decoded, `%2F` included, dots and slashes left alone
 * (Go's `URL.Path`); null when an escape is broken, which Go refuses with 400.
 */
export function decodedPath(raw: string): string | null {
  if (/%(?![0-9a-f]{2})/i.test(raw)) return null;
  if (!raw.includes('%')) return raw;
  const bytes = raw.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function decodeUnreserved(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase();
}
