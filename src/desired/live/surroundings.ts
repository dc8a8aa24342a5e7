import type { OutpostEntrySpec } from '../../../reconcilers/authentik/outpost/outpost-entry.ts';
import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import type { DnsRecordSpec } from '../../../reconcilers/cloudflare/dns/record-spec.ts';
import type { IngressRuleSpec } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { addressId, type Kind } from '../../core/objects/address.ts';
import type { DesiredObject, Observation, Observed } from '../../core/objects/object.ts';

/** The foreign objects around our doors. A kind that could not be read is empty here; the plan waits for it. */
export interface Surroundings {
  readonly applications: readonly Observed<AccessApplicationSpec>[];
  readonly records: readonly Observed<DnsRecordSpec>[];
  readonly rules: readonly Observed<IngressRuleSpec>[];
  /** Those for some paths of a host that the file asks for no rule for. */
  readonly pathRules: readonly Observed<IngressRuleSpec>[];
  /** Proxy providers that some outpost serves. */
  readonly providers: readonly Observed<ProxyProviderSpec>[];
}

export function surroundingsOf(
  observations: readonly Observation[],
  owner: string,
  objects: readonly DesiredObject[] = [],
): Surroundings {
  const asked = new Set(objects.map(({ address }) => addressId(address)));
  const foreign = <Spec>(kind: Kind): readonly Observed<Spec>[] => {
    const found = observations.find((observation) => observation.kind === kind);
    const objects = found?.state === 'known' ? found.objects : [];
    return objects.filter((object) => object.owner !== owner) as readonly Observed<Spec>[];
  };
  const served = new Set(
    foreign<OutpostEntrySpec>('authentik/outpost-entry').map(({ spec }) => spec.provider),
  );
  // The plan says of an object at an address of the file whose it is, and `gates adopt` may take it over.
  const isUnasked = ({ address }: Observed) => !asked.has(addressId(address));
  const rules = foreign<IngressRuleSpec>('cloudflare/ingress-rule');
  return {
    applications: foreign('cloudflare/access-application'),
    records: foreign('cloudflare/dns-record'),
    rules,
    pathRules: rules.filter((rule) => rule.spec.path !== undefined && isUnasked(rule)),
    providers: foreign<ProxyProviderSpec>('authentik/proxy-provider').filter(
      (provider) => served.has(provider.attributes.id ?? '') && isUnasked(provider),
    ),
  };
}
