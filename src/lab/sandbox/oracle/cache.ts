import { hasCachedExtension, hasNoCache, keepAnswer, passCache } from '../edge/cache/cache.ts';
import { loginHost } from '../edge/origin/traefik-origin.ts';
import { route } from '../edge/routing/route.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { Delivery, Visit } from '../edge/view/visit.ts';
import type { CachedAnswer, Guard } from '../state/world.ts';
import type { Suspect } from './suspects.ts';

/** A copy that somebody is given whom its guard does not admit. */
export interface CacheFinding {
  path: string;
  principal: string;
  servedBy: 'origin' | 'authentik';
}

/** A guarded host: what is fetched there, by whom, and which guard a path has. */
export interface CachedDoor {
  host: string;
  files: readonly string[];
  suspects: readonly Suspect[];
  governing(path: string): Guard | undefined;
  /**
   * Paths of the host have guards of their own. Then whom one of them admits may be past Access at another path, where the
   * tunnel alone refuses them, which the cache does not ask.
   */
  isDivided: boolean;
}

const FILE = '/x.css';
const BODY = new TextEncoder().encode('"what only admitted people may have"\n');

/** The files that somebody admitted fetches: of the host, and below each path that is special there. */
export function filesAt(special: readonly string[]): string[] {
  return ['/', FILE, ...special.map((path) => path + FILE), ...special.filter(hasCachedExtension)];
}

/** What is fresh in the cache, by host. */
export function copiesByHost({ actual, now }: EdgeView): ReadonlyMap<string, readonly CachedAnswer[]> {
  const copies = new Map<string, CachedAnswer[]>();
  for (const copy of Object.values(actual.edgeCache ?? {})) {
    if (copy.freshUntil > now && copy.from !== null)
      copies.set(copy.host, [...(copies.get(copy.host) ?? []), copy]);
  }
  return copies;
}

/**
 * Whether a stranger without anything, or whom another guard of the host admits, is given a copy of what only admitted
 * people may have: of `copies`, which are in the cache already, and of each file once somebody whom its guard admits has
 * fetched it. That is somebody who really
 * gets through at this moment; what they fetched stays in the cache, as it would.
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
    const others =
      door.isDivided && guard.client === undefined
        ? suspects.filter(({ admittedBy }) => !admittedBy(guard.admit))
        : [stranger];
    return others.flatMap((suspect) =>
      findingOf(view, suspect, suspect.visit(host, path, { headers: [], query })),
    );
  };
  const found = copies.flatMap(({ path, query }) => ask(path, query));
  for (const path of files) {
    if (copies.some((copy) => copy.path === path && copy.query === '')) continue;
    // Asked first, since most of the time the cache has no part in it.
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

/** A host that logs people in by itself is asked by them as by everybody: what they show is the application's to judge. */
function admittedTo({ admit, client }: Guard, suspects: readonly Suspect[]): readonly Suspect[] {
  if (admit.public === true || client !== undefined) return suspects.slice(0, 1);
  return suspects.filter((each) => each.admittedBy(admit));
}

/** The copy that the first of them who gets through leaves in the cache; undefined where nobody does, or none is kept. */
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
    // A real origin was never asked, so that nobody else may be given what was made up here.
    if (view.actual.edgeCache?.[cache.key] !== undefined)
      return { key: cache.key, isReal: verdict.proxyTo !== null };
  }
  return undefined;
}

/** A played application says no more of caching than the proxy before it adds. */
function playedAnswer({ servedBy, responseHeaders }: Delivery) {
  const headers = { 'content-type': 'text/css', 'x-sandbox-served-by': servedBy, ...responseHeaders };
  return { status: 200, headers: new Headers(headers), body: BODY };
}

function findingOf(view: EdgeView, { principal }: Suspect, visit: Visit): CacheFinding[] {
  const { verdict } = route(view, visit);
  if (verdict.kind !== 'cached' || verdict.copy.from === null) return [];
  return [{ path: visit.path, principal: `${principal}, from the cache`, servedBy: verdict.copy.from }];
}
