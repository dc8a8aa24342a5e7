import { isOutpostPath } from '../../authentik/outpost/outpost-decision.ts';
import type { OutpostLoad } from '../../state/login-rows.ts';
import type { Origin, World } from '../../state/world.ts';
import type { EdgeView } from '../view/view.ts';
import { answer, type Delivery, type Verdict, type Visit } from '../view/visit.ts';
import { reachAuthentik } from './authentik-origin.ts';
import { askOutpost, headersOf, isOwnAnswer } from './outpost-visit.ts';

/** Headers with which a proxy reports the visitor's original request. */
const FORWARDED = /^x-forwarded-/;
/**
 * Characters in a path that Traefik's `encodedCharacters` refuses, so that nobody behind it reads another path than the
 * outpost: https://doc.traefik.io/traefik/security/request-path/
 */
const ENCODED = /%(2f|5c|00|3b|25|3f|23)/i;
const IDENTITY = /^x-authentik-/;

/**
 * Traefik routes Authentik's own host to it, and sends its configured hosts through the outpost, to which the outpost's
 * own paths on those hosts lead as well. Unless it trusts them, it drops a visitor's own `X-Forwarded-*`.
 */
export function throughTraefik(view: EdgeView, visit: Visit, origin: Origin, delivery: Delivery): Verdict {
  const forwarded: Delivery = origin.trustForwarded
    ? delivery
    : {
        ...delivery,
        headers: { 'x-forwarded-host': delivery.host },
        dropped: namesOf(visit, FORWARDED),
      };
  if (delivery.host === loginHost(view.world, delivery.host)) {
    return reachAuthentik(view, visit, forwarded, origin.outpost);
  }
  const address = origin.verify?.[delivery.host];
  if (address === undefined && !asksOutpost(origin, delivery.host)) return forwarded;
  if (origin.encodedCharacters !== true && ENCODED.test(visit.path)) return answer('edge', 400, '', {});
  if (address !== undefined)
    return { ...forwarded, verify: { url: address, told: toldOf(visit, origin, forwarded) } };
  const load = view.outpost(origin.outpost);
  if (load === undefined) return answer('edge', 500, '', {});
  if (isOutpostPath(visit.path)) return ownPath(view, visit, load, forwarded);
  return forwardAuth(view, visit, { origin, load }, forwarded);
}

/** The host of Authentik's public face: the configured one, else one in the zone of `host` or in the first zone. */
export function loginHost(world: World, host: string): string {
  if (world.authentikHost !== undefined) return world.authentikHost;
  const zone = world.zones.find(({ name }) => host === name || host.endsWith(`.${name}`));
  return `auth.${zone?.name ?? world.zones[0]?.name ?? ''}`;
}

/** The ForwardAuth middleware: it reports the request to the outpost, and only a 200 admits it. */
function forwardAuth(
  view: EdgeView,
  visit: Visit,
  { origin, load }: { origin: Origin; load: OutpostLoad },
  delivery: Delivery,
): Verdict {
  const request = {
    method: 'GET',
    host: delivery.host,
    path: '/outpost.goauthentik.io/auth/traefik',
    query: '',
    header: headersOf(visit, toldOf(visit, origin, delivery)),
  };
  const passed: Delivery = { ...delivery, dropped: [...delivery.dropped, ...namesOf(visit, IDENTITY)] };
  const verdict = askOutpost(view, visit, load, request, passed);
  // In mode `proxy` the application behind the outpost answers, with 200 as played ones do, and names nobody.
  return verdict.kind === 'delivery' && verdict.outpost?.app.mode === 'proxy' ? passed : verdict;
}

/** The headers with which the middleware reports the request. */
function toldOf(visit: Visit, origin: Origin, delivery: Delivery): Readonly<Record<string, string>> {
  const claimed = headersOf(visit, delivery.headers);
  const header = (name: string, own: string) => (origin.trustForwarded ? (claimed(name) ?? own) : own);
  return {
    'x-forwarded-proto': 'https',
    'x-forwarded-method': header('x-forwarded-method', visit.method),
    'x-forwarded-host': header('x-forwarded-host', delivery.host),
    'x-forwarded-uri': header('x-forwarded-uri', visit.path + visit.query),
  };
}

function ownPath(view: EdgeView, visit: Visit, load: OutpostLoad, delivery: Delivery): Verdict {
  const { path, query } = visit;
  const sent = { 'x-forwarded-host': delivery.host, 'x-forwarded-proto': 'https' };
  const request = { method: visit.method, host: delivery.host, path, query, header: headersOf(visit, sent) };
  const verdict = askOutpost(view, visit, load, request, delivery);
  return isOwnAnswer(verdict) ? answer('authentik', 200, '', {}) : verdict;
}

function asksOutpost(origin: Origin, host: string): boolean {
  if (origin.forwardAuth === 'all') return true;
  return origin.forwardAuth !== 'none' && origin.forwardAuth.includes(host);
}

function namesOf(visit: Visit, pattern: RegExp): string[] {
  const names: string[] = [];
  for (const [name] of visit.headers) if (pattern.test(name)) names.push(name);
  return names;
}
