import { fieldMistake, isStringArray } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import { type CachedAnswer, now, type Plan, type World, type Zone } from '../../state/world.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import type { CloudflareCall, CloudflareRoute } from '../api/router.ts';
import { requireZone } from '../api/zones.ts';

/** Removes answers from the cache, at once. The official document does not contain this endpoint. */
export const purgeCacheRoutes: readonly CloudflareRoute[] = [
  ['POST', '/zones/{zone_id}/purge_cache', purgeCache],
];

const MOST_AT_ONCE = 100;

/** Requests in each period: https://developers.cloudflare.com/cache/how-to/purge-cache/#purge-limits */
const LIMIT: Readonly<Record<Plan, { requests: number; ms: number }>> = {
  free: { requests: 5, ms: 60_000 },
  pro: { requests: 5, ms: 1000 },
  business: { requests: 10, ms: 1000 },
  enterprise: { requests: 50, ms: 1000 },
};

const WAYS = {
  purge_everything: { says: 'must be true', holds: (value: unknown) => value === true },
  hosts: some(isStringArray),
  prefixes: some(isStringArray),
  tags: some(isStringArray),
  files: some((value) => Array.isArray(value) && value.every((each) => fileOf(each) !== null)),
};

function some(holds: (value: unknown) => boolean) {
  const isList = (value: unknown) => Array.isArray(value) && value.length > 0 && value.length <= MOST_AT_ONCE;
  return {
    says: `must be a list of 1 to ${MOST_AT_ONCE}`,
    holds: (value: unknown) => isList(value) && holds(value),
  };
}

/** Purges the cache in exactly one way. */
function purgeCache(call: CloudflareCall): CloudflareReply {
  const { world, body } = call;
  const zone = requireZone(call);
  const mistake = isObject(body) ? fieldMistake(body, WAYS) : 'the body must be an object';
  if (!isObject(body) || mistake !== null || Object.keys(body).length !== 1)
    throw invalid(mistake ?? `name one of ${Object.keys(WAYS).join(', ')}`);
  const isGone = purgedBy(zone, body);
  spendRequest(world, zone);
  const remaining = Object.entries(world.edgeCache ?? {}).filter(
    ([, copy]) => !isInside(zone, copy.host) || !isGone(copy),
  );
  if (remaining.length > 0) world.edgeCache = Object.fromEntries(remaining);
  else delete world.edgeCache;
  return okEnvelope({ id: zone.id });
}

/** The copies that a purge removes. No copy has tags here. */
function purgedBy(zone: Zone, body: { [way: string]: unknown }): (copy: CachedAnswer) => boolean {
  const [way = '', value] = Object.entries(body)[0] ?? [];
  if (way === 'purge_everything') return () => true;
  if (way === 'tags') return () => false;
  const given =
    way === 'files' ? (value as unknown[]).map((each) => fileOf(each) ?? '') : (value as string[]);
  const places = given.map((each) => placeIn(zone, each));
  if (way === 'hosts') return ({ host }) => places.includes(host);
  const url = ({ host, path, query }: CachedAnswer) => `${host}${path}${query}`;
  if (way === 'files') return (copy) => places.includes(url(copy));
  return (copy) => places.some((prefix) => `${url(copy)}/`.startsWith(`${prefix.replace(/\/$/, '')}/`));
}

/** A host, a prefix or a URL, with its host in lower case; refused outside the zone. */
function placeIn(zone: Zone, given: string): string {
  const [, host = '', rest = ''] = /^(?:https?:\/\/)?([^/]*)(.*)$/i.exec(given) ?? [];
  if (!isInside(zone, host.toLowerCase())) throw invalid(`${given} is not in the zone ${zone.name}`);
  return host.toLowerCase() + rest;
}

function isInside({ name }: Zone, host: string): boolean {
  return host === name || host.endsWith(`.${name}`);
}

/** The URL of a file, which an object may contain together with headers. */
function fileOf(given: unknown): string | null {
  const url = isObject(given) ? given.url : given;
  return typeof url === 'string' && URL.canParse(url) ? url : null;
}

/** Spends one request of a bucket that refills evenly up to its size (assumption, docs/sandbox.md). */
function spendRequest(world: World, zone: Zone): void {
  const { requests, ms } = LIMIT[zone.plan];
  const at = now(world);
  const last = world.purgeBudgets?.[zone.id] ?? { left: requests, at };
  const available = Math.min(requests, last.left + ((at - last.at) * requests) / ms);
  if (available < 1) {
    const wait = Math.ceil(((1 - available) * ms) / requests / 1000);
    const message = 'Unable to purge, rate limit reached. Please wait if you need to perform more operations';
    throw new CloudflareApiError(429, { code: 1134, message }, { 'retry-after': String(wait) });
  }
  world.purgeBudgets = { ...world.purgeBudgets, [zone.id]: { left: available - 1, at } };
}

function invalid(message: string): CloudflareApiError {
  return new CloudflareApiError(400, {
    code: 1012,
    message: `Request must contain one way to purge: ${message}`,
  });
}
