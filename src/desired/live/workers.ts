import { identityCheckPath } from '../../../reconcilers/cloudflare/worker/identity-script.ts';
import type { WorkerRouteSpec } from '../../../reconcilers/cloudflare/worker/worker-route.ts';
import { routePattern } from '../../../reconcilers/cloudflare/worker/workers-wire.ts';
import type { GateCheckSpec } from '../../../reconcilers/edge/check-spec.ts';
import type { Config, Service } from '../../config/model/config.ts';
import { describeError } from '../../core/errors.ts';
import { addressId, type Kind } from '../../core/objects/address.ts';
import type { DesiredObject, GateCheck, Observation, Observed, Refusal } from '../../core/objects/object.ts';
import { isMoreSpecificRoute, parsedRoute, routeCoversHost } from '../../core/objects/route-pattern.ts';
import { coverTerms, probeObjects, probePolicyId } from '../gate-checks.ts';
import { workerAddress, workerRouteAddress } from '../terms/addresses.ts';
import { isAccessGate } from '../terms/doors.ts';

const kinds: readonly Kind[] = ['cloudflare/worker', 'cloudflare/worker-route'];

/**
 * Services whose Worker gates must not put up: it cannot see what is there, or a foreign route is that may be more specific than
 * ours at some path.
 */
export function workerRefusals(
  services: readonly Service[],
  observations: readonly Observation[],
  owner: string,
): readonly Refusal[] {
  const wanting = services.filter(({ identityHeader }) => identityHeader !== undefined);
  if (wanting.length === 0) return [];
  const routes = routesIn(observations);
  return wanting.flatMap(({ name: service, host }): readonly Refusal[] => {
    for (const found of observations) {
      if (found.state === 'known' || !kinds.includes(found.kind)) continue;
      const reason = `gates could not read the Workers of ${host}: ${describeError(found.error)}`;
      return [{ service, host, reason, unread: found.kind }];
    }
    const foreign = routes.find((route) => route.owner !== owner && mayTakePlace(route.address.key, host));
    if (foreign === undefined) return [];
    const reason = `the Workers route ${foreign.address.key}, which is not ours, stands at the host: requests may pass the Worker of \`identityHeader\` there; remove it, or take \`identityHeader\` out`;
    return [{ service, host, reason }];
  });
}

/** True if a foreign route may get requests of a host before ours does: "the most specific route pattern wins". */
function mayTakePlace(pattern: string, host: string): boolean {
  const foreign = parsedRoute(pattern);
  return routeCoversHost(foreign, host) && !isMoreSpecificRoute(parsedRoute(routePattern(host)), foreign);
}

/**
 * The checks and objects of a file that no longer asks for a Worker of ours: the host is under cover until it is gone
 * everywhere, so that nobody's identity is that of a visitor's header at one place and the Worker's at another.
 */
export function withLeavingWorkers(
  config: Config,
  services: readonly Service[],
  asked: { readonly objects: readonly DesiredObject[]; readonly proofs: readonly GateCheck[] },
  observations: readonly Observation[],
): { readonly objects: readonly DesiredObject[]; readonly proofs: readonly GateCheck[] } {
  const { owner } = config;
  const standing = new Set(
    routesIn(observations).flatMap((route) => (route.owner === owner ? [route.spec.host] : [])),
  );
  const leaving = new Map(
    services.flatMap((service) => {
      const isLeft = service.identityHeader === undefined && isAccessGate(service.gate);
      return isLeft && standing.has(service.host) ? [[service.host, service] as const] : [];
    }),
  );
  if (leaving.size === 0) return asked;
  const probe = probeNow(asked.objects, observations, owner);
  const proofs = asked.proofs.map((proof) => {
    const service = leaving.get(proof.host);
    if (service === undefined || proof.address.kind !== 'edge/proof') return proof;
    const spec = proof.spec as GateCheckSpec;
    const expect = { ...spec.expect, worker: 'none' };
    return {
      ...proof,
      ...probe.at(coverTerms(service, config)),
      spec: { ...spec, expect, looks: [{ path: identityCheckPath }] },
      inner: [workerAddress(owner, service.host), workerRouteAddress(service.host)],
    };
  });
  return { objects: [...asked.objects, ...probe.added], proofs };
}

type CoverTerms = ReturnType<typeof coverTerms>;

/**
 * The way in of the probe. If the file has no other cover, that of the earlier file is used, and goes in the same run,
 * after the cover.
 */
function probeNow(
  objects: readonly DesiredObject[],
  observations: readonly Observation[],
  owner: string,
): { readonly added: readonly DesiredObject[]; at(terms: CoverTerms): CoverTerms } {
  const asked = new Set(objects.map(({ address }) => addressId(address)));
  if (probeObjects.every(({ address }) => asked.has(addressId(address))))
    return { added: [], at: (terms) => terms };
  const live = observations.flatMap((found) => (found.state === 'known' ? found.objects : []));
  const own = new Map(
    live.flatMap((have) => (have.owner === owner ? [[addressId(have.address), have] as const] : [])),
  );
  const policy = own.get(probePolicyId);
  if (policy === undefined || !probeObjects.every(({ address }) => own.has(addressId(address))))
    return { added: probeObjects, at: (terms) => terms };
  return {
    added: [],
    at: ({ cover, ...terms }) => {
      if (cover === undefined) return terms;
      const spec = { ...(cover.spec as object), policies: [policy.id] };
      return { ...terms, cover: { ...cover, spec, needs: [...(cover.needs ?? []), probePolicyId] } };
    },
  };
}

function routesIn(observations: readonly Observation[]): readonly Observed<WorkerRouteSpec>[] {
  const found = observations.find(({ kind }) => kind === 'cloudflare/worker-route');
  return found?.state === 'known' ? (found.objects as readonly Observed<WorkerRouteSpec>[]) : [];
}
