import type { JsonObject } from '../../state/json.ts';
import type { Copy } from '../rows/copy.ts';
import { type Endpoint, matchPath } from '../rows/reply.ts';
import {
  readIdentityProvider,
  readOrganization,
  readServiceToken,
  readTag,
  standInsOfAccess,
} from './access.ts';
import { readAccessApp } from './access-app.ts';
import { readAccessCertificate, readPostureRule, standInsOfDevices } from './access-device.ts';
import { readAccessPolicy } from './access-policy.ts';
import { readRecord } from './dns-record.ts';
import { entitleZones, readOperation, readRuleset, readTokenConfiguration, readTokenRule } from './shield.ts';
import { readConfiguration, readTunnel } from './tunnel.ts';
import { readWorker, readWorkerSettings, readWorkersRoute } from './worker.ts';
import { readAccount, readBotManagement, readZone, standInZones } from './zone.ts';

/** Adds one object of a reply to the copy; `parameters` are those of the path, in their order. */
export type CloudflareReader = (copy: Copy, object: JsonObject, parameters: readonly string[]) => void;

/** Readers by path, in which `*` is one segment, in the order in which objects depend on each other. */
const READERS: readonly (readonly [pattern: string, reader: CloudflareReader])[] = [
  ['/accounts', readAccount],
  ['/accounts/*', readAccount],
  ['/zones', readZone],
  ['/zones/*', readZone],
  ['/zones/*/dns_records', readRecord],
  ['/zones/*/dns_records/*', readRecord],
  ['/*/*/access/organizations', readOrganization],
  ['/*/*/access/identity_providers', readIdentityProvider],
  ['/accounts/*/access/tags', readTag],
  ['/accounts/*/access/tags/*', readTag],
  ['/*/*/access/service_tokens', readServiceToken],
  ['/*/*/access/service_tokens/*', readServiceToken],
  ['/accounts/*/devices/posture', readPostureRule],
  ['/accounts/*/devices/posture/*', readPostureRule],
  ['/*/*/access/certificates', readAccessCertificate],
  ['/*/*/access/certificates/*', readAccessCertificate],
  ['/accounts/*/access/policies', readAccessPolicy],
  ['/accounts/*/access/policies/*', readAccessPolicy],
  ['/*/*/access/apps', readAccessApp],
  ['/*/*/access/apps/*', readAccessApp],
  ['/accounts/*/cfd_tunnel', readTunnel],
  ['/accounts/*/cfd_tunnel/*', readTunnel],
  ['/accounts/*/cfd_tunnel/*/configurations', readConfiguration],
  ['/zones/*/rulesets/phases/*/entrypoint', readRuleset],
  ['/zones/*/rulesets/*', readRuleset],
  ['/zones/*/bot_management', readBotManagement],
  ['/accounts/*/workers/scripts', readWorker],
  ['/accounts/*/workers/scripts/*/settings', readWorkerSettings],
  ['/zones/*/workers/routes', readWorkersRoute],
  ['/zones/*/token_validation/config', readTokenConfiguration],
  ['/zones/*/token_validation/config/*', readTokenConfiguration],
  ['/zones/*/token_validation/rules', readTokenRule],
  ['/zones/*/token_validation/rules/*', readTokenRule],
  ['/zones/*/api_gateway/operations', readOperation],
  ['/zones/*/api_gateway/operations/*', readOperation],
];

/** A path that looks like that of an object, but is none. */
const NO_OBJECT = '/zones/*/dns_records/usage';

/** Reads all of Cloudflare's replies into the world, which has no such objects yet. */
export function readCloudflare(copy: Copy, endpoints: readonly Endpoint[]): void {
  const { world } = copy;
  // An account's list contains those of its zones, in their order.
  const read = endpoints
    .filter(({ path }) => matchPath(NO_OBJECT, path) === null)
    .toSorted((a, b) => Number(b.path.startsWith('/accounts/')) - Number(a.path.startsWith('/accounts/')));
  world.account.id = accountOf(read) ?? world.account.id;
  if (isToldOf(read, ['/zones', '/zones/*'])) world.zones = [];
  if (isToldOf(read, ['/accounts/*/cfd_tunnel', '/accounts/*/cfd_tunnel/*'])) world.tunnels = [];
  for (const [pattern, reader] of READERS) {
    for (const { path, objects } of read) {
      const parameters = matchPath(pattern, path);
      if (parameters === null) continue;
      for (const object of objects) reader(copy, object, parameters);
    }
  }
  standInZones(world);
  entitleZones(world, read);
  world.plan = world.zones[0]?.plan ?? world.plan;
  const isRead = (kind: string) => read.some(({ path, isWhole }) => isWhole && path.endsWith(kind));
  standInsOfAccess(world, isRead);
  standInsOfDevices(world, isRead('/devices/posture'));
}

/** True if any object of these paths was read, or an empty list. */
function isToldOf(endpoints: readonly Endpoint[], patterns: readonly string[]): boolean {
  return endpoints.some(
    ({ path, objects, isWhole }) =>
      (isWhole || objects.length > 0) && patterns.some((pattern) => matchPath(pattern, path) !== null),
  );
}

/** The account of most calls, else the one that the first zone or the first reply names. */
function accountOf(endpoints: readonly Endpoint[]): string | undefined {
  const counted = new Map<string, number>();
  for (const { path } of endpoints) {
    const id = /^\/accounts\/([^/]+)\/./.exec(path)?.[1];
    if (id !== undefined) counted.set(id, (counted.get(id) ?? 0) + 1);
  }
  const [most] = [...counted].sort((a, b) => b[1] - a[1]);
  if (most !== undefined) return most[0];
  const objectsAt = (pattern: string) =>
    endpoints.filter(({ path }) => matchPath(pattern, path) !== null).flatMap(({ objects }) => objects);
  const zone = [...objectsAt('/zones'), ...objectsAt('/zones/*')][0];
  const named = [zone?.account, ...objectsAt('/accounts'), ...objectsAt('/accounts/*')];
  for (const each of named) {
    if (typeof each === 'object' && each !== null && 'id' in each && typeof each.id === 'string')
      return each.id;
  }
  return undefined;
}
