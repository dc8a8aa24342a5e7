import type { ServiceTokenSpec } from '../../reconcilers/cloudflare/service-token/service-token.ts';
import type { WorkerRouteSpec } from '../../reconcilers/cloudflare/worker/worker-route.ts';
import type { Config, Service, ServiceToken } from '../config/model/config.ts';
import { addressId, type Kind } from '../core/objects/address.ts';
import type { Desired, DesiredObject, Scope } from '../core/objects/object.ts';
import { sharedObjects } from '../gates/index.ts';
import { shieldScope } from './api-shield.ts';
import { crossSiteWarnings } from './cross-site-warnings.ts';
import { gateChecksOf } from './gate-checks.ts';
import { withIgnoredFields } from './ignored-fields.ts';
import { accessLoginObjects, loginServiceOf, usesAccessLogin } from './logins/access-login.ts';
import { authentikLookups, authentikScope, compileGroups } from './logins/authentik.ts';
import { compileClients } from './logins/clients.ts';
import { compileRecords } from './records.ts';
import { compileService, refusalOf } from './service.ts';
import { cacheAssumptions, cacheZones, compileCacheRules, unstoredHosts } from './terms/cache.ts';
import { doorsOf, uncoveredDestinations } from './terms/doors.ts';
import { goDuration } from './terms/duration.ts';
import { compileLookups, ownerTag } from './terms/lookups.ts';
import { pythonWarnings } from './terms/python.ts';
import { credentialSinks } from './terms/sinks.ts';
import { zoneScope } from './terms/zone-scope.ts';
import { compileWafSkip } from './waf-skip.ts';

/**
 * Returns everything that a file asks for, as objects with references. The order of the file does not matter. A service
 * with a gate that is not built is refused completely: it is not opened, and its live objects stay.
 */
export function compile(config: Config): Desired {
  const services = [...config.services.values()].map((service) => ({
    service,
    reason: refusalOf(service, config),
  }));
  const built = services.flatMap(({ service, reason }) => (reason === undefined ? [service] : []));
  const gateProofs = gateChecksOf(built, config);
  const madeObjects = [
    ...compileGroups(config),
    ...compileClients(config),
    ...accessLoginObjects(config),
    ...sharedObjects(config, built),
    ...built.flatMap((service) => compileService(service, config)),
    ...compileWafSkip(config),
    ...compileCacheRules(built),
    ...gateProofs.objects,
  ];
  const usesAccess =
    gateProofs.proofs.some(({ cover }) => cover !== undefined) ||
    usesAccessLogin(config) ||
    madeObjects.some(({ address }) => address.kind === 'cloudflare/access-application');
  return {
    scope: scopeOf(config, madeObjects),
    objects: withIgnoredFields(
      unique([
        ...compileLookups(config, usesAccess),
        ...authentikLookups(config, madeObjects),
        ...[...config.serviceTokens.values()].map(serviceToken),
        ...(usesAccess ? [ownerTag(config.owner)] : []),
        ...madeObjects,
        ...compileRecords(config),
      ]),
      config,
    ),
    proofs: gateProofs.proofs,
    unstored: unstoredHosts(built),
    refusals: services.flatMap(({ service: { name, host }, reason }) =>
      reason === undefined ? [] : [{ service: name, host, reason }],
    ),
    warnings: [
      ...shortOverlaps(config),
      ...pythonWarnings(config),
      ...built.flatMap(closedPaths),
      ...cacheAssumptions(built),
      ...built.flatMap((service) => crossSiteWarnings(service, config)),
    ],
  };
}

/**
 * Warnings about destinations for which the application of a host has no room because of its exact exceptions: they
 * stay closed.
 */
function closedPaths(service: Service): readonly string[] {
  return doorsOf(service)
    .flatMap(uncoveredDestinations)
    .map(
      (uri) => `services.${service.name}: ${uri} is closed, because an application can have 50 destinations`,
    );
}

