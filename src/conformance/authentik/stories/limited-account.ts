import type { Stage } from '../stage.ts';

const rights = (model: string, ...verbs: readonly string[]) => {
  const [app, name] = model.split('.');
  return verbs.map((verb) => `${app}.${verb}_${name}`);
};

/** Reading permissions of a run. Without any one of them it does not know whether something exists. */
export const seeing = [
  'authentik_core.view_application',
  'authentik_core.view_group',
  'authentik_providers_proxy.view_proxyprovider',
  'authentik_providers_oauth2.view_oauth2provider',
  'authentik_providers_oauth2.view_scopemapping',
  'authentik_policies.view_policybinding',
  'authentik_outposts.view_outpost',
  'authentik_flows.view_flow',
  'authentik_crypto.view_certificatekeypair',
] as const;

export type Right = (typeof seeing)[number];

/** Writing permissions of a run. */
const doing = [
  ...rights('authentik_core.application', 'add', 'change', 'delete'),
  ...rights('authentik_core.group', 'add', 'change', 'delete'),
  ...rights('authentik_providers_proxy.proxyprovider', 'add', 'change', 'delete'),
  ...rights('authentik_providers_oauth2.oauth2provider', 'add', 'change', 'delete'),
  ...rights('authentik_providers_oauth2.scopemapping', 'add', 'change', 'delete'),
  ...rights('authentik_policies.policybinding', 'add', 'change', 'delete'),
  ...rights('authentik_outposts.outpost', 'change'),
  ...rights('authentik_crypto.certificatekeypair', 'add', 'delete'),
];

/** Without both, Authentik crashes when it is asked who uses a group. */
export const optional = [
  ...rights('authentik_core.groupancestrynode', 'view'),
  ...rights('authentik_sources_scim.scimsourcegroup', 'view'),
];

/** Without these, a run cannot do its work. */
export const required: readonly string[] = [...seeing, ...doing];

/** The rights of the documentation. */
export const working: readonly string[] = [...required, ...optional];

/** A user with a token and these rights, which can be changed; by a group, because every release supports that. */
interface Account {
  readonly token: string;
  give(permissions: readonly string[]): Promise<void>;
  take(permissions: readonly string[]): Promise<void>;
}

/** Makes the role first, by which a sweep finds the owner of a killed run. */
export async function limitedAccount(
  { person, names }: Stage,
  permissions: readonly string[],
): Promise<Account> {
  const name = names.limited;
  const role = await person.post('/rbac/roles/', { name });
  const user = await person.post('/core/users/', { username: name, name, type: 'service_account' });
  await person.post('/core/groups/', { name, roles: [role.pk], users: [user.pk] });
  await person.post('/core/tokens/', { identifier: name, intent: 'api', user: user.pk, expiring: false });
  const { key } = await person.get(`/core/tokens/${name}/view_key/`);
  const assigned = `/rbac/permissions/assigned_by_roles/${role.pk}`;
  const account: Account = {
    token: String(key),
    give: async (more) => void (await person.post(`${assigned}/assign/`, { permissions: more })),
    take: async (less) => void (await person.patch(`${assigned}/unassign/`, { permissions: less })),
  };
  if (permissions.length > 0) await account.give(permissions);
  return account;
}
