import type { AccessApp } from '../../state/world.ts';

/** One public destination of an application, with the hosts and paths that it covers. */
export interface AccessDoor {
  app: AccessApp;
  uri: string;
  host: string;
  /** The path as written; empty covers the complete host. */
  path: string;
}

interface Pattern {
  host: string;
  path: string;
  hostMatch: (host: string) => boolean;
  pathMatch: (path: string) => boolean;
}

const parsed = new Map<string, Pattern>();

/** The public destinations of `app`. */
export function doorsOf(app: AccessApp): AccessDoor[] {
  return app.destinations.flatMap(({ type, uri }) => {
    if (type !== 'public' || typeof uri !== 'string') return [];
    const { host, path } = parsePattern(uri);
    return [{ app, uri, host, path }];
  });
}

/** True if the host of `door` covers `host`. */
export function coversHost({ uri }: AccessDoor, host: string): boolean {
  return parsePattern(uri).hostMatch(host);
}

/**
 * The most specific of `doors` (all of one host) that covers `path`, or undefined. The exact host precedes a wildcard
 * (which has fewer letters), then the longer path precedes, then the one without a wildcard; a door inherits nothing
 * from a broader one. A path without a wildcard also covers the paths below it (Cloudflare's page on application
 * paths); `a/*` does not cover `a`; an empty path is the complete host.
 */
export function mostSpecific(doors: readonly AccessDoor[], path: string): AccessDoor | undefined {
  let best: AccessDoor | undefined;
  for (const door of doors) {
    if (!parsePattern(door.uri).pathMatch(path)) continue;
    if (!best || specificity(door) > specificity(best)) best = door;
  }
  return best;
}

function specificity(door: AccessDoor): number {
  const literalHost = door.host.replaceAll('*', '').length;
  const literalPath = door.path.replaceAll('*', '').length;
  const exactPath = door.path.includes('*') ? 0 : 1;
  return (literalHost * 10_000 + literalPath) * 2 + exactPath;
}

function parsePattern(uri: string): Pattern {
  const known = parsed.get(uri);
  if (known) return known;
  const slash = uri.indexOf('/');
  const host = (slash < 0 ? uri : uri.slice(0, slash)).toLowerCase();
  const path = slash < 0 ? '' : uri.slice(slash).replace(/\/$/, '');
  const pattern = { host, path, hostMatch: hostMatcher(host), pathMatch: pathMatcher(path) };
  if (parsed.size > 10_000) parsed.clear();
  parsed.set(uri, pattern);
  return pattern;
}

/** A matcher for a host, in which `*` stands for one label or a part of one, never for a dot. */
function hostMatcher(host: string): (host: string) => boolean {
  if (!host.includes('*')) return (asked) => asked === host;
  const expression = new RegExp(`^${host.split('*').map(literally).join('[^.]+')}$`);
  return (asked) => expression.test(asked);
}

/** A matcher for a path, in which `*` spans segments. */
function pathMatcher(path: string): (path: string) => boolean {
  if (path === '' || path === '/*') return () => true;
  if (!path.includes('*')) return (asked) => asked === path || asked.startsWith(`${path}/`);
  const expression = new RegExp(`^${path.split('*').map(literally).join('.*')}$`, 's');
  return (asked) => expression.test(asked);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
