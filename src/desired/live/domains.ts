import type { BindingSpec } from '../../../reconcilers/authentik/application/binding.ts';
import type { IngressRuleSpec } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type { Config } from '../../config/model/config.ts';
import { isWithin } from '../../config/model/host.ts';
import { slugOfDomain } from '../../config/model/slug.ts';
import type { Kind } from '../../core/objects/address.ts';
import type { DesiredObject, Observation, Observed } from '../../core/objects/object.ts';

/**
 * The same objects, with the bindings of a domain's login told of the hosts that it still guards and that the file
 * gives another gate, or none: the outpost answers for every host of the domain that has no provider of its own, so
 * that a group which is bound for those that stay would get in to those that leave. A login that has lost all its
 * bindings lets everybody in. A new binding only narrows that, so it need not wait.
 */
export function withLeavingHosts(
  objects: readonly DesiredObject[],
  config: Config,
  observations: readonly Observation[],
): readonly DesiredObject[] {
  const read = <Spec>(kind: Kind): readonly Observed<Spec>[] => {
    const found = observations.find((observation) => observation.kind === kind);
    return found?.state === 'known' ? (found.objects as readonly Observed<Spec>[]) : [];
  };
  const ours = <Spec>(kind: Kind) => read<Spec>(kind).filter(({ owner }) => owner === config.owner);
  const providers = new Set(ours('authentik/proxy-provider').map(({ address }) => address.key));
  const routed = ours<IngressRuleSpec>('cloudflare/ingress-rule').map(({ spec }) => spec.hostname);
  const areBindingsKnown = observations.some(
    ({ kind, state }) => kind === 'authentik/binding' && state === 'known',
  );
  // Before it is linked nobody gets in by it, whatever it asks for.
  const linked = new Set(ours('authentik/provider-link').map(({ address }) => address.key));
  const asking = new Set(
    read<BindingSpec>('authentik/binding')
      .filter(({ spec }) => spec.enabled)
      .map(slugIn),
  );
  const asked = [...config.services.values()].map(({ host }) => host);
  const behind = new Map(
    [...(config.authentik?.domains.keys() ?? [])].map((domain) => {
      const slug = slugOfDomain(domain);
      if (linked.has(slug) && areBindingsKnown && !asking.has(slug)) return [slug, []];
      // A login that a person took away comes back for all that still leads to it: what is routed already, that is.
      const hosts = providers.has(slug) ? [...asked, ...routed] : routed;
      return [slug, leavingHosts(domain, config, hosts)];
    }),
  );
  if ([...behind.values()].every((hosts) => hosts.length === 0)) return objects;
  return objects.map((object) => {
    const hosts = object.address.kind === 'authentik/binding' ? behind.get(slugIn(object)) : undefined;
    if (hosts === undefined || hosts.length === 0) return object;
    const spec = { ...(object.spec as BindingSpec), behind: hosts };
    return { ...object, spec };
  });
}

/** Those of the hosts, in the domain, that do not log in by it. */
function leavingHosts(domain: string, { services }: Config, hosts: readonly string[]): readonly string[] {
  const staying = new Set(
    [...services.values()].flatMap(({ gate, host }) => (gate.sharesLogin ? [host] : [])),
  );
  return [...new Set(hosts)].filter((host) => !staying.has(host) && isWithin(host, domain)).sort();
}

/** The slug in a binding's key, `slug/group`. */
function slugIn({ address }: Pick<DesiredObject, 'address'>): string {
  return address.key.slice(0, address.key.indexOf('/'));
}
