import type { ApplicationRow, OutpostRow, UserRow } from '../../state/authentik-state.ts';
import type { World } from '../../state/world.ts';
import { admits } from '../api/access.ts';
import type { Passed } from '../api/passing.ts';
import { isLdap, type LdapRow } from '../providers/ldap-providers.ts';

/**
 * True if an LDAP outpost admits this person, with the right password, at the names below the base DN of this provider
 * (internal/outpost/ldap/bind.go). An outpost asks the first of its providers, by name, whose base DN is the end of the
 * name of the person, so another provider may answer, with the bindings of its own application.
 */
export function mayBind(world: World, row: LdapRow, user: UserRow, passed: Passed = []): boolean {
  return world.authentik.outposts.some((outpost) => {
    if (outpost.type !== 'ldap' || !outpost.providers.includes(row.pk)) return false;
    const answering = answeringAt(world, outpost, `cn=${user.username},ou=users,${row.ldap.base_dn}`);
    const application = answering === undefined ? undefined : applicationOf(world, answering);
    return application !== undefined && admits({ world, state: world.authentik }, application, user, passed);
  });
}

/** The provider of the outpost that answers for this name; those without an application are not loaded. */
function answeringAt(world: World, outpost: OutpostRow, dn: string): LdapRow | undefined {
  return world.authentik.providers
    .filter(isLdap)
    .filter((row) => outpost.providers.includes(row.pk) && applicationOf(world, row) !== undefined)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .find((row) => dn.toLowerCase().endsWith(row.ldap.base_dn.toLowerCase()));
}

/** The application whose bindings decide: the one that has the provider as a backchannel comes first. */
function applicationOf({ authentik }: World, { pk }: LdapRow): ApplicationRow | undefined {
  const { applications } = authentik;
  return (
    applications.find(({ backchannel_providers: others }) => others.includes(pk)) ??
    applications.find(({ provider }) => provider === pk)
  );
}
