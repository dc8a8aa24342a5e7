import { beforeEach, describe, expect, it } from 'vitest';
import { mayBind } from '../../../../src/lab/sandbox/authentik/ldap/bind.ts';
import { isLdap } from '../../../../src/lab/sandbox/authentik/providers/ldap-providers.ts';
import { firstWorld } from '../../../../src/lab/sandbox/first-world.ts';
import { judge } from '../../../../src/lab/sandbox/oracle/oracle.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { createApi } from './api.ts';
import { addGroup, call, flowsOf } from './gate.ts';

let world: World;
beforeEach(() => {
  world = firstWorld({ zones: ['example.dev'] });
});

interface Directory {
  pk: number;
  application: string;
}

/** Makes an LDAP provider, its application, and a group that it admits. */
async function directory(name: string, baseDn: string, members: readonly string[]): Promise<Directory> {
  const flows = flowsOf(world);
  const { pk } = await call(world, 'POST', '/providers/ldap/', { name, ...flows, base_dn: baseDn });
  const app = await call(world, 'POST', '/core/applications/', { name, slug: name, provider: pk });
  const group = await addGroup(world, `${name} people`, members);
  await call(world, 'POST', '/policies/bindings/', { target: app.pk, group, order: 0 });
  return { pk, application: app.pk };
}

const outpostOf = (providers: readonly number[]) =>
  call(world, 'POST', '/outposts/instances/', { name: 'directory', type: 'ldap', providers, config: {} });

/** The people whom an outpost admits for a provider. */
function admitted(pk: number, passed: readonly string[] = []): readonly string[] {
  const row = world.authentik.providers.find((each) => each.pk === pk);
  if (row === undefined || !isLdap(row)) throw new Error('there is an LDAP provider');
  return world.authentik.users.flatMap((user) => (mayBind(world, row, user, passed) ? [user.username] : []));
}

describe('a bind at an LDAP outpost', () => {
  it('admits the people whom the bindings of the application admit, and everybody without a binding', async () => {
    const { pk, application } = await directory('films', 'dc=films', ['jo']);
    expect(admitted(pk)).toEqual([]);
    await outpostOf([pk]);
    expect(admitted(pk)).toEqual(['jo']);
    const { results } = await call(world, 'GET', `/policies/bindings/?target=${application}`);
    await call(world, 'DELETE', `/policies/bindings/${results[0].pk}/`);
    expect(admitted(pk)).toContain('akadmin');
  });

  it('admits nobody while the provider has no application', async () => {
    const { pk } = await directory('films', 'dc=films', ['jo']);
    await outpostOf([pk]);
    await call(world, 'PATCH', '/core/applications/films/', { provider: null });
    expect(admitted(pk)).toEqual([]);
  });

  it('asks the application that has the provider as a backchannel, in place of its own', async () => {
    const { pk } = await directory('films', 'dc=films', ['jo']);
    await outpostOf([pk]);
    const other = await directory('other', 'dc=other', ['akadmin']);
    await call(world, 'PATCH', '/core/applications/other/', { backchannel_providers: [pk] });
    expect(admitted(pk)).toEqual(['akadmin']);
    expect(await call(world, 'GET', `/providers/ldap/${pk}/`)).toMatchObject({
      assigned_application_slug: 'films',
      assigned_backchannel_application_slug: 'other',
    });
    expect(admitted(other.pk)).toEqual([]);
  });

  it('asks the policies of the application too, and no authorization flow', async () => {
    const { pk, application } = await directory('films', 'dc=films', ['jo']);
    await outpostOf([pk]);
    const office = { name: 'office', expression: 'return ak_client_ip in office' };
    const { pk: policy } = await call(world, 'POST', '/policies/expression/', office);
    await call(world, 'POST', '/policies/bindings/', { target: application, policy, order: 1 });
    const passing = ['policy office'];
    expect(admitted(pk, passing)).toContain('akadmin');
    await call(world, 'PATCH', '/core/applications/films/', { policy_engine_mode: 'all' });
    expect([admitted(pk), admitted(pk, passing)]).toEqual([[], ['jo']]);
    const require = [{ passes: passing }];
    const admit = { rules: [{ include: [{ groups: ['films people'] }], require }] };
    world.guards = [{ host: 'films.client.invalid', client: 'films', admit }];
    expect(judge(world, 1)).toEqual([]);
    await call(world, 'PATCH', '/core/applications/films/', { policy_engine_mode: 'any' });
    expect(judge(world, 2)).toContainEqual(
      expect.objectContaining({ path: '/ldap/bind', principal: 'jo@example.dev' }),
    );
  });

  it('is answered by the first provider whose base DN is the end of the name', async () => {
    const { pk } = await directory('films', 'dc=films,dc=home', ['jo']);
    const all = await directory('all', 'DC=home', ['akadmin']);
    await outpostOf([pk]);
    expect(admitted(pk)).toEqual(['jo']);
    const [, { pk: outpost } = { pk: '' }] = world.authentik.outposts;
    await call(world, 'PATCH', `/outposts/instances/${outpost}/`, { providers: [pk, all.pk] });
    expect(admitted(pk)).toEqual(['akadmin']);
  });

  it('of somebody outside the guard is an exposure', async () => {
    const { pk } = await directory('films', 'dc=films,dc=home', ['jo']);
    const all = await directory('all', 'dc=home', ['akadmin']);
    world.guards = [{ host: 'films.client.invalid', client: 'films', admit: { groups: ['films people'] } }];
    await outpostOf([pk]);
    expect(judge(world, 1)).toEqual([]);
    const [, { pk: outpost } = { pk: '' }] = world.authentik.outposts;
    await call(world, 'PATCH', `/outposts/instances/${outpost}/`, { providers: [pk, all.pk] });
    expect(judge(world, 2)).toMatchObject([
      { path: '/ldap/bind', principal: expect.stringMatching('admin') },
    ]);
  });
});

