import type { AccessApplicationSpec } from '../../reconcilers/cloudflare/access/access-application.ts';
import type { AccessPolicySpec } from '../../reconcilers/cloudflare/access/access-policy.ts';
import type { PolicyDemands } from '../../reconcilers/cloudflare/access/policy/policy-demands.ts';
import { dnsRecordKey } from '../../reconcilers/cloudflare/dns/dns-record.ts';
import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import type {
  IngressOriginRequest,
  IngressRuleSpec,
} from '../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { ingressRuleKey } from '../../reconcilers/cloudflare/ingress/rule-id.ts';
import type { Config, Service } from '../config/model/config.ts';
import type { DesiredObject } from '../core/objects/object.ts';
import type { Linked, Reference } from '../core/objects/reference.ts';
import { builtGate } from '../gates/index.ts';
import type { AccessPolicyTerms, AccessTerms, Route } from '../gates/shared/built-gate.ts';
import {
  audience,
  policyId,
  publicPolicyKey,
  tagId,
  teamName,
  tunnelHost,
  tunnelId,
  zoneId,
} from './terms/addresses.ts';
import { originDecides } from './terms/cache.ts';
import {
  type Door,
  destinationsOf,
  doorKey,
  doorsOf,
  hasGuardedPath,
  hostDoor,
  isAccessGate,
} from './terms/doors.ts';
import { ambiguousPath, ingressPath, storingPath } from './terms/paths.ts';

/** The reason why a service is not compiled: if a door cannot be built, none of the others is left half done. */
export function refusalOf(service: Service, config: Config): string | undefined {
  for (const door of doorsOf(service)) {
    const where = door.path === undefined ? '' : ` of path ${door.path.path}`;
    const reason = builtGate(door.gate).refuse(door, config);
    if (reason !== undefined) return `gate \`${door.gate.name}\`${where}: ${reason}`;
  }
  return undefined;
}

/** Everything one service asks for: its gates, its rules, its name. */
export function compileService(service: Service, config: Config): readonly DesiredObject[] {
  const doors = doorsOf(service);
  const guarded = doors.flatMap((door) => {
    const terms = builtGate(door.gate).access(door, config);
    const own = builtGate(door.gate).objects?.(door, config) ?? [];
    return terms === undefined
      ? own
      : [...own, ...policyObjects(door, terms), application(door, terms, config.owner)];
  });
  const rules = doors.flatMap((door) => ingressRules(door, routeOf(service, config), config));
  if (hasGuardedPath(doors)) rules.push(refusingRule(service, ambiguousPath, 400));
  if (showsStoring(service)) rules.push(refusingRule(service, storingPath, 404));
  return [...guarded, ...rules, record(service)];
}

/** Each door has its own, so that they change together with everything else that admits people there. */
function policyObjects(door: Door, terms: AccessTerms): readonly DesiredObject[] {
  return policiesOf(terms).map((policy) => {
    const { decision, include, require = [], exclude = [], demands } = policy;
    const { sessionDuration } = terms;
    const spec: Linked<AccessPolicySpec> = {
      decision,
      include,
      require,
      exclude,
      // Set here too, because a policy's own duration overrides the application's.
      ...(sessionDuration !== undefined && { sessionDuration }),
      ...(decision === 'allow' && { ...noDemands, ...demands }),
    };
    const key = policyKey(door, policy);
    return {
      address: { kind: 'cloudflare/access-policy', key },
      spec,
      because: becauseOfPolicy(door, terms, policy),
    };
  });
}

/** Stated, so that a demand that leaves the file leaves the policy too. */
const noDemands: PolicyDemands = { approval: [], justification: false, isolate: false };

/** All policies of a door, by precedence. */
function policiesOf({ policies, login }: AccessTerms): readonly AccessPolicyTerms[] {
  return login?.breakGlass === undefined ? policies : [...policies, login.breakGlass];
}

function becauseOfPolicy(door: Door, { login }: AccessTerms, policy: AccessPolicyTerms): string {
  if (policy.decision === 'bypass') return 'services';
  return policy === login?.breakGlass ? 'cloudflare.access.breakGlass' : becauseOf(door);
}

function policyKey(door: Door, { decision, suffix = '' }: AccessPolicyTerms): string {
  if (decision === 'bypass') return publicPolicyKey;
  return suffix === '' ? doorKey(door) : `${doorKey(door)} ${suffix}`;
}

function isBypass({ policies }: AccessTerms): boolean {
  return policies.some(({ decision }) => decision === 'bypass');
}

function application(door: Door, terms: AccessTerms, owner: string): DesiredObject {
  const { login } = terms;
  const spec: Linked<AccessApplicationSpec> = {
    name: doorKey(door),
    destinations: destinationsOf(door),
    policies: policiesOf(terms).map((policy) => policyId(policyKey(door, policy))),
    // If there are two login methods people choose; Access redirects at once only if there is one.
    ...(login !== undefined && {
      allowedProviders: login.providers,
      redirectsAtOnce: login.providers.length === 1,
    }),
    bypass: isBypass(terms),
    waysAround: [],
    ...(terms.sessionDuration !== undefined && { sessionDuration: terms.sessionDuration }),
    ...terms.appearance,
    ...terms.crossSite,
  };
  const key = doorKey(door);
  const needs = [tagId(owner)];
  return { address: { kind: 'cloudflare/access-application', key }, spec, needs, because: becauseOf(door) };
}

