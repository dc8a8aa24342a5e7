import type { BindingSpec } from '../../../reconcilers/authentik/binding.ts';
import type { IngressRuleSpec } from '../../../reconcilers/cloudflare/ingress-rule.ts';
import type { Config } from '../../config/config.ts';
import { zoneOf } from '../../config/host.ts';
import { slugOfDomain } from '../../config/slug.ts';
import type { Kind } from '../../core/address.ts';
import type { DesiredObject, Observation, Observed } from '../../core/object.ts';

/**
 * The same objects, with the bindings of a domain's login told of the hosts that it still guards and that the file
 * gives another gate, or none: the outpost answers for every host of the domain that has no provider of its own, so
 * that a group which is bound for those that stay would get in to those that leave.
 */
export function withLeavingHosts(
  objects: readonly DesiredObject[],
  config: Config,
  observations: readonly Observation[],
): readonly DesiredObject[] {
  const ours = <Spec>(kind: Kind): readonly Observed<Spec>[] => {
    const found = observations.find((observation) => observation.kind === kind);
    const live = found?.state === 'known' ? found.objects : [];
    return live.filter(({ owner }) => owner === config.owner) as readonly Observed<Spec>[];
  };
  const providers = new Set(ours('authentik/proxy-provider').map(({ address }) => address.key));
  const standing = [...(config.authentik?.domains.keys() ?? [])].filter((domain) =>
    providers.has(slugOfDomain(domain)),
  );
  if (standing.length === 0) return objects;
  const routed = ours<IngressRuleSpec>('cloudflare/ingress-rule').map(({ spec }) => spec.hostname);
  const behind = new Map(
    standing.map((domain) => [slugOfDomain(domain), leavingHosts(domain, config, routed)]),
  );
  return objects.map((object) => {
    const hosts = object.address.kind === 'authentik/binding' ? behind.get(slugIn(object)) : undefined;
    if (hosts === undefined || hosts.length === 0) return object;
    const spec = { ...(object.spec as BindingSpec), behind: hosts };
    return { ...object, spec };
  });
}

/** Hosts of the domain that do not log in by it, in the file and among the routes that stand. */
function leavingHosts(domain: string, { services }: Config, routed: readonly string[]): readonly string[] {
  const all = [...services.values()];
  const staying = new Set(
    all.filter(({ gate }) => gate.type === 'authentik' && gate.mode === 'domain').map(({ host }) => host),
  );
  return [...new Set([...all.map(({ host }) => host), ...routed])]
    .filter((host) => !staying.has(host) && zoneOf(host, [domain]) !== undefined)
    .sort();
}

/** Of a binding's key, `slug/group`. */
function slugIn({ address }: DesiredObject): string {
  return address.key.slice(0, address.key.indexOf('/'));
}
