import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import type { AccessPolicySpec } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import type { Config, Service } from '../../config/model/config.ts';
import { addressId } from '../../core/objects/address.ts';
import type { Desired, DesiredObject, Observation, Refusal } from '../../core/objects/object.ts';
import { type Linked, referencesIn } from '../../core/objects/reference.ts';
import { policyId, publicPolicyKey, tagId } from '../terms/addresses.ts';
import { doorsOf, hasApplication } from '../terms/doors.ts';
import { organizationLookup, ownerTag } from '../terms/lookups.ts';
import { type OpenDoors, openDoors } from './access-required.ts';
import { breachAt, wildcardOver } from './breaches.ts';
import { leftCopies, unruled, withoutRules } from './cache.ts';
import { certificateRefusals, endingAuthorities, withUnaskedHosts } from './certificates.ts';
import { withLeavingHosts, withSkippedPathsAt } from './domains.ts';
import { withSafeParents } from './group-parents.ts';
import { withKeys } from './keys.ts';
import { loginWarnings } from './login-protection.ts';
import { beyondQuotas } from './quotas.ts';
import { type Surroundings, surroundingsOf } from './surroundings.ts';
import { withLeavingWorkers, workerRefusals } from './workers.ts';
import { elsewhereAnswered } from './zones.ts';

/**
 * The desired objects, adapted to the live systems. A service is refused, with the invariant that says why, if
 * foreign objects also decide about its doors. A host that must not ask for a login gets an application of its own if
 * a foreign one covers every host.
 */
export function heed(
  config: Config,
  desired: Desired,
  observations: readonly Observation[],
  now: Date,
): Desired {
  const world = surroundingsOf(observations, config.owner, desired.objects);
  const refusedBefore = new Set(desired.refusals.map(({ service }) => service));
  const services = [...config.services.values()].filter(({ name }) => !refusedBefore.has(name));
  const doors = openDoors(config, observations, world);
  // The login page comes first: without it nobody logs in anywhere.
  const breached = [...services]
    .sort((left, right) => Number(isLogin(right)) - Number(isLogin(left)))
    .flatMap((service) => refusal(service, world, doors, config));
  const sound = services.filter(({ host }) => !breached.some((one) => one.host === host));
  const uncached = unruled(sound, desired, observations);
  const refusals = [
    ...breached,
    ...uncached.refusals,
    ...workerRefusals(sound, observations, config.owner),
    ...certificateRefusals(sound, desired.objects, config, observations, now),
  ];
  const refused = new Set(refusals.map(({ service }) => `services.${service}`));
  const isRefused = ({ because }: { readonly because: string }) =>
    refused.has(because) || refused.has(because.split('.').slice(0, 2).join('.'));
  const keyed = withKeys(soundObjects(desired.objects, isRefused), { config, observations, now });
  const parented = withSafeParents(keyed.objects, observations, config.owner);
  const allRefusals = [...desired.refusals, ...refusals];
  const frozen = new Set(allRefusals.map(({ host }) => host));
  const leaving = withLeavingHosts(parented, config, observations);
  const objects = withSkippedPathsAt(frozen, leaving, observations, config.owner);
  const open = services.filter(({ name }) => !refused.has(`services.${name}`));
  const all = withUnaskedHosts(
    [...objects, ...bypasses(open, { world, doors }, config, objects)],
    observations,
  );
  const proofs = desired.proofs.filter((proof) => !isRefused(proof));
  const asked = withLeavingWorkers(config, open, { objects: all, proofs }, observations);
  return {
    ...desired,
    ...withoutRules(uncached, asked.objects, asked.proofs),
    refusals: allRefusals,
    warnings: [
      ...desired.warnings,
      ...elsewhereAnswered(observations),
      ...loginWarnings(config, observations),
      ...beyondQuotas(all, observations),
      ...keyed.warnings,
      ...uncached.warnings,
      ...leftCopies(services, observations, now),
      ...endingAuthorities(services, config, now),
    ],
  };
}

/**
 * The objects of all services but the refused ones. An object that gates looks up, such as a flow, also stays for
 * another entry that refers to it: only one of the entries counts as the one that asks for it.
 */
function soundObjects(
  objects: Desired['objects'],
  isRefused: (object: DesiredObject) => boolean,
): Desired['objects'] {
  const sound = objects.filter((object) => !isRefused(object));
  if (sound.length === objects.length) return objects;
  const named = new Set(sound.flatMap(({ spec, needs = [] }) => [...referencesIn(spec), ...needs]));
  const isLookedUp = ({ mustExist, address }: DesiredObject) =>
    mustExist !== undefined && named.has(addressId(address));
  return objects.filter((object) => !isRefused(object) || isLookedUp(object));
}

function isLogin({ gate }: Service): boolean {
  return gate.showsLogin;
}

function refusal(
  service: Service,
  world: Surroundings,
  doors: OpenDoors,
  { services }: Config,
): readonly Refusal[] {
  const breach = breachAt(service, world, services.values());
  const reason = breach === undefined ? doors.refusal(service) : `${breach.code}: ${breach.reason}`;
  const { name, host } = service;
  return reason === undefined ? [] : [{ service: name, host, reason }];
}

/**
 * Applications that admit everybody, for hosts whose own gate is not Access: below a foreign one that asks for a login,
 * and if the account blocks hosts without one.
 */
function bypasses(
  services: readonly Service[],
  { world, doors }: { readonly world: Surroundings; readonly doors: OpenDoors },
  { owner, cloudflare }: Config,
  objects: readonly DesiredObject[],
): readonly DesiredObject[] {
  const needing = services.filter((service) => {
    const [own] = doorsOf(service);
    if (own === undefined || hasApplication(own)) return false;
    return wildcardOver(service, world) !== undefined || doors.bypasses(service);
  });
  if (needing.length === 0) return [];
  const standing = new Set(objects.map(({ address }) => addressId(address)));
  const basics = [organizationLookup(cloudflare.access.team), ownerTag(owner), publicPolicy];
  const shared = basics.filter(({ address }) => !standing.has(addressId(address)));
  return [...shared, ...needing.map((service) => bypass(service, owner))];
}

/** The policy of public paths (service.ts), for files that have none. */
const publicPolicySpec: Linked<AccessPolicySpec> = {
  decision: 'bypass',
  include: [{ everyone: {} }],
  require: [],
  exclude: [],
};
const publicPolicy: DesiredObject = {
  address: { kind: 'cloudflare/access-policy', key: publicPolicyKey },
  spec: publicPolicySpec,
  because: 'services',
};

function bypass({ name, host }: Service, owner: string): DesiredObject {
  const spec: Linked<AccessApplicationSpec> = {
    name: host,
    destinations: [host],
    policies: [policyId(publicPolicyKey)],
    bypass: true,
    waysAround: [],
  };
  return {
    address: { kind: 'cloudflare/access-application', key: host },
    spec,
    needs: [tagId(owner)],
    because: `services.${name}`,
  };
}
