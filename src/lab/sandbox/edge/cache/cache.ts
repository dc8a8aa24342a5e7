import { normalizedPath } from '../../expressions/request-path.ts';
import type { CachedAnswer, World } from '../../state/world.ts';
import { now } from '../../state/world.ts';
import { askedOf } from '../rules/rule-verdict.ts';
import { type CacheRules, type CacheSettings, cacheSettings } from '../view/cache-rules.ts';
import type { EdgeView } from '../view/view.ts';
import { type CachedCopy, type CachePassage, headerValues, type Verdict, type Visit } from '../view/visit.ts';
import { keepingOf } from './cache-freshness.ts';

/** Only extensions count, not MIME types: https://developers.cloudflare.com/cache/concepts/default-cache-behavior/ */
const EXTENSIONS = new Set(
  (
    '7z avi avif apk bin bmp bz2 class css csv doc docx dmg ejs eot eps exe flac gif gz ico iso jar jpg jpeg js ' +
    'mid midi mkv mp3 mp4 ogg otf pdf pict pls png ppt pptx ps rar svg svgz swf tar tif tiff ttf webm webp woff ' +
    'woff2 xls xlsx zip zst'
  ).split(' '),
);

/** Headers in the default key, after the URL: https://developers.cloudflare.com/cache/how-to/cache-keys/ */
const KEY_HEADERS = [
  'origin',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-forwarded-host',
  'x-host',
  'x-original-url',
  'x-rewrite-url',
  'forwarded',
];

/** The most stored answers, and the most bytes of one: the world must not grow without a limit. */
const MOST_ANSWERS = 1000;
const LARGEST_BODY = 1024 * 1024;

/**
 * The part of the cache in a visit that Access admitted: a stored answer, or a passage for the origin's answer. Null if
 * no cache is played. It comes after the zone's rules and Access, and before the tunnel.
 */
export function passCache(view: EdgeView, visit: Visit): CachedCopy | CachePassage | null {
  const rules = view.cacheRules(visit.host);
  if (rules === null) return null;
  // Most requests never concern the cache, and the oracle makes very many.
  if (!rules.widens && !MAY_BE_FILE.test(visit.path)) return DYNAMIC;
  if (visit.method !== 'GET' && visit.method !== 'HEAD') return DYNAMIC;
  const path = normalizedPath(visit.path);
  const isFile = hasCachedExtension(path);
  if (!isFile && !rules.widens) return DYNAMIC;
  const settings = settingsFor(view, rules, visit);
  if (settings.cache === false || (settings.cache === undefined && !isFile)) return isFile ? BYPASS : DYNAMIC;
  const key = keyOf(visit, path, settings);
  const copy = view.copy(key);
  if (copy !== undefined && !view.isReached(copy.freshUntil)) return { kind: 'cached', copy };
  return { kind: 'miss', key, status: copy === undefined ? 'MISS' : 'EXPIRED', settings };
}

/** True if no request to a host can get an answer from the cache, or store one. */
export function hasNoCache(view: EdgeView, host: string): boolean {
  const rules = view.cacheRules(host);
  if (rules === null) return true;
  return rules.byHostAlone && settingsFor(view, rules, { ...ANY, host }).cache === false;
}

const ANY: Visit = {
  ...{ method: 'GET', host: '', path: '/', query: '', headers: [], body: null },
  ...{ sessions: [], assertion: null },
};
const MAY_BE_FILE = /[.%]/;
const DYNAMIC: CachePassage = { kind: 'beside', status: 'DYNAMIC' };
const BYPASS: CachePassage = { kind: 'beside', status: 'BYPASS' };

function settingsFor(view: EdgeView, rules: CacheRules, visit: Visit): CacheSettings {
  const find = () => cacheSettings(rules, askedOf(view, { configurations: [], operations: [] }, visit));
  return rules.byHostAlone ? view.answers.ask(['cacheSettings', rules, visit.host], find) : find();
}

export function hasCachedExtension(path: string): boolean {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase();
  return path === '/robots.txt' || (extension !== undefined && EXTENSIONS.has(extension));
}

/** Stores an answer if its headers and the zone's rules allow it. Returns the `cf-cache-status`. */
export function keepAnswer(
  world: World,
  passage: Extract<CachePassage, { kind: 'miss' }>,
  visit: Visit,
  answer: { status: number; headers: Headers; body: Uint8Array; from: CachedAnswer['from'] },
): string {
  const { status, headers, body, from } = answer;
  const isAuthorized = headerValues(visit, 'authorization').length > 0;
  const at = now(world);
  const keeping = keepingOf(passage.settings, { status, headers, isAuthorized }, at);
  if (keeping.kind === 'leave') return keeping.status;
  if (body.length > LARGEST_BODY) return 'MISS';
  if (keeping.withoutCookies) headers.delete('set-cookie');
  const { host, path, query } = visit;
  const sent = [...headers].filter(([name]) => name !== 'cf-ray' && name !== OWN_HEADER);
  const copy: CachedAnswer = {
    ...{ host, path, query, status, headers: sent, body: Buffer.from(body).toString('base64'), from },
    ...{ storedAt: at, freshUntil: at + keeping.ms },
  };
  world.edgeCache ??= {};
  delete world.edgeCache[passage.key];
  makeRoom(world.edgeCache, at);
  world.edgeCache[passage.key] = copy;
  return passage.status;
}

/** A header that only Cloudflare reads, and does not pass on. */
export const OWN_HEADER = 'cloudflare-cdn-cache-control';

/** The part that answered behind every gate; null for an outpost's redirect and for cloudflared's own answers. */
export function answererOf(verdict: Verdict): CachedAnswer['from'] {
  return verdict.kind === 'delivery' ? verdict.servedBy : null;
}

/** Removes expired answers first, then the oldest. */
function makeRoom(cache: NonNullable<World['edgeCache']>, at: number): void {
  const keys = Object.keys(cache);
  if (keys.length < MOST_ANSWERS) return;
  const over = keys.filter((key) => (cache[key]?.freshUntil ?? 0) <= at);
  for (const key of over.length > 0 ? over : keys.slice(0, 1)) delete cache[key];
}

function keyOf(visit: Visit, path: string, { ignoresQuery, sortsQuery }: CacheSettings): string {
  const keys = KEY_HEADERS.flatMap((name) => headerValues(visit, name).map((value) => `\n${name}: ${value}`));
  return `${visit.host}${path}${queryOf(visit.query, ignoresQuery, sortsQuery)}${keys.join('')}`;
}

function queryOf(query: string, ignores: CacheSettings['ignoresQuery'], isSorted: boolean): string {
  if (ignores === undefined && !isSorted) return query;
  const parts = query
    .replace(/^\?/, '')
    .split('&')
    .filter((part) => part !== '' && ignores?.(part.split('=')[0] ?? '') !== true);
  return parts.length === 0 ? '' : `?${(isSorted ? parts.sort() : parts).join('&')}`;
}
