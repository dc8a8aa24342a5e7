import type { CacheSettings } from '../view/cache-rules.ts';

/** The decision of the cache about an answer: how long it stores it, or the status that says that it does not. */
export type Keeping =
  | { kind: 'keep'; ms: number; withoutCookies: boolean }
  | { kind: 'leave'; status: 'BYPASS' | 'MISS' };

/** An answer as the cache judges it. */
export interface JudgedAnswer {
  status: number;
  headers: Headers;
  /** True if the request had an `Authorization` header. */
  isAuthorized: boolean;
}

const MINUTE = 60_000;

/** The defaults by status: https://developers.cloudflare.com/cache/how-to/configure-cache-status-code/#edge-ttl */
const BY_STATUS: Readonly<Record<number, number>> = {
  200: 120 * MINUTE,
  206: 120 * MINUTE,
  301: 120 * MINUTE,
  302: 20 * MINUTE,
  303: 20 * MINUTE,
  404: 3 * MINUTE,
  410: 3 * MINUTE,
};

/** Only the most specific of these counts: https://developers.cloudflare.com/cache/concepts/cdn-cache-control/ */
const SPEAKERS = ['cloudflare-cdn-cache-control', 'cdn-cache-control', 'surrogate-control', 'cache-control'];

const BYPASS: Keeping = { kind: 'leave', status: 'BYPASS' };
const MISS: Keeping = { kind: 'leave', status: 'MISS' };

/**
 * The storing of the answer to an eligible request, and its time, by Cloudflare's pages on default cache
 * behavior, Origin Cache Control and Cache Rules. Cloudflare stores `no-cache` and an age of zero and revalidates them;
 * here they are not stored, since the origin is asked either way.
 */
export function keepingOf(settings: CacheSettings, answer: JudgedAnswer, now: number): Keeping {
  const { status, headers, isAuthorized } = answer;
  const ruled = ruledSeconds(settings, status);
  if (ruled !== undefined && ruled <= 0) return BYPASS;
  const setsCookie = headers.has('set-cookie');
  if (ruled !== undefined) return { kind: 'keep', ms: ruled * 1000, withoutCookies: setsCookie };
  if (setsCookie && settings.respectsOrigin) return settings.cache === true ? MISS : BYPASS;
  const terms = directivesOf(headers);
  if (terms.has('no-store') || terms.get('private') === '' || terms.get('no-cache') === '') return BYPASS;
  const isShared = terms.has('public') || terms.has('must-revalidate') || terms.has('s-maxage');
  if (isAuthorized && settings.respectsOrigin && !isShared) return BYPASS;
  const seconds = secondsOf(terms, headers, now);
  if (seconds !== undefined) {
    if (seconds <= 0) return BYPASS;
    return status >= 500 ? MISS : { kind: 'keep', ms: seconds * 1000, withoutCookies: setsCookie };
  }
  const speaks = SPEAKERS.some((name) => headers.has(name));
  if (settings.edgeTtl?.mode === 'bypass_by_default' && !speaks) return BYPASS;
  const ms = BY_STATUS[status];
  return ms === undefined ? MISS : { kind: 'keep', ms, withoutCookies: setsCookie };
}

/** The seconds of a cache rule for this status, whatever the answer says; undefined without one. */
function ruledSeconds({ edgeTtl }: CacheSettings, status: number): number | undefined {
  if (edgeTtl === undefined) return undefined;
  const ofStatus = edgeTtl.byStatus.find(({ from, to }) => status >= from && status <= to);
  if (ofStatus !== undefined) return ofStatus.seconds;
  return edgeTtl.mode === 'override_origin' ? edgeTtl.seconds : undefined;
}

/** The directives of the header that counts, in lower case; a directive without a value has an empty one. */
function directivesOf(headers: Headers): ReadonlyMap<string, string> {
  const name = SPEAKERS.find((each) => headers.has(each));
  const text = name === undefined ? '' : (headers.get(name) ?? '');
  const parts = text.matchAll(/([a-z-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,]*)))?/gi);
  return new Map(
    [...parts].map(([, directive = '', quoted, plain]) => [directive.toLowerCase(), quoted ?? plain ?? '']),
  );
}

/** The age in the answer; undefined if it has none. `Expires` counts only together with `Cache-Control`. */
function secondsOf(terms: ReadonlyMap<string, string>, headers: Headers, now: number): number | undefined {
  for (const directive of ['s-maxage', 'max-age']) {
    const seconds = Number.parseInt(terms.get(directive) ?? '', 10);
    if (!Number.isNaN(seconds)) return seconds;
  }
  const expires = headers.get('expires');
  if (expires === null || SPEAKERS.slice(0, 3).some((name) => headers.has(name))) return undefined;
  const until = Date.parse(expires);
  return Number.isNaN(until) ? 0 : Math.floor((until - now) / 1000);
}
