import type { ApplicationSpec } from '../../../reconcilers/authentik/application/application.ts';
import type { BindingSpec } from '../../../reconcilers/authentik/application/binding-form.ts';
import type { OutpostEntrySpec } from '../../../reconcilers/authentik/outpost/outpost-entry.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';

/** The reason that the file gives for an application of Authentik without bindings. */
const unboundReason = 'imported: its application has no bindings, so everybody who can log in may pass';

/** The people whom an application of Authentik admits. */
export type BoundPeople =
  | { readonly groups?: string[]; readonly users?: string[] }
  | { readonly everyone: { readonly reason: string } };

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
  if (spec.engine === 'all' && enabled.length > 1)
    throw new Inexpressible(`${name} demands all of its bindings at once`);
  const [groups, users] = [new Set<string>(), new Set<string>()];
  for (const binding of enabled) {
    if (binding.spec.negated) throw new Inexpressible(`${name} has a negated binding`);
    const group = live.of('authentik/group').find((each) => each.id === binding.spec.group);
    const { username } = binding.attributes;
    if (group !== undefined) groups.add(group.address.key);
    else if (username !== undefined) users.add(username);
    else throw new Inexpressible(`${name} has a binding of a policy`);
  }
  return {
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
