import { hasCachedExtension, hasNoCache, keepAnswer, passCache } from '../edge/cache/cache.ts';
import { loginHost } from '../edge/origin/traefik-origin.ts';
import { route } from '../edge/routing/route.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { CachePassage, Delivery, Visit } from '../edge/view/visit.ts';
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

/** What an exposure says of a visitor whom the cache answers. */
export const FROM_THE_CACHE = ', from the cache';

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
 * may have them: of `copies`, which are already in the cache, and of each file after a visitor has fetched it, if
 * possible an admitted one. That visitor really gets through at this moment; the fetched files stay in the cache, as they would.
 */
export function cacheFindings(
  view: EdgeView,
  door: CachedDoor,
  copies: readonly CachedAnswer[] = [],
): CacheFinding[] {
  const { answers, actual } = view;
  // A login page is for everybody, whatever answered under its name before.
  if (door.host === loginHost(view.world, door.host) || hasNoCache(view, door.host)) return [];
  const findings = (path: string, query = '') =>
    answers.ask(['copyFindings', door, path, query], () => copyFindings(view, door, path, query));
  const found = copies.flatMap(({ path, query }) => findings(path, query));
  for (const path of door.files) {
    if (copies.some((copy) => copy.path === path && copy.query === '')) continue;
    const fetch = storedFetch(view, door, path);
    if (fetch === undefined) continue;
    answers.begin();
    found.push(...findings(path));
    // A real origin was never asked, so nobody else may get an invented answer.
    if (fetch.delivery.proxyTo === null) continue;
    delete actual.edgeCache?.[fetch.cache.key];
    answers.begin();
  }
  return found;
}

/** The first fetch of a file that leaves a copy in the cache; undefined if none does. */
function storedFetch(view: EdgeView, door: CachedDoor, path: string): Fetch | undefined {
  const { answers, actual } = view;
  const next = (from: number) =>
    answers.ask(['fetch', door, path, from], () => fetchBy(view, door, path, from));
  for (let fetch = next(0); fetch !== undefined; fetch = next(fetch.by + 1)) {
    const { visit, delivery, cache } = fetch;
    keepAnswer(actual, cache, visit, { ...playedAnswer(delivery), from: delivery.servedBy });
    if (actual.edgeCache?.[cache.key] !== undefined) return fetch;
  }
  return undefined;
}

/** The copies that visitors get at one address of the host, whom its guard does not admit. */
function copyFindings(view: EdgeView, door: CachedDoor, path: string, query: string): CacheFinding[] {
  const { host, governing, suspects } = door;
  const guard = governing(path);
  if (guard === undefined || guard.admit.public === true) return [];
  const isForAll = door.isDivided && guard.client === undefined;
  return suspects
    .filter(({ isAnonymous, admittedBy }) => (isForAll || isAnonymous) && !admittedBy(guard.admit))
    .flatMap((suspect) => findingOf(view, suspect, suspect.visit(host, path, { headers: [], query })));
}

const NOTHING = { headers: [], query: '' };

/**
 * The suspects who may leave copies, those whom the guard admits first: whoever gets in all the same leaves copies too. A host that handles
 * logins itself is the application's to judge: everybody may ask it.
 */
function fetchersAt({ admit, client }: Guard, suspects: readonly Suspect[]): readonly Suspect[] {
  if (admit.public === true || client !== undefined) return suspects.slice(0, 1);
  return suspects.toSorted((a, b) => Number(b.admittedBy(admit)) - Number(a.admittedBy(admit)));
}

/** A visit whose answer the cache may store, by a suspect with this number among those who fetch. */
interface Fetch {
  by: number;
  visit: Visit;
  delivery: Delivery;
  cache: Extract<CachePassage, { kind: 'miss' }>;
}

/** The first fetch by a suspect, from this number on, who gets through to a file, and past the cache. */
function fetchBy(
  view: EdgeView,
  { host, governing, suspects }: CachedDoor,
  path: string,
  from: number,
): Fetch | undefined {
  const guard = governing(path);
  const [stranger] = suspects;
  if (guard === undefined || stranger === undefined) return undefined;
  // Checked first, since the cache usually has no part.
  if (passCache(view, stranger.visit(host, path, NOTHING))?.kind !== 'miss') return undefined;
  for (const [by, suspect] of fetchersAt(guard, suspects).entries()) {
    if (by < from) continue;
    const visit = suspect.visit(host, path, NOTHING);
    const { verdict, cache } = route(view, visit);
    if (verdict.kind !== 'delivery' || verdict.verify !== undefined || cache?.kind !== 'miss') continue;
    return { by, visit, delivery: verdict, cache };
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
  return [{ path: visit.path, principal: principal + FROM_THE_CACHE, servedBy: verdict.copy.from }];
}
