import { describe, expect, it } from 'vitest';
import { createApi } from './api.ts';

const SEES_USED_GROUPS = [
  'authentik_core.view_group',
  'authentik_core.view_groupancestrynode',
  'authentik_sources_scim.view_scimsourcegroup',
];

const DENIED = { detail: 'You do not have permission to perform this action.' };

describe('a token that is no superuser', () => {
  it('reads that it is none, and its permissions', async () => {
    const api = createApi();
    const weak = await api.limited('authentik_core.view_group', 'authentik_rbac.view_system_info');
    const { user } = await weak.done('GET', '/core/users/me/');
    expect(user).toMatchObject({ is_superuser: false, system_permissions: ['view_system_info'] });
    expect((await api.done('GET', '/core/users/me/')).user.is_superuser).toBe(true);
    await weak.done('GET', '/admin/version/');
  });

  it('is refused lists without permission, and hidden rows', async () => {
    const api = createApi();
    const { pk } = await api.done('POST', '/core/groups/', { name: 'family' });
    const weak = await api.limited();
    for (const path of ['/core/groups/', '/providers/all/', '/policies/bindings/', '/outposts/instances/']) {
      expect(await weak.refused(403, 'GET', path)).toEqual(DENIED);
    }
    expect(await weak.refused(404, 'GET', `/core/groups/${pk}/`)).toEqual({
      detail: 'No Group matches the given query.',
    });
  });

  it('may see without being able to change, and gets 403', async () => {
    const api = createApi();
    const { pk } = await api.done('POST', '/core/groups/', { name: 'family' });
    const weak = await api.limited('authentik_core.view_group');
    const path = `/core/groups/${pk}/`;
    expect((await weak.done('GET', '/core/groups/')).pagination.count).toBe(2);
    expect(await weak.refused(403, 'POST', '/core/groups/', { name: 'x' })).toEqual(DENIED);
    expect(await weak.refused(403, 'PATCH', path, { name: 'x' })).toEqual(DENIED);
    expect(await weak.refused(403, 'DELETE', path)).toEqual(DENIED);
    expect(await weak.refused(403, 'POST', `${path}add_user/`, { pk: 4 })).toEqual(DENIED);
  });

  it('needs each permission separately', async () => {
    const api = createApi();
    const weak = await api.limited('authentik_core.view_group', 'authentik_core.add_group');
    const { pk } = await weak.done('POST', '/core/groups/', { name: 'x' });
    await weak.refused(403, 'PATCH', `/core/groups/${pk}/`, { name: 'y' });
    expect(await weak.refused(400, 'POST', '/core/groups/', { name: 'z', is_superuser: true })).toEqual({
      is_superuser: ['User does not have permission to set superuser status to True.'],
    });
  });

  it('sees only those users of an object that it may see', async () => {
    const api = createApi();
    const group = await api.done('POST', '/core/groups/', { name: 'family' });
    const app = await api.done('POST', '/core/applications/', { name: 'X', slug: 'x' });
    await api.done('POST', '/policies/bindings/', { target: app.pk, group: group.pk, order: 0 });
    const path = `/core/groups/${group.pk}/used_by/`;
    const weak = await api.limited(...SEES_USED_GROUPS);
    expect(await weak.done('GET', path)).toEqual([]);
    const seeing = await api.limited(...SEES_USED_GROUPS, 'authentik_policies.view_policybinding');
    expect(await seeing.done('GET', path)).toHaveLength(1);
  });

  it.each([
    ['2025.8', ['authentik_sources_scim.view_scimsourcegroup']],
    ['2026.2', ['authentik_core.view_groupancestrynode', 'authentik_sources_scim.view_scimsourcegroup']],
  ] as const)('crashes %s by asking for a group’s users, without any of %j', async (version, needed) => {
    const api = createApi({ authentikVersion: version });
    const { pk } = await api.done('POST', '/core/groups/', { name: 'family' });
    const path = `/core/groups/${pk}/used_by/`;
    for (const lacking of needed) {
      const others = needed.filter((name) => name !== lacking);
      const weak = await api.limited('authentik_core.view_group', ...others);
      expect(await weak.refused(500, 'GET', path)).toContain('Server Error');
    }
    const seeing = await api.limited('authentik_core.view_group', ...needed);
    expect(await seeing.done('GET', path)).toEqual([]);
    expect(await api.done('GET', path)).toEqual([]);
  });

  it('sees the providers that use a scope mapping with a permission for providers of all types', async () => {
    const api = createApi();
    const body = { name: 'org', scope_name: 'org', expression: 'return {}' };
    const { pk } = await api.done('POST', '/propertymappings/provider/scope/', body);
    const provider = await api.oauth2('vault', { property_mappings: [pk] });
    const path = `/propertymappings/provider/scope/${pk}/used_by/`;
    const mine = [
      'authentik_providers_oauth2.view_scopemapping',
      'authentik_providers_oauth2.view_oauth2provider',
    ];
    expect(await (await api.limited(...mine)).done('GET', path)).toEqual([]);
    expect(await (await api.limited(...mine, 'authentik_core.view_provider')).done('GET', path)).toEqual([
      {
        app: 'authentik_core',
        model_name: 'provider',
        pk: String(provider.pk),
        name: 'vault',
        action: 'cascade_many',
      },
    ]);
  });

  it('loses what its role loses', async () => {
    const api = createApi();
    const weak = await api.limited('authentik_core.view_group');
    await weak.done('GET', '/core/groups/');
    const [role] = (await api.done('GET', '/rbac/roles/')).results;
    await api.done('PATCH', `/rbac/permissions/assigned_by_roles/${role.pk}/unassign/`, {
      permissions: ['authentik_core.view_group'],
    });
    await weak.refused(403, 'GET', '/core/groups/');
  });

  it('also has a role through its group', async () => {
    const api = createApi();
    const weak = await api.limited();
    const role = await api.done('POST', '/rbac/roles/', { name: 'readers' });
    await api.done('POST', `/rbac/permissions/assigned_by_roles/${role.pk}/assign/`, {
      permissions: ['authentik_core.view_group'],
    });
    const { user } = await weak.done('GET', '/core/users/me/');
    await api.done('POST', '/core/groups/', { name: 'readers', roles: [role.pk], users: [user.pk] });
    await weak.done('GET', '/core/groups/');
  });

  it('makes tokens only for itself, which expire', async () => {
    const api = createApi();
    const weak = await api.limited('authentik_core.add_token');
    const { user } = await weak.done('GET', '/core/users/me/');
    const made = await weak.done('POST', '/core/tokens/', { identifier: 'x', user: 3, expiring: false });
    expect(made).toMatchObject({ user: user.pk, expiring: true });
  });

  it('gets the name of the model that it may not add in a transaction', async () => {
    const api = createApi();
    const weak = await api.limited('authentik_core.add_application');
    const body = {
      app: { name: 'X', slug: 'x' },
      provider_model: 'authentik_providers_proxy.proxyprovider',
      provider: { name: 'x' },
    };
    const reply = await weak.call('PUT', '/core/transactional/applications/', body);
    expect([reply.status, reply.body]).toEqual([
      403,
      { provider: 'User lacks permission to create authentik_providers_proxy.proxyprovider' },
    ]);
  });
});

