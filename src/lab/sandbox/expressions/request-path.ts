/** A path that stays unchanged, like most of the very many that the oracle tries. */
const NORMAL = /^\/(?:[^/\\%.][^/\\%]*(?:\/|$))*$/;

/**
 * The path as the edge's rules see it. By default Cloudflare normalizes incoming URLs (RFC 3986, also repeated and
 * backward slashes) for its own products, but sends the original path to the origin: so Access and the tunnel may see
 * two different paths, a trap for path exceptions.
 */
export function normalizedPath(raw: string): string {
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
 * The path as cloudflared's rules see it: each escape is decoded, also `%2F`, dots and slashes stay (Go's `URL.Path`).
 * Null for a broken escape, which Go refuses with 400.
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
