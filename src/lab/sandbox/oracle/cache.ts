import { hasCachedExtension, hasNoCache, keepAnswer, passCache } from '../edge/cache/cache.ts';
import { loginHost } from '../edge/origin/traefik-origin.ts';
import { route } from '../edge/routing/route.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { Delivery, Visit } from '../edge/view/visit.ts';
import type { CachedAnswer, Guard } from '../state/world.ts';
import type { Suspect } from './suspects.ts';

/** A stored copy that a visitor gets without being admitted by its guard. */
export interface CacheFinding {
  path: string;
  principal: string;
  servedBy: 'origin' | 'authentik';
}

/** A guarded host: the fetched files, the visitors, and the guard of each path. */
export interface CachedDoor {
  host: string;
  files: readonly string[];
  suspects: readonly Suspect[];
  governing(path: string): Guard | undefined;
  /**
   * Paths of the host have guards of their own. A visitor whom one of them admits may then pass Access at another path,
   * where only the tunnel refuses them, which the cache does not ask.
   */
  isDivided: boolean;
}

const FILE = '/x.css';
const BODY = new TextEncoder().encode('"what only admitted people may have"\n');

/** The files that an admitted visitor fetches: of the host, and below each special path. */
export function filesAt(special: readonly string[]): string[] {
  return ['/', FILE, ...special.map((path) => path + FILE), ...special.filter(hasCachedExtension)];
}

/** The fresh copies in the cache, by host. */
export function copiesByHost({ actual, now }: EdgeView): ReadonlyMap<string, readonly CachedAnswer[]> {
  const copies = new Map<string, CachedAnswer[]>();
  for (const copy of Object.values(actual.edgeCache ?? {})) {
    if (copy.freshUntil > now && copy.from !== null)
      copies.set(copy.host, [...(copies.get(copy.host) ?? []), copy]);
  }
  return copies;
}

/**
 * Finds copies that a stranger, or a visitor whom another guard of the host admits, gets although only admitted people
 * may have them: of `copies`, which are already in the cache, and of each file after an admitted visitor has fetched
 * it. That visitor really gets through at this moment; the fetched files stay in the cache, as they would.
 */
export function cacheFindings(
  view: EdgeView,
  door: CachedDoor,
  copies: readonly CachedAnswer[] = [],
): CacheFinding[] {
  const { host, files, governing, suspects } = door;
  const [stranger] = suspects;
  // A login page is for everybody, whatever answered under its name before.
  if (stranger === undefined || host === loginHost(view.world, host) || hasNoCache(view, host)) return [];
  const ask = (path: string, query = ''): CacheFinding[] => {
    const guard = governing(path);
    if (guard === undefined || guard.admit.public === true) return [];
    const others = door.isDivided && guard.client === undefined ? suspects : [stranger];
    return others
      .filter(({ admittedBy }) => !admittedBy(guard.admit))
      .flatMap((suspect) => findingOf(view, suspect, suspect.visit(host, path, { headers: [], query })));
  };
  const found = copies.flatMap(({ path, query }) => ask(path, query));
  for (const path of files) {
    if (copies.some((copy) => copy.path === path && copy.query === '')) continue;
    // Checked first, since the cache usually has no part.
    if (passCache(view, stranger.visit(host, path, NOTHING))?.kind !== 'miss') continue;
    const guard = governing(path);
    if (guard === undefined) continue;
    const fetched = fetch(view, admittedTo(guard, suspects), host, path);
    if (fetched === undefined) continue;
    found.push(...ask(path));
    if (fetched.isReal) delete view.actual.edgeCache?.[fetched.key];
  }
  return found;
}

const NOTHING = { headers: [], query: '' };

/** The admitted suspects. A host that handles logins itself is the application's to judge: everybody may ask it. */
function admittedTo({ admit, client }: Guard, suspects: readonly Suspect[]): readonly Suspect[] {
  if (admit.public === true || client !== undefined) return suspects.slice(0, 1);
  return suspects.filter((each) => each.admittedBy(admit));
}

/** The copy that the first suspect who gets through leaves in the cache; undefined if there is none. */
function fetch(
  view: EdgeView,
  suspects: readonly Suspect[],
  host: string,
  path: string,
): { key: string; isReal: boolean } | undefined {
  for (const suspect of suspects) {
    const visit = suspect.visit(host, path, NOTHING);
    const { verdict, cache } = route(view, visit);
    if (verdict.kind !== 'delivery' || verdict.verify !== undefined || cache?.kind !== 'miss') continue;
    keepAnswer(view.actual, cache, visit, { ...playedAnswer(verdict), from: verdict.servedBy });
    // A real origin was never asked, so nobody else may get an invented answer.
    if (view.actual.edgeCache?.[cache.key] !== undefined)
      return { key: cache.key, isReal: verdict.proxyTo !== null };
  }
  return undefined;
}

/** The answer of a played application, with only the proxy's caching headers. */
function playedAnswer({ servedBy, responseHeaders }: Delivery) {
  const headers = { 'content-type': 'text/css', 'x-sandbox-served-by': servedBy, ...responseHeaders };
  return { status: 200, headers: new Headers(headers), body: BODY };
}

function findingOf(view: EdgeView, { principal }: Suspect, visit: Visit): CacheFinding[] {
  const { verdict } = route(view, visit);
  if (verdict.kind !== 'cached' || verdict.copy.from === null) return [];
  return [{ path: visit.path, principal: `${principal}, from the cache`, servedBy: verdict.copy.from }];
}
