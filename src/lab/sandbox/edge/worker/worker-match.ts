import type { JsonObject, WorkerScript } from '../../state/world.ts';
import type { EdgeView } from '../view/view.ts';
import { zoneOf } from '../view/zone-rules.ts';

interface Pattern {
  scheme: string;
  /** A host; with a star at its beginning, everything that ends so: `*.example.dev`, `*example.dev`. */
  host: string;
  /** A path; with a star at its end, everything that begins so. */
  path: string;
}

/**
 * The Worker that runs at a path as sent, with its query; undefined if none does. "Route pattern matching considers the entire
 * request URL, including the query parameter string", so a pattern without `*` at its end matches no URL with a query.
 * "When more than one route pattern could match a request URL, the most specific route pattern wins", whether or not it has
 * a Worker.
 */
export function workerAt({ world }: EdgeView, host: string, path: string): WorkerScript | undefined {
  const zone = zoneOf(world, host);
  const routes = zone === undefined ? [] : (world.zoneExtras?.[zone.id]?.workersRoutes ?? []);
  // "/cdn-cgi/" belongs to the edge itself.
  if (routes.length === 0 || path.startsWith('/cdn-cgi/')) return undefined;
  const [first] = routes
    .map((route) => ({ route, pattern: patternOf(route) }))
    .filter(({ pattern }) => matches(pattern, host, path))
    .sort((left, right) => specificity(right.pattern) - specificity(left.pattern));
  return world.workerScripts?.find(({ id }) => id === first?.route.script);
}

function patternOf({ pattern }: JsonObject): Pattern {
  const [, scheme = '', host = '', path = '/'] =
    /^(https?:\/\/)?([^/]*)(\/.*)?$/.exec(String(pattern).toLowerCase()) ?? [];
  return { scheme, host, path: path === '/' ? path : String(pattern).slice(scheme.length + host.length) };
}

function matches({ scheme, host, path }: Pattern, visited: string, at: string): boolean {
  const isHost = host.startsWith('*') ? visited.endsWith(host.slice(1)) : visited === host;
  const isPath = path.endsWith('*') ? at.startsWith(path.slice(0, -1)) : at === path;
  return scheme !== 'http://' && isHost && isPath;
}

/** Host first, then path; a star is less than anything in its place. */
function specificity({ scheme, host, path }: Pattern): number {
  const weight = (text: string) => 2 * text.length + (text.includes('*') ? 0 : 100_000);
  return weight(host) * 1_000_000 + weight(path) * 2 + (scheme === '' ? 0 : 1);
}
