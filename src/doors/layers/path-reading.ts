/**
 * A path as sent may be read in several ways: escapes decoded or not, dot segments and double slashes resolved or not,
 * parameters behind `;` cut off or not. Cloudflare's documents say neither what Access and the rules of a zone make of such
 * a path, nor whether the edge normalizes it before it sends it on. These are the readings that one layer may have, the
 * path itself first; a plain path has one.
 */
export function readingsOf(path: string): readonly string[] {
  const known = readings.get(path);
  if (known !== undefined) return known;
  let found = [path];
  // A layer may decode what another one has resolved, and the other way round.
  for (const step of [decoded, resolved, withoutParameters, decoded, resolved]) {
    found = [...new Set([...found, ...found.map(step)])];
  }
  if (readings.size > mostReadings) readings.clear();
  readings.set(path, found);
  return found;
}

/** The readings of a program that matches the decoded path, as those written in Go do. */
export function decodedReadingsOf(path: string): readonly string[] {
  return [...new Set(readingsOf(path).map(decoded))];
}

const readings = new Map<string, readonly string[]>();
const mostReadings = 10_000;

/** Decoded once, as Go does; a path with a broken escape stays as it is. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Without empty segments, and without dot segments (RFC 3986, section 5.2.4). */
function resolved(path: string): string {
  const segments = path.replaceAll('\\', '/').split('/').slice(1);
  const kept: string[] = [];
  for (const [place, segment] of segments.entries()) {
    const last = place === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment === '.' || segment === '..' || segment === '') {
      if (last) kept.push('');
    } else kept.push(segment);
  }
  return `/${kept.join('/')}`;
}

function withoutParameters(path: string): string {
  return path.replace(/;[^/]*/g, '');
}
