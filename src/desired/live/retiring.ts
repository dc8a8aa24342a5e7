import type { AccessRule } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import type { ServiceTokenSpec } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import { addressId } from '../../core/objects/address.ts';
import type { Desired, DesiredObject, Observation, Observed } from '../../core/objects/object.ts';
import { referencesIn } from '../../core/objects/reference.ts';

type Token = Observed<ServiceTokenSpec>;

/**
 * A replaced service token stays for the overlap, and is admitted wherever its successor is, so that machines that have
 * not fetched the new secret yet still get in. The same holds for a token that is about to be replaced because nobody
 * knows its newest secret.
 */
export function withRetiring(desired: Desired, observations: readonly Observation[]): Desired {
  const tokens = ownTokens(observations, desired.scope.owner);
  const leaving = new Map<string, string>();
  const old: DesiredObject[] = [];
  for (const { address, id, attributes, spec } of tokens) {
    if (attributes.beside !== undefined) {
      leaving.set(`cloudflare/service-token:${attributes.beside}`, id);
      old.push({ address, spec: {}, because: `serviceTokens.${attributes.beside}` });
    } else if (spec.secret === 'unheard' && spec.rotation !== undefined) leaving.set(addressId(address), id);
  }
  if (leaving.size === 0) return desired;
  return { ...desired, objects: [...desired.objects.map((object) => admitting(object, leaving)), ...old] };
}

function ownTokens(observations: readonly Observation[], us: string): readonly Token[] {
  const found = observations.find(({ kind }) => kind === 'cloudflare/service-token');
  if (found?.state !== 'known') return [];
  return (found.objects as readonly Token[]).filter(({ owner }) => owner === us);
}

function admitting(object: DesiredObject, leaving: ReadonlyMap<string, string>): DesiredObject {
  if (object.address.kind !== 'cloudflare/access-policy') return object;
  const spec = object.spec as { readonly include: readonly AccessRule[] };
  const also = spec.include.flatMap((rule) =>
    referencesIn(rule).flatMap((target) => {
      const id = leaving.get(target);
      return id === undefined ? [] : [{ service_token: { token_id: id } }];
    }),
  );
  return also.length === 0 ? object : { ...object, spec: { ...spec, include: [...spec.include, ...also] } };
}
