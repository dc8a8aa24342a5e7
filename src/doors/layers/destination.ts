/**
 * A public destination of an Access application (documents, "Application paths"): `host`, `host/path` with everything
 * below it, `host/path/*` for only what is below it, and `*` elsewhere.
 */
export interface Destination {
  /** Lower case. A `*` stands for any letters within one label. */
  readonly host: string;
  /** Without a slash at the end; empty: every path. A `*` stands for any letters, slashes included. */
  readonly path: string;
}

export function parsedDestination(uri: string): Destination {
  const slash = uri.indexOf('/');
  const [host, path] = slash < 0 ? [uri, ''] : [uri.slice(0, slash), uri.slice(slash)];
  return { host: host.toLowerCase(), path: path === '/*' ? '' : path.replace(/\/$/, '') };
}

export function coversHost({ host }: Destination, name: string): boolean {
  return matches(host, '[^.]*', name);
}

/**
 * Returns whether a path is covered. `maybe`: it lies below a path with a `*` in the middle. The documents show what
 * such a path covers, but not what happens below it.
 */
export function coversPath({ path: covered }: Destination, path: string): 'yes' | 'maybe' | 'no' {
  if (covered === '') return 'yes';
  if (!covered.includes('*')) return path === covered || path.startsWith(`${covered}/`) ? 'yes' : 'no';
  if (matches(covered, '.*', path)) return 'yes';
  return !covered.endsWith('*') && matches(`${covered}/*`, '.*', path) ? 'maybe' : 'no';
}

/**
 * True if `inner` covers a part of what `outer` covers, and nothing else: then `inner` decides. The documents do not
 * order two destinations that overlap in another way.
 */
export function isNarrower(inner: Destination, outer: Destination): boolean {
  const [host, path] = [hostLiesIn(inner.host, outer.host), pathLiesIn(inner.path, outer.path)];
  return host && path && (inner.host !== outer.host || inner.path !== outer.path);
}

function hostLiesIn(inner: string, outer: string): boolean {
  // Letters that no host has replace the `*` of the inner one.
  return matches(outer, '[^.]*', inner.replaceAll('*', '~~')) || inner === outer;
}

function pathLiesIn(inner: string, outer: string): boolean {
  if (inner === outer || outer === '') return true;
  if (inner === '') return false;
  const head = inner.includes('*') ? inner.slice(0, inner.indexOf('*')) : inner;
  // A path without `*` covers itself and everything below it; a path that ends in `/*` covers only the latter.
  if (!outer.includes('*')) return head.startsWith(`${outer}/`);
  const base = outer.slice(0, -1);
  return outer.endsWith('/*') && !base.includes('*') && head.startsWith(base);
}

function matches(pattern: string, wildcard: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join(wildcard)}$`, 's').test(text);
}
