import { type PlantedFault, row } from './planted-fault.ts';
import type { Saboteur } from './saboteur.ts';

const baseDn = 'dc=films,dc=home';

/** An LDAP outpost with one provider, with these fields. */
async function addServed(home: Saboteur, more: object = {}): Promise<number> {
  const pk = await home.addDirectory('films', baseDn, more);
  await home.addLdapOutpost('directory', pk);
  return pk;
}

/** One fault in each row, planted by a person in the LDAP providers of Authentik. */
export const faultsAtLdap: readonly PlantedFault[] = [
  row('nothing: a directory that an outpost serves', (home) => addServed(home)),
  row(
    'a directory without bindings',
    async (home) => {
      await addServed(home);
      await home.authentik.delete(`/policies/bindings/${(await home.authentik.bindingOf('films')).pk}/`);
    },
    'unbound-application: Authentik application films',
  ),
  row(
    'a directory without an application',
    async (home) =>
      home.addLdapOutpost('directory', await home.addDirectory('films', baseDn, { alone: true })),
    'idle-directory: LDAP provider films',
  ),
  row(
    'a directory that no outpost serves',
    (home) => home.addDirectory('films', baseDn),
    'idle-directory: LDAP provider films',
  ),
  row(
    'two directories of one outpost, one below the other',
    async (home) => {
      const films = await home.addDirectory('films', baseDn);
      const house = await home.addDirectory('house', 'DC=home');
      return home.addLdapOutpost('directory', films, house);
    },
    'shared-base-dn: LDAP provider films',
    'shared-base-dn: LDAP provider house',
  ),
  row(
    'a directory that is the backchannel of another application',
    async (home) => {
      const pk = await addServed(home);
      await home.authentik.patch('/core/applications/vault/', { backchannel_providers: [pk] });
    },
    'backchannel-bindings: LDAP provider films',
  ),
  row(
    'a directory that is only the backchannel of an application without bindings',
    async (home) => {
      const pk = await home.addDirectory('films', baseDn, { alone: true });
      await home.addLdapOutpost('directory', pk);
      await home.addAuthentikApplication('cinema', { backchannel_providers: [pk] });
    },
    'unbound-directory: Authentik application cinema',
  ),
  row(
    'a directory whose outpost asks nobody again',
    (home) => addServed(home, { bind_mode: 'cached', search_mode: 'cached' }),
    'cached-directory: LDAP provider films',
    'cached-directory: LDAP provider films',
  ),
  row(
    'an LDAP outpost whose provider is gone',
    async (home) => home.authentik.delete(`/providers/ldap/${await addServed(home)}/`),
    'application-without-provider: Authentik application films',
  ),
];
