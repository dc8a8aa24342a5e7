import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import { hostIn } from '../../../reconcilers/cloudflare/access/application/destination.ts';
import type { CacheRuleSpec } from '../../../reconcilers/cloudflare/cache/cache-rule.ts';
import type { CachedCopiesSpec } from '../../../reconcilers/cloudflare/cache/cached-copies.ts';
import { cacheRules } from '../../../reconcilers/cloudflare/cache/rule-spec.ts';
import { divide, type Share } from '../../../reconcilers/cloudflare/cache/shares.ts';
import { isClosed } from '../../../reconcilers/cloudflare/ingress/entry.ts';
import type { IngressRuleSpec } from '../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { mostRules } from '../../../reconcilers/cloudflare/rules/ruleset.ts';
import type { Service } from '../../config/model/config.ts';
import { describeError } from '../../core/errors.ts';
import type { Kind } from '../../core/objects/address.ts';
import type {
  Desired,
  DesiredObject,
  GateCheck,
  Observation,
  Observed,
  Refusal,
} from '../../core/objects/object.ts';
import { mustNotBeStored, originDecides } from '../terms/cache.ts';

/** The handling of hosts that must not be stored and for which gates cannot write a cache rule. */
export interface Unruled {
  /** Services that gates does not change: nobody reaches their host yet, or the edge guards it. */
  readonly refusals: readonly Refusal[];
  /** Hosts that are open already: everything else that the file asks of them is applied. */
  readonly exposed: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

/** Finds these hosts among the services, each with its handling. */
export function unruled(
  services: readonly Service[],
  desired: Desired,
  observations: readonly Observation[],
): Unruled {
  const reasons = reasonsByHost(desired, observations);
  const isUnread = cacheRulesIn(observations)?.state === 'unknown';
  const found = services.filter(({ host }) => reasons.has(host));
  const open = found.filter((service) => isOpenAlready(service, desired.scope.owner, observations));
  return {
    refusals: found
      .filter((service) => !open.includes(service))
      .map(({ name, host }) => ({
        service: name,
        host,
        reason: `${reasons.get(host)}; ${stored}. ${way}`,
        ...(isUnread && { unread: 'cloudflare/cache-rule' as const }),
      })),
    exposed: new Set(open.map(({ host }) => host)),
    warnings: open.map(
      ({ name, host }) =>
        `services.${name}: ${host} is open and has no cache rule: ${stored}; ${reasons.get(host)}. ${way}`,
    ),
  };
}

const stored = 'Cloudflare may store a file that an admitted person fetched, and give it to anybody';
const way =
  'Or have the origin send `Cloudflare-CDN-Cache-Control: no-store` with every answer, and say so: `cache: header`';

/** Milliseconds for which a plan names a host that has left the file: few copies are older. */
const longestWarning = 24 * 60 * 60 * 1000;

/** Hosts that may have old copies because the token may not purge them. */
export function leftCopies(
  services: readonly Service[],
  observations: readonly Observation[],
  now: Date,
): readonly string[] {
  const found = observations.find(({ kind }) => kind === 'cloudflare/cached-copies');
  if (found?.state !== 'known') return [];
  const copies = (found.objects as readonly Observed<CachedCopiesSpec>[]).filter(({ spec }) => !spec.owed);
  return copies.flatMap(({ address: { key }, spec: { since } }) => {
    const service = services.find(({ host }) => host === key);
    if (service !== undefined && !mustNotBeStored(service)) return [];
    if (service === undefined && now.getTime() - Date.parse(since) > longestWarning) return [];
    const place = service === undefined ? `${key} has left the file` : `services.${service.name}`;
    return [
      `${place}: copies that Cloudflare stored before ${since} may be left: purge ${key} in the dashboard (Caching, Configuration, Custom Purge, Hostname), or give the token "Zone / Cache Purge"`,
    ];
  });
}

/** The objects and proofs without cache rules for hosts that are open already, so that these wait for no rule. */
export function withoutRules(
  { exposed }: Unruled,
  objects: readonly DesiredObject[],
  proofs: readonly GateCheck[],
): { readonly objects: readonly DesiredObject[]; readonly proofs: readonly GateCheck[] } {
  if (exposed.size === 0) return { objects, proofs };
  return {
    objects: objects.filter(
      ({ address: { kind, key } }) => kind !== 'cloudflare/cache-rule' || !exposed.has(key),
    ),
    proofs: proofs.map((proof) => {
      if (!exposed.has(proof.host)) return proof;
      const { cache: _, ...spec } = proof.spec as { readonly cache?: unknown };
      return { ...proof, spec };
    }),
  };
}

/**
 * True if requests reach the origin and nothing at the edge decides about them. If the edge decides as before, refusing
 * the host would only delay changes that narrow it.
 */
function isOpenAlready(service: Service, owner: string, observations: readonly Observation[]): boolean {
  const { host } = service;
  const ours = <Spec>(kind: Kind): readonly Observed<Spec>[] | undefined => {
    const found = observations.find((observation) => observation.kind === kind);
    if (found?.state !== 'known') return undefined;
    return (found.objects as readonly Observed<Spec>[]).filter((object) => object.owner === owner);
  };
  const isRouted = ours<IngressRuleSpec>('cloudflare/ingress-rule')?.some(
    ({ spec: { hostname, path, service } }) => hostname === host && path === undefined && !isClosed(service),
  );
  if (!originDecides(service)) return isRouted === true;
  const isAsked = ours<AccessApplicationSpec>('cloudflare/access-application')?.some(
    ({ spec }) => !spec.bypass && spec.destinations.some((uri) => hostIn(uri) === host && !uri.includes('/')),
  );
  const isChecked = ours('cloudflare/token-rule')?.some(({ address }) => address.key === host);
  return isRouted === true && isAsked === false && isChecked !== true;
}

function cacheRulesIn(observations: readonly Observation[]): Observation | undefined {
  return observations.find(({ kind }) => kind === 'cloudflare/cache-rule');
}

/**
 * Hosts of the file for which no cache rule can be written, each with the reason: cache rules could not be read, or the
 * plan of the zone allows no more of them. Foreign rules count, and a host that has a rule keeps it.
 */
function reasonsByHost(desired: Desired, observations: readonly Observation[]): ReadonlyMap<string, string> {
  const wants = desired.objects.filter(({ address }) => address.kind === 'cloudflare/cache-rule');
  const read = cacheRulesIn(observations);
  if (wants.length === 0 || read === undefined) return new Map();
  if (read.state === 'unknown') {
    const reason = `cache rules could not be read: ${describeError(read.error)}`;
    return new Map(wants.map(({ address }) => [address.key, reason]));
  }
  const standing = read.objects as readonly Observed<CacheRuleSpec>[];
  const zones = new Set(wants.map(({ spec }) => (spec as CacheRuleSpec).zone));
  return new Map(
    [...zones].flatMap((zone) => {
      const inZone = standing.filter(({ spec }) => spec.zone === zone);
      const shares = sharesOf(inZone.filter(({ owner }) => owner === desired.scope.owner));
      const foreign = new Set(inZone.map(({ attributes: { id = '' } }) => id)).size - shares.length;
      const most = mostRules(cacheRules, planOf(zone, observations));
      const hosts = wants.filter(({ spec }) => (spec as CacheRuleSpec).zone === zone);
      // Hosts that leave keep their place until the end of the run.
      const all = [...shares.flatMap((share) => share.hosts), ...hosts.map(({ address }) => address.key)];
      const { left } = divide(shares, all, Math.max(shares.length, most - foreign));
      const reason = `the plan of ${zone} allows ${most} cache rules, and ${foreign} of them are not ours: remove some of those, or choose a larger plan`;
      return left.map((host) => [host, reason] as const);
    }),
  );
}

function sharesOf(own: readonly Observed<CacheRuleSpec>[]): readonly Share[] {
  const byRule = new Map<string, string[]>();
  for (const { attributes, spec } of own) {
    const id = attributes.id ?? '';
    byRule.set(id, [...(byRule.get(id) ?? []), spec.host]);
  }
  return [...byRule.values()].map((hosts, index) => ({ number: index + 1, hosts }));
}

function planOf(zone: string, observations: readonly Observation[]): string | undefined {
  const found = observations.find(({ kind }) => kind === 'cloudflare/zone');
  if (found?.state !== 'known') return undefined;
  return found.objects.find(({ address }) => address.key === zone)?.attributes.plan;
}
