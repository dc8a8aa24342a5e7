import type { AccessApplicationSpec } from '../../reconcilers/cloudflare/access/access-application.ts';
import type { AccessPolicySpec } from '../../reconcilers/cloudflare/access/access-policy.ts';
import { probeKey } from '../../reconcilers/cloudflare/access/policy/probe-key.ts';
import type { ServiceTokenSpec } from '../../reconcilers/cloudflare/service-token/service-token.ts';
import type { CheckRequest } from '../../reconcilers/edge/finding.ts';
import type { Config, Service } from '../config/model/config.ts';
import { addressId } from '../core/objects/address.ts';
import type { DesiredObject, GateCheck } from '../core/objects/object.ts';
import type { Linked } from '../core/objects/reference.ts';
import { builtGate } from '../gates/index.ts';
import { coveredRules } from './service.ts';
import { audience, policyId, tagId, tokenId } from './terms/addresses.ts';
import { originDecides } from './terms/cache.ts';
import { doorsOf, hostDoor, isAccessGate } from './terms/doors.ts';

/**
 * The checks of the services' gates, and the objects that covers need: the token by which our probe identifies
 * itself, and the policy that admits it. Both exist permanently and are part of nothing until there is a cover.
 */
export function gateChecksOf(
  services: readonly Service[],
  config: Config,
): { readonly proofs: readonly GateCheck[]; readonly objects: readonly DesiredObject[] } {
  const ofGates = services.flatMap((service) => proofOf(service, config) ?? []);
  const usesAccess = ofGates.some(({ cover }) => cover !== undefined) || services.some(isAskedByAccess);
  const ofCaches = usesAccess ? services.flatMap((service) => cacheProofOf(service, config) ?? []) : [];
  const proofs = [...ofGates, ...ofCaches];
  const covers = proofs.some(({ cover }) => cover !== undefined);
  return { proofs, objects: covers ? probeObjects : [] };
}

function proofOf(service: Service, config: Config): GateCheck | undefined {
  const door = hostDoor(service);
  const terms = builtGate(door.gate).proof?.(door, config);
  if (terms === undefined) return undefined;
  const { kind, expect, needs, covered, inner } = terms;
  const { host } = service;
  const atEdge = kind === 'edge/proof';
  return {
    address: { kind, key: host },
    host,
    spec: atEdge ? { expect, looks: checkRequestsAt(service), ...cacheSpec(service) } : { expect },
    step: atEdge ? 'prove' : 'attest',
    needs,
    ...(inner !== undefined && { inner }),
    ...(covered && coverTerms(service, config)),
    because: `services.${service.name}`,
  };
}

/** The cover of a host, and the objects behind it in their form under the cover. */
export function coverTerms(service: Service, config: Config): Pick<GateCheck, 'cover' | 'behind'> {
  const cover = coverOf(service, config.owner);
  // Behind a gate of Access, the tunnel demands the token of its application anyway, which the cover is.
  if (isAccessGate(service.gate)) return { cover };
  return { cover, behind: coveredRules(service, config, audience(service.host)) };
}

/** The check at the edge for a host whose gate cannot be checked there: the edge must store none of its answers. */
function cacheProofOf(service: Service, config: Config): GateCheck | undefined {
  const { kind } = builtGate(service.gate).proof?.(hostDoor(service), config) ?? {};
  if (kind === 'edge/proof' || !originDecides(service)) return undefined;
  return {
    address: { kind: 'edge/proof', key: service.host },
    host: service.host,
    spec: { expect: { type: 'anybody' }, looks: [], ...cacheSpec(service) },
    step: 'prove',
    needs: [],
    ...coverTerms(service, config),
    because: `services.${service.name}`,
  };
}

function cacheSpec(service: Service): { readonly cache?: 'rule' | 'header' } {
  return originDecides(service) ? { cache: service.cache ?? 'rule' } : {};
}

function isAskedByAccess(service: Service): boolean {
  return doorsOf(service).some(({ gate }) => isAccessGate(gate));
}

/** The requests by which the check at the edge tests the host's own gate. */
export function checkRequestsAt(service: Service): readonly CheckRequest[] {
  return builtGate(service.gate).looks?.(service, service.gate) ?? [{ path: '/' }];
}

function coverOf({ name, host }: Service, owner: string): DesiredObject {
  const spec: Linked<AccessApplicationSpec> = {
    name: host,
    destinations: [host],
    policies: [policyId(probeKey)],
    bypass: false,
    waysAround: [],
  };
  const address = { kind: 'cloudflare/access-application', key: host } as const;
  return { address, spec, needs: [tagId(owner)], because: `services.${name}` };
}

const probeToken: DesiredObject<ServiceTokenSpec> = {
  address: { kind: 'cloudflare/service-token', key: probeKey },
  spec: { duration: 'forever', enabled: true, secret: 'kept', expendable: true, deliver: [] },
  because: 'services',
};

const probePolicySpec: Linked<AccessPolicySpec> = {
  decision: 'non_identity',
  include: [{ service_token: { token_id: tokenId(probeKey) } }],
  require: [],
  exclude: [],
};

const probePolicy: DesiredObject = {
  address: { kind: 'cloudflare/access-policy', key: probeKey },
  spec: probePolicySpec,
  because: 'services',
};

export const probePolicyId = addressId(probePolicy.address);

/** The token by which our probe identifies itself at a cover, and the policy that admits it. */
export const probeObjects: readonly DesiredObject[] = [probeToken, probePolicy];