describe('an LDAP provider', () => {
  it('is in no list of OAuth2 providers, and its application has no address', async () => {
    const { pk } = await directory('films', 'dc=films', []);
    expect((await call(world, 'GET', '/providers/oauth2/')).results).toEqual([]);
    expect((await call(world, 'GET', '/providers/all/')).results).toMatchObject([
      { pk, component: 'ak-provider-ldap-form', verbose_name: 'LDAP Provider' },
    ]);
    const list = await call(world, 'GET', '/core/applications/?superuser_full_list=true');
    expect(list.results).toMatchObject([{ slug: 'films', launch_url: null }]);
  });

  it('needs name and flows, and a name that no provider has', async () => {
    const api = createApi();
    expect(await api.refused(400, 'POST', '/providers/ldap/', {})).toEqual({
      name: ['This field is required.'],
      authorization_flow: ['This field is required.'],
      invalidation_flow: ['This field is required.'],
    });
    await api.oauth2('taken');
    const { authorization_flow, invalidation_flow } = api;
    const body = { name: 'taken', authorization_flow, invalidation_flow, bind_mode: 'never' };
    expect(await api.refused(400, 'POST', '/providers/ldap/', body)).toEqual({
      name: ['provider with this name already exists.'],
      bind_mode: ['"never" is not a valid choice.'],
    });
  });

  it('has the defaults of Authentik, and loses its key pair and its outposts with them', async () => {
    const api = createApi();
    const { authorization_flow, invalidation_flow } = api;
    const made = await api.done('POST', '/providers/ldap/', {
      name: 'a',
      authorization_flow,
      invalidation_flow,
    });
    expect(made).toMatchObject({
      base_dn: 'DC=ldap,DC=goauthentik,DC=io',
      uid_start_number: 2000,
      gid_start_number: 4000,
      search_mode: 'direct',
      bind_mode: 'direct',
      mfa_support: true,
      outpost_set: [],
    });
    const certificate = api.world.authentik.keyPairs[0]?.pk;
    await api.done('PATCH', `/providers/ldap/${made.pk}/`, { certificate });
    expect(await api.done('GET', `/crypto/certificatekeypairs/${certificate}/used_by/`)).toMatchObject([
      { app: 'authentik_providers_ldap', model_name: 'ldapprovider', name: 'LDAP Provider a' },
    ]);
    const body = { name: 'directory', type: 'ldap', providers: [made.pk], config: {} };
    const outpost = await api.done('POST', '/outposts/instances/', body);
    await api.done('DELETE', `/crypto/certificatekeypairs/${certificate}/`);
    const own = `/providers/ldap/${made.pk}/`;
    expect(await api.done('GET', own)).toMatchObject({
      certificate: null,
      outpost_set: ['Outpost directory'],
    });
    await api.done('DELETE', own);
    expect(await api.done('GET', `/outposts/instances/${outpost.pk}/`)).toMatchObject({ providers: [] });
  });

  it('fits only an outpost of its type, if the request names the type', async () => {
    const api = createApi();
    const { authorization_flow, invalidation_flow } = api;
    const { pk } = await api.done('POST', '/providers/ldap/', {
      name: 'a',
      authorization_flow,
      invalidation_flow,
    });
    const [embedded] = api.world.authentik.outposts;
    const body = { name: 'web', type: 'proxy', providers: [pk], config: {} };
    expect(await api.refused(400, 'POST', '/outposts/instances/', body)).toEqual({
      providers: ["Outpost type proxy can't be used with LDAPProvider providers."],
    });
    const proxy = await api.done('POST', '/providers/oauth2/', {
      ...{ name: 'b', authorization_flow, invalidation_flow, redirect_uris: [] },
    });
    const ldap = { name: 'directory', type: 'ldap', providers: [proxy.pk], config: {} };
    expect(await api.refused(400, 'POST', '/outposts/instances/', ldap)).toEqual({
      providers: ["Outpost type ldap can't be used with OAuth2Provider providers."],
    });
    await api.done('PATCH', `/outposts/instances/${embedded?.pk}/`, { providers: [pk] });
  });

  it('needs permissions of its own', async () => {
    const api = createApi();
    const weak = await api.limited('authentik_providers_oauth2.view_oauth2provider');
    await weak.refused(403, 'GET', '/providers/ldap/');
    const viewer = await api.limited('authentik_providers_ldap.view_ldapprovider');
    await viewer.done('GET', '/providers/ldap/');
    await viewer.refused(403, 'POST', '/providers/ldap/', {});
  });
});
