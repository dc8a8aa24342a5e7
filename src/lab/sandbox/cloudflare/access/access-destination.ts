import { isStringArray } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import type { JsonObject, World } from '../../state/world.ts';
import { CloudflareApiError, invalidAccessRequest } from '../api/reply.ts';

/** The most destinations; some legacy accounts have fewer. */
const MOST_DESTINATIONS = 50;
const LONGEST_URI = 63;

/**
 * The destinations that a body asks for: `destinations` if given, else `self_hosted_domains`, else `domain`. They are
 * three views of one value, of which only the first is stored (facts §3.1).
 */
export function destinationsOf(world: World, body: JsonObject): JsonObject[] {
  const given =
    Array.isArray(body.destinations) && body.destinations.length > 0 ? body.destinations : fromDomains(body);
  const destinations = given.map((destination) => destinationOf(world, destination));
  const most = world.accessLimits?.destinations ?? MOST_DESTINATIONS;
  if (destinations.length > most) {
    throw invalidAccessRequest(`an application may have ${most} destinations`);
  }
  const keys = destinations.map((destination) => uriKey(String(destination.uri)));
  if (new Set(keys).size !== keys.length) throw invalidAccessRequest('destinations are not unique');
  return destinations;
}

function fromDomains(body: JsonObject): JsonObject[] {
  const domains = isStringArray(body.self_hosted_domains) ? body.self_hosted_domains : [];
  const domain = typeof body.domain === 'string' ? [body.domain] : [];
  return [...new Set([...domain, ...domains])].map((uri) => ({ type: 'public', uri }));
}

function destinationOf(world: World, destination: unknown): JsonObject {
  if (!isObject(destination) || destination.type !== 'public' || typeof destination.uri !== 'string') {
    throw invalidAccessRequest('a destination must be {type: "public", uri}: this sandbox plays no other');
  }
  const extra = Object.keys(destination).find((key) => key !== 'type' && key !== 'uri');
  if (extra !== undefined) throw invalidAccessRequest(`unknown field '${extra}' in destination`);
  return { type: 'public', uri: soundUri(world, destination.uri) };
}

/** The URI with its host in lower case; refused if it cannot belong to an application (facts §3.1). */
function soundUri(world: World, uri: string): string {
  const [host = '', ...segments] = uri.split('/');
  const path = uri.slice(host.length);
  if (uri.length > LONGEST_URI) throw invalidAccessRequest(`domain is longer than ${LONGEST_URI} characters`);
  if (/[?#:\s]/.test(uri))
    throw invalidAccessRequest('domain can not have a scheme, port, query or fragment');
  if (host.split('.').some(hasTwoStars) || segments.some(hasTwoStars)) {
    throw invalidAccessRequest('domain can have one wildcard between dots and one between slashes');
  }
  const name = host.toLowerCase();
  const zone = world.zones.find(
    (candidate) => name === candidate.name || name.endsWith(`.${candidate.name}`),
  );
  if (zone === undefined || zone.status !== 'active')
    throw invalidAccessRequest('domain does not belong to zone');
  return name + path;
}

function hasTwoStars(part: string): boolean {
  return part.split('*').length > 2;
}

/** The same key for URIs that mean the same: no path, `/` and `/*` are equal (facts §3.1). */
export function uriKey(uri: string): string {
  return uri.replace(/\/\*?$/, '').toLowerCase() === uri.split('/')[0]?.toLowerCase()
    ? (uri.split('/')[0] ?? '').toLowerCase()
    : uri;
}

/** Refuses a destination that another application already has: 409 code 11010. */
export function refuseTaken(
  world: World,
  destinations: readonly JsonObject[],
  ownId: string | undefined,
): void {
  const taken = new Set(
    world.apps
      .filter((app) => app.id !== ownId)
      .flatMap((app) => app.destinations.map((destination) => uriKey(String(destination.uri)))),
  );
  if (destinations.some((destination) => taken.has(uriKey(String(destination.uri))))) {
    throw new CloudflareApiError(409, {
      code: 11010,
      message: 'access.api.error.application_already_exists',
    });
  }
}
