/**
 * A path as sent may be read in several ways: escapes decoded or not, dot segments and double slashes resolved or not,
 * parameters after `;` cut off or not. Cloudflare's documents do not say how Access and the rules of a zone read such a
 * path, or whether the edge normalizes it before forwarding it. These are the readings that one layer may have, the
 * path itself first. A plain path has one.
 */
export function readingsOf(path: string): readonly string[] {
  const known = readings.get(path);
  if (known !== undefined) return known;
  let found = [path];
  // A layer may decode what another layer has resolved, and vice versa.
  for (const step of [decoded, resolved, withoutParameters, decoded, resolved]) {
    found = [...new Set([...found, ...found.map(step)])];
  }
  if (readings.size > mostReadings) readings.clear();
  readings.set(path, found);
  return found;
}

/** The readings of a program that matches the decoded path, such as those written in Go. */
export function decodedReadingsOf(path: string): readonly string[] {
  return [...new Set(readingsOf(path).map(decoded))];
}

const readings = new Map<string, readonly string[]>();
const mostReadings = 10_000;

/**
 * Decoded once, as Go does. Bytes that are no UTF-8 become U+FFFD, as which Go's `regexp` reads each of them. A path with
 * a broken escape, which Go refuses, is unchanged.
 */
function decoded(path: string): string {
  if (/%(?![0-9a-f]{2})/i.test(path)) return path;
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    const bytes = escapes
      .slice(1)
      .split('%')
      .map((hex) => Number.parseInt(hex, 16));
    return utf8.decode(Uint8Array.from(bytes));
  });
}

/** Keeps a byte order mark, since Go does. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Without empty segments, and without dot segments (RFC 3986, section 5.2.4). */
function resolved(path: string): string {
  const segments = path.replaceAll('\\', '/').split('/').slice(1);
  const resolvedSegments: string[] = [];
  for (const [place, segment] of segments.entries()) {
    const last = place === segments.length - 1;
    if (segment === '..') resolvedSegments.pop();
    if (segment === '.' || segment === '..' || segment === '') {
      if (last) resolvedSegments.push('');
    } else resolvedSegments.push(segment);
  }
  return `/${resolvedSegments.join('/')}`;
}

function withoutParameters(path: string): string {
  return path.replace(/;[^/]*/g, '');
}