function scopeOf(config: Config, objects: readonly DesiredObject[]): Scope {
  const { owner, cloudflare, records } = config;
  const authentik = authentikScope(config, objects);
  const { account, tunnels, access } = cloudflare;
  const cached = cacheZones(objects);
  return {
    owner,
    account,
    ...zoneScope(cloudflare),
    tunnels: [...tunnels.keys()],
    plainHosts: records.filter(leadsIntoTunnel).map(({ name }) => name),
    ...(access.team !== undefined && { team: access.team }),
    ...(usesAccessLogin(config) && { accessLogin: true as const, ...loginZoneOf(config) }),
    ...rotationsOf(config),
    ...lookedUp(objects),
    ...(objects.some(({ address }) => address.kind === 'cloudflare/certificate-authority') && {
      certificates: true as const,
    }),
    ...(authentik !== undefined && { authentik }),
    ...(cached.length > 0 && { cacheZones: cached }),
    ...workerScope(objects),
    ...shieldScope(config, objects),
  };
}

function workerScope(objects: readonly DesiredObject[]): Pick<Scope, 'workerZones'> {
  const zones = objects.flatMap(({ address, spec }) =>
    address.kind === 'cloudflare/worker-route' ? [(spec as WorkerRouteSpec).zone] : [],
  );
  return zones.length === 0 ? {} : { workerZones: [...new Set(zones)].sort() };
}

/** Objects of the account that Access policies name. */
const namedByPolicies: ReadonlySet<Kind> = new Set([
  'cloudflare/access-identity-provider',
  'cloudflare/posture-check',
]);

function lookedUp(objects: readonly DesiredObject[]): Pick<Scope, 'looksUp'> {
  const kinds = [...namedByPolicies].filter((kind) =>
    objects.some(({ address, mustExist }) => address.kind === kind && mustExist !== undefined),
  );
  return kinds.length === 0 ? {} : { looksUp: kinds };
}

function loginZoneOf(config: Config): Pick<Scope, 'loginZone'> {
  const zone = loginServiceOf(config)?.zone;
  return zone === undefined ? {} : { loginZone: zone };
}

function leadsIntoTunnel({ content }: Config['records'][number]): boolean {
  return /\.cfargotunnel\.com\.?$/i.test(content ?? '');
}

function rotationsOf({ serviceTokens }: Config): Pick<Scope, 'rotations'> {
  const every = [...serviceTokens.values()].flatMap(({ name, rotate }) =>
    rotate === undefined ? [] : [[name, rotate.every] as const],
  );
  return every.length === 0 ? {} : { rotations: Object.fromEntries(every) };
}

/** Cloudflare keeps one older secret in addition to the newest. */
function shortOverlaps({ serviceTokens }: Config): readonly string[] {
  return [...serviceTokens.values()].flatMap(({ name, rotate }) =>
    rotate === undefined || rotate.overlap <= rotate.every
      ? []
      : [
          `serviceTokens.${name}: a secret ends when the second one after it is made, before its \`overlap\` is over: have it changed less often, or write a shorter \`overlap\``,
        ],
  );
}

function serviceToken({
  name,
  duration,
  rotate,
  deliver,
  protect,
}: ServiceToken): DesiredObject<ServiceTokenSpec> {
  return {
    address: { kind: 'cloudflare/service-token', key: name },
    spec: {
      duration: goDuration(duration),
      enabled: true,
      secret: 'kept',
      ...(rotate !== undefined && { rotation: 'fresh', overlap: rotate.overlap * 1000 }),
      deliver: credentialSinks(deliver),
    },
    ...(protect && { protect: 'token' }),
    because: `serviceTokens.${name}`,
  };
}

/** The objects, each once: several doors may share one, such as the bypass policy. */
function unique(objects: readonly DesiredObject[]): readonly DesiredObject[] {
  return [...new Map(objects.map((object) => [addressId(object.address), object])).values()];
}