describe('tokens and people', () => {
  it('an API token expires in a day, whatever the request, and shows its key only on request', async () => {
    const api = createApi({ canary: 'CANARY7' });
    const row = await api.done('POST', '/core/tokens/', {
      identifier: 'ci',
      expires: '2099-01-01T00:00:00Z',
    });
    expect(Math.round((Date.parse(row.expires) - Date.now()) / 3_600_000)).toBe(24);
    expect(JSON.stringify(row)).not.toContain('CANARY7');
    expect((await api.done('GET', '/core/tokens/ci/view_key/')).key).toMatch(/^CANARY7.{53}$/);
    await api.done('POST', '/core/tokens/ci/set_key/', { key: 'mine' });
    expect(await api.done('GET', '/core/tokens/ci/view_key/')).toEqual({ key: 'mine' });
    expect(await api.refused(400, 'PATCH', '/core/tokens/ci/', { user: 4 })).toEqual({
      user: ['User cannot be changed'],
    });
  });

  it('a service account gets an app password and, on request, a group', async () => {
    const api = createApi();
    const row = await api.done('POST', '/core/users/service_account/', { name: 'CI 1', create_group: true });
    expect(await api.done('GET', `/core/users/${row.user_pk}/`)).toMatchObject({
      type: 'service_account',
      groups: [row.group_pk],
    });
    expect(await api.done('GET', '/core/tokens/service-account-ci-1-password/')).toMatchObject({
      intent: 'app_password',
      user: row.user_pk,
    });
    const weak = await api.limited('authentik_core.add_user', 'authentik_core.add_token');
    const other = await weak.done('POST', '/core/users/service_account/', { name: 'x', create_group: true });
    expect(other).not.toHaveProperty('group_pk');
  });

  it("the outpost's own account cannot be changed, and deleting a person removes their bindings", async () => {
    const api = createApi();
    expect(await api.refused(400, 'PATCH', '/core/users/2/', { name: 'x' })).toEqual({
      non_field_errors: ["Can't modify internal service account users"],
    });
    const app = await api.done('POST', '/core/applications/', { name: 'X', slug: 'x' });
    await api.done('POST', '/policies/bindings/', { target: app.pk, user: 4, order: 0 });
    await api.done('DELETE', '/core/users/4/');
    expect((await api.done('GET', '/policies/bindings/')).pagination.count).toBe(0);
  });
});
