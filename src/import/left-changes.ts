import type { BindingSpec } from '../../reconcilers/authentik/application/binding-form.ts';
import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import type { IngressRuleSpec } from '../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type { Config } from '../config/model/config.ts';
import { type Change, isPending } from '../core/change.ts';
import { addressId } from '../core/objects/address.ts';
import type { Desired, Observation, Observed } from '../core/objects/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { decidedChanges } from '../plan/plan.ts';
import { dependencies, serviceOf } from '../plan/selection.ts';

interface AdoptedGround {
  readonly desired: Desired;
  /** The live objects as a run reads them that adopts. */
  readonly observed: readonly Observation[];
  readonly reconcilers: readonly AnyReconciler[];
}

/** The hosts of the file that a plan would still change once the file has been adopted, each with the reason. */
export function leftReasons(config: Config, ground: AdoptedGround): ReadonlyMap<string, string> {
  const left = leftChanges(config, ground);
  const reasons = new Map<string, string>();
  if (left.length === 0) return reasons;
  const services = [...config.services.values()];
  const neededBy = dependencies(ground.desired);
  const needed = new Map(services.map(({ name }) => [name, neededBy(name)]));
  for (const change of left) {
    const isOf = (name: string) =>
      serviceOf(change.because) === name || needed.get(name)?.has(addressId(change.address)) === true;
    const named = services.filter(({ name }) => isOf(name)).map(({ host }) => host);
    for (const host of [...change.doors.map((door) => door.host), ...named])
      if (!reasons.has(host)) reasons.set(host, reasonOf(change, ground.reconcilers));
  }
  return reasons;
}

function reasonOf({ verb, address: { kind, key } }: Change, reconcilers: readonly AnyReconciler[]): string {
  const title = reconcilers.find((each) => each.kind === kind)?.title ?? kind;
  return `after an adoption, \`gates plan\` would still ${verb} the ${title} ${key}`;
}

/** The changes that a plan would still contain once the file has been adopted: there the file does not say what is live. */
function leftChanges(
  { reconcile: { limits, prune } }: Config,
  { desired, observed, reconcilers }: AdoptedGround,
): readonly Change[] {
  const options = { limits, prune, allow: ['prune', 'change'] as const };
  const adoption = decidedChanges(desired, observed, reconcilers, {
    ...options,
    adopt: true,
    adoptOnly: true,
  });
  const done = new Set(adoption.filter(isDone).map(({ address }) => addressId(address)));
  const ours = new Set(
    adoption.flatMap(({ verb, have }) => (verb === 'adopt' && have !== undefined ? [have.id] : [])),
  );
  const adopted = withOwner(observed, ours, desired.scope.owner);
  const after = decidedChanges(desired, adopted, reconcilers, { ...options, adopt: false });
  const read = new Set(observed.map(({ kind }) => kind));
  return after.filter(
    (change) =>
      isPending(change) &&
      change.interim === undefined &&
      read.has(change.address.kind) &&
      !done.has(addressId(change.address)) &&
      !lacksSecret(change),
  );
}

/** True for a token that somebody made by hand: the file says what is live, and `gates rotate` makes a secret that gates knows. */
function lacksSecret({ verb, address }: Change): boolean {
  return verb === 'refuse' && address.kind === 'cloudflare/service-token';
}

/** True for a change that an adoption makes. */
function isDone({ verb }: Change): boolean {
  return verb !== 'keep' && verb !== 'refuse';
}

/** The live objects once those with these ids are ours, and with them the objects that have no mark of their own. */
function withOwner(
  observed: readonly Observation[],
  ids: ReadonlySet<string>,
  owner: string,
): readonly Observation[] {
  const all = observed.flatMap((each) => (each.state === 'known' ? each.objects : []));
  const taken = all.filter(({ id }) => ids.has(id));
  const hosts = new Set(
    taken.flatMap(({ address, spec }) =>
      address.kind === 'cloudflare/dns-record' ? [(spec as DnsRecordSpec).name] : [],
    ),
  );
  const isTaken = (have: Observed) =>
    ids.has(have.id) || (have.owner === undefined && isPartOf(have, hosts, ids));
  return observed.map((each) =>
    each.state === 'known'
      ? { ...each, objects: each.objects.map((have) => (isTaken(have) ? { ...have, owner } : have)) }
      : each,
  );
}

/** True for an object whose owner is that of another one: a tunnel rule of a host, a binding of an application. */
function isPartOf(
  { address, spec }: Observed,
  hosts: ReadonlySet<string>,
  ids: ReadonlySet<string>,
): boolean {
  if (address.kind === 'cloudflare/ingress-rule') return hosts.has((spec as IngressRuleSpec).hostname);
  return address.kind === 'authentik/binding' && ids.has((spec as BindingSpec).application);
}
