/**
 * A pattern of a Workers route (documents, "Matching behavior"): `*` only begins the host and only ends the path, and
 * stands for any characters. The path is compared with its query, with case.
 */
export interface RoutePattern {
  /** Empty: both. */
  readonly scheme: '' | 'http' | 'https';
  /** Lower case. */
  readonly host: string;
  readonly path: string;
}

/** A pattern without a path counts as one for every path: the documents do not say which it is for. */
export function parsedRoute(pattern: string): RoutePattern {
  const [, scheme = '', host = '', path = '/*'] = /^(?:(https?):\/\/)?([^/]*)(\/.*)?$/i.exec(pattern) ?? [];
  return { scheme: scheme.toLowerCase() as RoutePattern['scheme'], host: host.toLowerCase(), path };
}

export function routeCoversHost({ host }: RoutePattern, name: string): boolean {
  return host.startsWith('*') ? name.endsWith(host.slice(1)) : name === host;
}

export function routeCoversPath({ path }: RoutePattern, asked: string): boolean {
  return path.endsWith('*') ? asked.startsWith(path.slice(0, -1)) : asked === path;
}

/**
 * True if `inner` matches a part of what `outer` matches, and nothing else: then `inner` decides, because "the most
 * specific route pattern wins". The documents do not order two patterns that overlap in another way.
 */
export function isMoreSpecificRoute(inner: RoutePattern, outer: RoutePattern): boolean {
  const isWithin =
    (outer.scheme === '' || outer.scheme === inner.scheme) &&
    liesIn(inner.host, outer.host) &&
    liesIn(reversed(inner.path), reversed(outer.path));
  return isWithin && JSON.stringify(inner) !== JSON.stringify(outer);
}

/** True if everything that ends as `inner` does also ends as `outer` does. */
function liesIn(inner: string, outer: string): boolean {
  if (!outer.startsWith('*')) return inner === outer;
  return inner.replace(/^\*/, '').endsWith(outer.slice(1));
}

/** A star at the end of a path, as one at the beginning. */
function reversed(path: string): string {
  return [...path].reverse().join('');
}
