import type { ApplicationSpec } from '../../../reconcilers/authentik/application/application.ts';
import type { BindingSpec } from '../../../reconcilers/authentik/application/binding-form.ts';
import type { OutpostEntrySpec } from '../../../reconcilers/authentik/outpost/outpost-entry.ts';
import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';

/** The reason that the file gives for an application of Authentik without bindings. */
const unboundReason = 'imported: its application has no bindings, so everybody who can log in may pass';

/** The same for one with nothing but policies. */
const testedReason = 'imported: its application binds only policies, so everybody who passes them may pass';

/** The people whom an application of Authentik admits. */
export type BoundPeople =
  | { readonly groups?: string[]; readonly users?: string[]; readonly policies?: [string, ...string[]] }
  | { readonly everyone: { readonly reason: string }; readonly policies?: [string, ...string[]] };

/** The application of a provider; undefined: the provider logs nobody in. */
export function applicationOfProvider(
  provider: Observed,
  live: LiveObjects,
): Observed<ApplicationSpec> | undefined {
  return live.once(applicationsByProvider).get(provider.attributes.id);
}

function applicationsByProvider(
  live: LiveObjects,
): ReadonlyMap<unknown, Observed<ApplicationSpec> | undefined> {
  const applications = new Map(live.of('authentik/application').map((each) => [each.id, each]));
  const links = grouped(live.of('authentik/provider-link'), ({ spec }) => spec.provider);
  return new Map(
    [...links].map(([provider, [link]]) => [
      provider,
      typeof link?.spec.application === 'string' ? applications.get(link.spec.application) : undefined,
    ]),
  );
}

function bindingsByApplication(live: LiveObjects): ReadonlyMap<unknown, readonly Observed<BindingSpec>[]> {
  return grouped(live.of('authentik/binding'), ({ spec }) => spec.application);
}

function entriesByProvider(live: LiveObjects): ReadonlyMap<unknown, readonly Observed<OutpostEntrySpec>[]> {
  return grouped(live.of('authentik/outpost-entry'), ({ spec }) => spec.provider);
}

/**
 * The people whom an application admits, by its bindings.
 * @throws Inexpressible
 */
export function boundPeople(
  { id, address, spec }: Observed<ApplicationSpec>,
  live: LiveObjects,
): BoundPeople {
  const name = `Authentik application ${address.key}`;
  const bindings = live.once(bindingsByApplication).get(id) ?? [];
  const enabled = bindings.filter((binding) => binding.spec.enabled);
  if (bindings.length === 0) return { everyone: { reason: unboundReason } };
  if (enabled.length < bindings.length) throw new Inexpressible(`${name} has a binding that is off`);
  const [groups, users, policies] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const binding of enabled) {
    if (binding.spec.negated) throw new Inexpressible(`${name} has a negated binding`);
    const group = live.of('authentik/group').find((each) => each.id === binding.spec.group);
    const { username, policy } = binding.attributes;
    if (group !== undefined) groups.add(group.address.key);
    else if (username !== undefined) users.add(username);
    else if (policy !== undefined && binding.spec.passesOnError !== true) policies.add(policy);
    else throw new Inexpressible(`${name} has a binding of a policy that admits people if it fails`);
  }
  const isAll = spec.engine === 'all';
  if (isAll && groups.size + users.size > 1)
    throw new Inexpressible(`${name} demands all of its bindings at once`);
  if (!isAll && policies.size > 0 && enabled.length > 1)
    throw new Inexpressible(`${name} has a binding of a policy, which admits people by itself`);
  const [first, ...others] = [...policies].sort();
  const asked = first === undefined ? {} : { policies: [first, ...others] as [string, ...string[]] };
  if (groups.size + users.size === 0) return { everyone: { reason: testedReason }, ...asked };
  return {
    ...asked,
    ...(groups.size > 0 && { groups: [...groups].sort() }),
    ...(users.size > 0 && { users: [...users].sort() }),
  };
}

/** The outposts that serve a provider. */
export function outpostsOf(provider: Observed, live: LiveObjects): readonly string[] {
  const entries = live.once(entriesByProvider).get(provider.attributes.id) ?? [];
  return entries.flatMap(({ spec }) =>
    live
      .of('authentik/outpost-host')
      .flatMap(({ address, attributes }) => (attributes.id === spec.outpost ? [address.key] : [])),
  );
}

/** The name of a provider, in quotes. Its key has the id behind the name, unless it is ours. */
export function nameInAuthentik({ address: { key }, attributes: { id } }: Observed): string {
  return JSON.stringify(key.replace(` (${id})`, ''));
}

/** Providers that have an application and are in an outpost: no other one answers for a host. */
export function servingProviders(live: LiveObjects): readonly Observed<ProxyProviderSpec>[] {
  return live.once(foundServing);
}

function foundServing(live: LiveObjects): readonly Observed<ProxyProviderSpec>[] {
  return live
    .of('authentik/proxy-provider')
    .filter(
      (provider) =>
        applicationOfProvider(provider, live) !== undefined && outpostsOf(provider, live).length > 0,
    );
}
