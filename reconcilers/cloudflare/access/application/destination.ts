import { equal } from '../../../../src/core/objects/equal.ts';

/** One of an application's destinations as the API has it; gates makes only public ones. */
interface DestinationReply {
  readonly type?: string;
  readonly uri?: string;
}

/**
 * The destinations of an application, as public uris. The API shows them three times: `destinations` decides, but
 * applications older than this field have only `self_hosted_domains` or `domain`. A destination of another sort is kept
 * as its JSON, so it counts as a difference and never as a host.
 */
export function destinationsIn(reply: {
  readonly destinations?: unknown;
  readonly self_hosted_domains?: unknown;
  readonly domain?: unknown;
}): readonly string[] {
  const { destinations, self_hosted_domains: domains, domain } = reply;
  if (Array.isArray(destinations) && destinations.length > 0) return destinations.map(uriOf);
  if (Array.isArray(domains) && domains.length > 0) return domains.map(String);
  return typeof domain === 'string' && domain !== '' ? [domain] : [];
}

/** One form for uris that mean the same: the host is in lower case, and no path, `/` and `/*` are equal. */
export function canonicalUri(uri: string): string {
  if (uri.startsWith('{')) return uri;
  const host = hostOf(uri);
  const path = uri.slice(host.length);
  return path === '/' || path === '/*' ? host.toLowerCase() : host.toLowerCase() + path;
}

/** `host` or `host/path`: the door, whether or not the destination also covers what lies below it. */
export function doorOf(uri: string): string {
  return canonicalUri(uri).replace(/\/\*$/, '');
}

/** The host of a uri; undefined if the destination is not public. */
export function hostIn(uri: string): string | undefined {
  return uri.startsWith('{') ? undefined : hostOf(uri).toLowerCase();
}

export function sameDestinations(left: readonly string[], right: readonly string[]): boolean {
  const [one, other] = [left, right].map((uris) => [...new Set(uris.map(canonicalUri))].sort());
  return equal(one, other);
}

/**
 * The destinations that an application would lose to `others`: those below a path of another application belong to that
 * one, unless an application names them.
 */
export function fallingFrom(own: readonly string[], others: readonly string[]): readonly string[] {
  const hosts = new Set(own.map(hostIn));
  const taken = new Set(others.map(canonicalUri));
  const inside = [...taken].filter((uri) => hosts.has(hostIn(uri)) && doorOf(uri) !== hostIn(uri));
  const below = new Set(inside.map((uri) => `${doorOf(uri)}/*`));
  return [...below].filter((uri) => !taken.has(uri));
}

/** The length of the longest door of `uris` below which a uri lies; 0 if it lies below none. The longest one decides there. */
export function depthAround(uri: string, uris: readonly string[]): number {
  const at = canonicalUri(uri);
  const doors = uris.map(doorOf).filter((door) => at.startsWith(`${door}/`));
  return Math.max(0, ...doors.map(({ length }) => length));
}

function hostOf(uri: string): string {
  const end = uri.indexOf('/');
  return end < 0 ? uri : uri.slice(0, end);
}

function uriOf(destination: unknown): string {
  const { type, uri } = (destination ?? {}) as DestinationReply;
  return (type === undefined || type === 'public') && typeof uri === 'string'
    ? uri
    : JSON.stringify(destination);
}
