import type { AccessApplicationPart } from '../../core/objects/parts/access-parts.ts';
import {
  type Admission,
  type Alternative,
  allOf,
  alternatives,
  anyOf,
  everybody,
  negated,
  nobody,
  unknown,
} from '../admission/admission.ts';
import { audienceKey, everyKey, wildcardHost } from '../state/places.ts';
import type { View } from '../state/view.ts';
import { issuedAnywhere, verdictOf } from './access-policy.ts';
import { coversHost, coversPath, type Destination, isNarrower, parsedDestination } from './destination.ts';
import { nameOf, type ZoneRequest } from './edge-rules.ts';
import { readingsOf } from './path-reading.ts';

/** A way past Access. */
export interface Passage {
  readonly admits: Admission;
  /** Audience of the JWT that Access adds. Undefined: it adds none, so the visitor's own one goes on to the tunnel. */
  readonly audience: string | undefined;
  /** Id of the application; undefined where none answers, or nobody knows which. */
  readonly application: string | undefined;
}

/** The ways past Access for a request: by the most specific application that covers it, or without an application. */
export function passagesOf(view: View, request: ZoneRequest): readonly Passage[] {
  if (view.unread('access-application') || view.unread('access-policy')) {
    const admits = unknown('not read', `Access for ${nameOf(request)}`);
    return [{ admits, audience: undefined, application: undefined }];
  }
  return guardsOf(view, request).flatMap(({ when, item: application }): readonly Passage[] => {
    if (application !== undefined) view.weigh?.({ layer: 'Access', part: application, admits: when });
    const passages =
      application === undefined
        ? [{ admits: admittedWithoutApplication(view, request.zone), audience: undefined }]
        : passagesThrough(view, application, request);
    return passages.map(({ admits, audience }) => ({
      ...{ admits: allOf(when, admits), audience },
      application: application?.id,
    }));
  });
}

/**
 * The visitors who may have a JWT for this audience, to send it along if Access adds none: everybody whom an
 * application of that audience admits with one, and everybody with an earlier session, even of an application that is
 * gone. cloudflared checks only signature, audience and end.
 */
export function holdersOf(view: View, audience: string): Admission {
  if (view.unread('access-application') || view.unread('access-policy'))
    return unknown('not read', `application with audience ${audience}`);
  const applications = view.parts('access-application', audienceKey(audience));
  return anyOf(
    { has: 'session', audience },
    ...applications.map((each) => issuedAnywhere({ view, hosts: hostsOf(each) }, each)),
  );
}

/** The hosts of its destinations, as they are written. */
function hostsOf({ destinations }: AccessApplicationPart): readonly string[] {
  return [...new Set(destinations.map((uri) => (uri.split('/', 1)[0] ?? '').toLowerCase()))];
}

/** Settings that admit nobody else: one decides how a token is sent, the other is read together with the login. */
const harmless = /^(read_service_tokens_from_header|allow_authenticate_via_warp)$/;

function passagesThrough(
  view: View,
  application: AccessApplicationPart,
  { method, host }: ZoneRequest,
): readonly Omit<Passage, 'application'>[] {
  const { bypassed, issued } = verdictOf({ view, hosts: [host] }, application, view.weigh);
  const { waysAround, id, audience } = application;
  // Cloudflare forwards such requests unchanged, and anybody can make one.
  if (method === 'OPTIONS' && waysAround.includes('options_preflight_bypass'))
    return [{ admits: everybody, audience: undefined }];
  const others = waysAround.filter((way) => way !== 'options_preflight_bypass' && !harmless.test(way));
  const unknownWays = others.map((way) => unknown('way around', `${way} at ${id}`));
  return [
    { admits: anyOf(bypassed, ...unknownWays), audience: undefined },
    { admits: issued, audience },
  ];
}

/** The visitors whom Access lets past in this zone if no application covers the request. */
function admittedWithoutApplication(view: View, zone: string): Admission {
  if (view.unread('organization')) return unknown('not read', 'Require Access Protection');
  const blocks = view
    .parts('organization', everyKey)
    .some(({ requiresAccess, exemptedZones }) => requiresAccess === true && !exemptedZones.includes(zone));
  return blocks ? nobody : everybody;
}

interface Claim {
  readonly application: AccessApplicationPart;
  readonly destination: Destination;
  readonly covers: 'yes' | 'maybe';
}

/** The application that guards a request, one for each reading of the path; undefined: no application covers it. */
function guardsOf(
  view: View,
  request: ZoneRequest,
): readonly Alternative<AccessApplicationPart | undefined>[] {
  const { host, path } = request;
  const covers = ({ destinations }: AccessApplicationPart) =>
    destinations.some((uri) => coversHost(parsedDestination(uri), host));
  const applications = [host, wildcardHost].flatMap((key) => view.parts('access-application', key, covers));
  const readings = [
    ...readingsOf(path).map((reading) => [reading, claimsOf(applications, host, reading, false)] as const),
    // The documents do not say whether Access compares paths with case.
    ['without case', claimsOf(applications, host, path, true)] as const,
  ];
  return alternatives('path spelling', `Access, ${nameOf(request)}`, readings).flatMap(({ when, item }) =>
    mostSpecific(item, request).map((guard) => ({ when: allOf(when, guard.when), item: guard.item })),
  );
}

function claimsOf(
  applications: readonly AccessApplicationPart[],
  host: string,
  reading: string,
  folded: boolean,
): readonly Claim[] {
  const path = folded ? reading.toLowerCase() : reading;
  return applications.flatMap((application) =>
    application.destinations.flatMap((uri): readonly Claim[] => {
      const compared = parsedDestination(folded ? uri.toLowerCase() : uri);
      const covers = coversHost(compared, host) ? coversPath(compared, path) : 'no';
      return covers === 'no' ? [] : [{ application, destination: parsedDestination(uri), covers }];
    }),
  );
}

/** The narrowest destination decides, and inherits nothing from wider ones. */
function mostSpecific(
  claims: readonly Claim[],
  request: ZoneRequest,
): readonly Alternative<AccessApplicationPart | undefined>[] {
  const open = claims.find(({ covers }) => covers === 'maybe');
  if (open !== undefined) {
    const fact = unknown(
      'path pattern',
      `${open.destination.host}${open.destination.path}, ${nameOf(request)}`,
    );
    const others = claims.filter((claim) => claim !== open);
    return [
      { when: fact, claims: [...others, { ...open, covers: 'yes' as const }] },
      { when: negated(fact), claims: others },
    ].flatMap(({ when, claims: settled }) =>
      mostSpecific(settled, request).map((guard) => ({ when: allOf(when, guard.when), item: guard.item })),
    );
  }
  const narrowest = claims.filter(
    (claim) => !claims.some((other) => isNarrower(other.destination, claim.destination)),
  );
  if (narrowest.length === 0) return [{ when: everybody, item: undefined }];
  const guards = narrowest.map(({ application }) => [application.id, application] as const);
  const ids = guards.map(([id]) => id).join(', ');
  return alternatives('overlapping destinations', `${nameOf(request)} among ${ids}`, guards);
}
