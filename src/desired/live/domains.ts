import type { BindingSpec } from '../../../reconcilers/authentik/application/binding-form.ts';
import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import type { IngressRuleSpec } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type { Config } from '../../config/model/config.ts';
import { isWithin } from '../../config/model/host.ts';
import { slugOfDomain } from '../../config/model/slug.ts';
import type { Kind } from '../../core/objects/address.ts';
import type { DesiredObject, Observation, Observed } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';
import { skippedAt } from '../../gates/authentik/skipped-paths.ts';

const providers = 'authentik/proxy-provider';

/**
 * Adds to the provider, its entry in the outpost, and the bindings of a domain's login the hosts that it still guards
 * although the file gives them another gate, or none. The outpost answers for every host of the domain without a
 * provider of its own, so a group that is bound for the staying hosts would also get into the leaving ones. A login
 * that has lost all its bindings, or of which somebody negated the last ones, admits everybody. A new binding only
 * narrows that, so it need not wait. Nor need a policy, about which people are asked too.
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
  const logins = new Set(ours(providers).map(({ address }) => address.key));
  const routed = ours<IngressRuleSpec>('cloudflare/ingress-rule').map(({ spec }) => spec.hostname);
  const areBindingsKnown = observations.some(
    ({ kind, state }) => kind === 'authentik/binding' && state === 'known',
  );
  // Until the login is linked, it admits nobody, whatever its bindings.
  const linked = new Set(ours('authentik/provider-link').map(({ address }) => address.key));
  const boundSlugs = new Set(
    read<BindingSpec>('authentik/binding')
      .filter(({ spec }) => spec.enabled && (!spec.negated || spec.policy !== undefined))
      .map(slugIn),
  );
  const askedHosts = [...config.services.values()].map(({ host }) => host);
  const behind = new Map(
    [...(config.authentik?.domains.keys() ?? [])].map((domain) => {
      const slug = slugOfDomain(domain);
      if (linked.has(slug) && areBindingsKnown && !boundSlugs.has(slug)) return [slug, []];
      // A login that somebody removed comes back for all hosts that still lead to it, so the routed ones.
      const hosts = logins.has(slug) ? [...askedHosts, ...routed] : routed;
      return [slug, leavingHosts(domain, config, hosts)];
    }),
  );
  if ([...behind.values()].every((hosts) => hosts.length === 0)) return objects;
  return objects.map((object) => {
    const hosts = behind.get(slugOf(object) ?? '') ?? [];
    return hosts.length === 0 ? object : { ...object, spec: { ...(object.spec as object), behind: hosts } };
  });
}

/**
 * Lets the login of a domain skip at these hosts the paths that it skips already, and no others. A refused host does not get the gates of
 * its paths, so the outpost has to go on asking there. At a host that gates only watches, it changes nothing.
 */
export function withSkippedPathsAt(
  hosts: ReadonlySet<string>,
  objects: readonly DesiredObject[],
  observations: readonly Observation[],
  owner: string,
): readonly DesiredObject[] {
  if (hosts.size === 0) return objects;
  const live = observations.find(({ kind }) => kind === providers);
  const standing = live?.state === 'known' ? (live.objects as readonly Observed<ProxyProviderSpec>[]) : [];
  const isThere = (line: string) => hosts.has(skippedAt(line)?.host ?? '');
  return objects.map((object) => {
    const spec = object.spec as Linked<ProxyProviderSpec>;
    if (object.address.kind !== providers || spec.mode !== 'forward_domain') return object;
    const have = standing.find((each) => each.owner === owner && each.address.key === object.address.key);
    const before = (have?.spec.skipPathRegex ?? '').split('\n').filter(isThere);
    const others = String(spec.skipPathRegex)
      .split('\n')
      .filter((line) => line !== '' && !isThere(line));
    return { ...object, spec: { ...spec, skipPathRegex: [...others, ...before].sort().join('\n') } };
  });
}

/** The slug of the login that a provider, its entry in an outpost, or an admitting binding is a part of. */
function slugOf(object: DesiredObject): string | undefined {
  const { kind, key } = object.address;
  if (kind === providers || kind === 'authentik/outpost-entry') return key;
  const isAdmitting = kind === 'authentik/binding' && (object.spec as BindingSpec).policy === undefined;
  return isAdmitting ? slugIn(object) : undefined;
}

/** The given hosts that lie in the domain and do not log in by it. */
function leavingHosts(domain: string, { services }: Config, hosts: readonly string[]): readonly string[] {
  const staying = new Set(
    [...services.values()].flatMap(({ gate, host }) => (gate.sharesLogin ? [host] : [])),
  );
  return [...new Set(hosts)].filter((host) => !staying.has(host) && isWithin(host, domain)).sort();
}

/** The slug in a binding's key: see `bindingKey`. */
function slugIn({ address }: Pick<DesiredObject, 'address'>): string {
  return address.key.slice(0, address.key.search(/[/:]/));
}
