import type { GroupSpec } from '../../reconcilers/authentik/application/group.ts';
import { shortPlace } from '../../reconcilers/cloudflare/api-shield/configuration-text.ts';
import { groupsClaim } from '../core/groups-claim.ts';
import { type AddressId, addressId, type Kind } from '../core/objects/address.ts';
import type { Desired, Observation, Observed } from '../core/objects/object.ts';
import type { DoorVisitor } from '../doors/admission/visitor.ts';

/** The visitor, by names that people use. */
export type NamedVisitor =
  | 'anonymous'
  /** A person, by an email address, groups of Authentik, or both. */
  | { readonly email?: string; readonly groups?: readonly string[] }
  /** A service token of `serviceTokens`. */
  | { readonly token: string }
  /** A machine with a token of a client of `clients`, for that client. */
  | { readonly client: string };

/** The visitor of a name, for the states of a run (`RunStates`). Names that nobody has lead to nobody's objects. */
export function visitorNamed(
  named: NamedVisitor,
  ground: { readonly desired: Desired; readonly observed: readonly Observation[] },
): DoorVisitor {
  if (named === 'anonymous') return { who: 'anonymous' };
  if ('token' in named) return { who: 'service-token', id: `cloudflare/service-token:${named.token}` };
  if ('client' in named) {
    const client = `authentik/oauth2-provider:${named.client}`;
    return { who: 'bearer', client, configurations: configurationsOf(named.client, ground) };
  }
  const { email, groups } = named;
  const held = groups === undefined ? undefined : groupsNamed(groups, ground.observed);
  return {
    who: 'person',
    ...(email !== undefined && { address: email.toLowerCase() }),
    ...(held !== undefined && { groups: held, claims: { [groupsClaim]: held.map(({ name }) => name) } }),
  };
}

/** Names of groups that neither Authentik nor the file has. Empty also where the groups could not be read. */
export function missingGroups(
  names: readonly string[],
  { desired, observed }: { readonly desired: Desired; readonly observed: readonly Observation[] },
): readonly string[] {
  const isRead = observed.some(({ kind, state }) => kind === 'authentik/group' && state === 'known');
  if (!isRead) return [];
  const live = groupsIn(observed).flatMap(({ address, spec }) => [address.key, spec.name]);
  const wanted = desired.objects.map(({ address }) => addressId(address));
  return names.filter((name) => !live.includes(name) && !wanted.includes(`authentik/group:${name}`));
}

/** The groups of these names: the model knows which lies in which (`groupsWithin`). */
function groupsNamed(
  names: readonly string[],
  observed: readonly Observation[],
): readonly { readonly id: AddressId; readonly name: string }[] {
  const live = groupsIn(observed);
  return names.map((name) => {
    const group =
      live.find(({ address }) => address.key === name) ?? live.find(({ spec }) => spec.name === name);
    return group === undefined
      ? { id: `authentik/group:${name}` as const, name }
      : { id: addressId(group.address), name: group.spec.name };
  });
}

function groupsIn(observed: readonly Observation[]): readonly Observed<GroupSpec>[] {
  return objectsOf<GroupSpec>(observed, 'authentik/group');
}

/** The configurations of API Shield that take their keys from the client, in the file or live. */
function configurationsOf(
  client: string,
  { desired, observed }: { readonly desired: Desired; readonly observed: readonly Observation[] },
): readonly AddressId[] {
  const kind = 'cloudflare/token-configuration';
  const wanted = desired.objects.filter(({ address }) => address.kind === kind);
  const all = [...wanted, ...objectsOf(observed, kind)];
  const own = all.filter(
    ({ spec }) => shortPlace((spec as { keySet: string }).keySet) === shortPlace(client),
  );
  return [...new Set(own.map(({ address }) => addressId(address)))];
}

function objectsOf<Spec>(observed: readonly Observation[], kind: Kind): readonly Observed<Spec>[] {
  return observed.flatMap((each) =>
    each.kind === kind && each.state === 'known' ? (each.objects as readonly Observed<Spec>[]) : [],
  );
}