/** The target to which the tunnel sends the requests of a host and of all its paths. */
function routeOf(service: Service, config: Config): Route {
  const { origin, hostHeader } = service;
  const ofGate = builtGate(service.gate).route?.(service, config);
  if (ofGate !== undefined) return ofGate;
  const request = { ...origin.request, ...(hostHeader !== undefined && { httpHostHeader: hostHeader }) };
  return { url: origin.url, request };
}

/** The door's ingress rules. A path that is as open as its surroundings needs none of its own. */
function ingressRules(door: Door, route: Route, config: Config): readonly DesiredObject[] {
  const { origin, gate } = door.service;
  const within = builtGate(gate).within?.(gate);
  if (within !== undefined && door.path === undefined) return rulesWithin(door, route, within);
  const terms = builtGate(door.gate).access(door, config);
  const isAround = within === undefined || builtGate(door.gate).within?.(door.gate) !== undefined;
  if (door.path !== undefined && terms === undefined && isAround) return [];
  const asks = terms !== undefined && !isBypass(terms);
  const originRequest: Linked<IngressOriginRequest> = {
    ...route.request,
    ...(asks && { access: { required: true, teamName: teamName(), audTag: [audience(doorKey(door))] } }),
  };
  const place = {
    tunnel: origin.tunnel,
    hostname: door.host,
    ...(door.path !== undefined && { path: ingressPath(door.path, isAccessGate(door.gate)) }),
  };
  const spec: Linked<IngressRuleSpec> = {
    ...place,
    tunnelId: tunnelId(origin.tunnel),
    service: route.url,
    originRequest,
  };
  return [
    {
      address: { kind: 'cloudflare/ingress-rule', key: ingressRuleKey(place) },
      spec,
      because: becauseOf(door),
    },
  ];
}

/**
 * The rules by which a host leads to its origin, in their form under the cover of this audience: the tunnel refuses
 * requests without its token.
 */
export function coveredRules(service: Service, config: Config, audTag: Reference): readonly DesiredObject[] {
  const access = { required: true, teamName: teamName(), audTag: [audTag] };
  return ingressRules(hostDoor(service), routeOf(service, config), config).flatMap((rule) => {
    const spec = rule.spec as Linked<IngressRuleSpec>;
    if (String(spec.service).startsWith('http_status:')) return [];
    return [{ ...rule, spec: { ...spec, originRequest: { ...spec.originRequest, access } } }];
  });
}

/** A host of which only some paths lead to the origin. */
function rulesWithin(door: Door, { url, request }: Route, within: string): readonly DesiredObject[] {
  const { tunnel } = door.service.origin;
  const rule = (
    at: { path?: string },
    service: string,
    originRequest: IngressOriginRequest,
  ): DesiredObject => {
    const place = { tunnel, hostname: door.host, ...at };
    const spec: Linked<IngressRuleSpec> = { ...place, tunnelId: tunnelId(tunnel), service, originRequest };
    const key = ingressRuleKey(place);
    return { address: { kind: 'cloudflare/ingress-rule', key }, spec, because: becauseOf(door) };
  };
  return [rule({ path: within }, url, request), rule({}, 'http_status:404', {})];
}

/**
 * Paths that the tunnel answers itself. On a host with a guarded path, it refuses spellings that the origin may read as
 * that path: `/docs/..%2Fadmin` is outside `/admin/**` for Access and the tunnel, but maybe not for the origin. At
 * paths of the cache check, an answer of the tunnel shows a stored copy that no origin hides.
 */
function refusingRule(
  { name, host, origin: { tunnel } }: Service,
  path: string,
  status: 400 | 404,
): DesiredObject {
  const place = { tunnel, hostname: host, path };
  const spec: Linked<IngressRuleSpec> = {
    ...place,
    tunnelId: tunnelId(tunnel),
    service: `http_status:${status}`,
    originRequest: {},
  };
  const key = ingressRuleKey(place);
  return { address: { kind: 'cloudflare/ingress-rule', key }, spec, because: `services.${name}` };
}

/** True if the cache check needs an answer of the tunnel. A host that answers 404 elsewhere gives one anyway. */
function showsStoring(service: Service): boolean {
  const isWithin = builtGate(service.gate).within?.(service.gate) !== undefined;
  return originDecides(service) && service.cache === undefined && !isWithin;
}

function record(service: Service): DesiredObject {
  const { host: name, zone, origin } = service;
  const spec: Linked<DnsRecordSpec> = {
    zone,
    zoneId: zoneId(zone),
    type: 'CNAME',
    name,
    content: tunnelHost(origin.tunnel),
    ttl: 1,
    proxied: true,
  };
  const key = dnsRecordKey({ type: 'CNAME', name });
  return {
    address: { kind: 'cloudflare/dns-record', key },
    spec,
    ...(service.protect && { protect: 'service' }),
    because: `services.${service.name}`,
  };
}

function becauseOf({ service, path }: Door): string {
  return path === undefined ? `services.${service.name}` : `services.${service.name}.paths.${path.path}`;
}
