import { describe, expect, it } from 'vitest';
import { PROXY_MAPPINGS } from '../../../../../src/lab/sandbox/authentik/providers/proxy-providers.ts';
import { type Api, createApi } from '../api.ts';

async function managedMappings(api: Api): Promise<string[]> {
  const { results } = await api.done('GET', '/propertymappings/provider/scope/?managed__isnull=false');
  return results
    .filter(({ managed }: { managed: string }) => PROXY_MAPPINGS.includes(managed))
    .map(({ pk }: { pk: string }) => pk);
}

describe('a proxy provider', () => {
  it('gets the server’s values, and shows neither of its secrets', async () => {
    const api = createApi({ canary: 'CANARY7' });
    const made = await api.proxy('grafana');
    expect(made).toMatchObject({
      mode: 'forward_single',
      internal_host: '',
      internal_host_ssl_validation: true,
      intercept_header_auth: true,
      access_token_validity: 'hours=1',
      refresh_token_validity: 'days=30',
      skip_path_regex: '',
      outpost_set: [],
      component: 'ak-provider-proxy-form',
      redirect_uris: [
        {
          matching_mode: 'strict',
          url: 'https://grafana.example.dev/outpost.goauthentik.io/callback?X-authentik-auth-callback=true',
          redirect_uri_type: 'authorization',
        },
        {
          matching_mode: 'strict',
          url: 'https://grafana.example.dev?X-authentik-auth-callback=true',
          redirect_uri_type: 'authorization',
        },
      ],
    });
    expect(made.client_id).toMatch(/^[0-9a-z]{40}$/);
    expect(JSON.stringify(made)).not.toContain('CANARY7');
    const [row] = api.world.authentik.providers;
    expect([row?.client_secret.length, row?.proxy?.cookie_secret.length]).toEqual([128, 32]);
    expect([row?.client_secret, row?.proxy?.cookie_secret].every((text) => text?.includes('CANARY7'))).toBe(
      true,
    );
  });

  it.each([
    { host: 'https://a.example.dev/b', first: 'https://a.example.dev/outpost.goauthentik.io/callback' },
    { host: 'https://a.example.dev/b/', first: 'https://a.example.dev/b/outpost.goauthentik.io/callback' },
    {
      host: 'https://A.example.dev:8443',
      first: 'https://A.example.dev:8443/outpost.goauthentik.io/callback',
    },
  ])('stores $host as sent, and joins it as Python does', async ({ host, first }) => {
    const api = createApi();
    const made = await api.proxy('x', { external_host: host });
    expect(made.external_host).toBe(host);
    expect(made.redirect_uris).toMatchObject([
      { url: `${first}?X-authentik-auth-callback=true` },
      { url: `${host}?X-authentik-auth-callback=true` },
    ]);
  });

  it('always has the managed scope mappings, besides its own', async () => {
    const api = createApi();
    const own = await api.done('POST', '/propertymappings/provider/scope/', {
      name: 'own',
      scope_name: 'own',
      expression: 'return {}',
    });
    const { pk, property_mappings } = await api.proxy('x', { property_mappings: [own.pk] });
    const managed = await managedMappings(api);
    expect(managed).toHaveLength(5);
    expect([...(property_mappings as string[])].sort()).toEqual([own.pk, ...managed].sort());
    const emptied = await api.done('PATCH', `/providers/proxy/${pk}/`, {
      mode: 'forward_single',
      property_mappings: [],
    });
    expect(emptied.property_mappings.sort()).toEqual(managed.sort());
  });

  it('is refused a PATCH without mode, and accepts one with it', async () => {
    const api = createApi();
    const { pk } = await api.proxy('x');
    const path = `/providers/proxy/${pk}/`;
    expect(await api.refused(400, 'PATCH', path, { name: 'y' })).toEqual({
      internal_host: ['Internal host cannot be empty when forward auth is disabled.'],
    });
    const patched = await api.done('PATCH', path, { name: 'y', mode: 'forward_single' });
    expect(patched).toMatchObject({ name: 'y', external_host: 'https://x.example.dev' });
  });

  it('writes two events with each write', async () => {
    const api = createApi();
    const { pk } = await api.proxy('x');
    await api.done('PATCH', `/providers/proxy/${pk}/`, { mode: 'forward_single' });
    await api.done('DELETE', `/providers/proxy/${pk}/`);
    const { results } = await api.done('GET', `/events/events/?context_model_pk=${pk}&ordering=created`);
    const told = results.map((event: { action: string; context: { model: { model_name: string } } }) => [
      event.action,
      event.context.model.model_name,
    ]);
    expect(told.sort()).toEqual([
      ['model_created', 'proxyprovider'],
      ['model_deleted', 'oauth2provider'],
      ['model_deleted', 'proxyprovider'],
      ['model_updated', 'proxyprovider'],
      ['model_updated', 'proxyprovider'],
      ['model_updated', 'proxyprovider'],
    ]);
  });

  it('is found in any case, and by whether it has an application', async () => {
    const api = createApi();
    await api.proxy('a');
    await api.proxy('A', { external_host: 'https://b.example.dev' });
    const count = async (query: string) =>
      (await api.done('GET', `/providers/proxy/?${query}`)).pagination.count;
    expect(await count('name__iexact=a')).toBe(2);
    expect(await count('external_host__iexact=HTTPS://B.example.dev')).toBe(1);
    expect(await count('mode__iexact=proxy')).toBe(0);
    expect(await count('application__isnull=true')).toBe(2);
    expect(
      await count('authorization_flow__slug__iexact=default-provider-authorization-implicit-consent'),
    ).toBe(2);
  });
});

describe('an OAuth2 provider', () => {
  it('has no grant types unless the request has them, and shows its secret', async () => {
    const api = createApi();
    const made = await api.oauth2('vault');
    expect(made).toMatchObject({
      grant_types: [],
      property_mappings: [],
      signing_key: null,
      client_type: 'confidential',
      sub_mode: 'hashed_user_id',
      issuer_mode: 'per_provider',
      access_code_validity: 'minutes=1',
      refresh_token_threshold: 'seconds=0',
      logout_method: 'backchannel',
      include_claims_in_id_token: true,
    });
    expect(made.client_secret).toMatch(/^[0-9a-z]{128}$/);
    const listed = await api.done('GET', '/providers/oauth2/?name=vault');
    expect(listed.results[0].client_secret).toBe(made.client_secret);
  });

  it('keeps the order of its redirect URIs, and rejects a used client id', async () => {
    const api = createApi();
    const uris = ['b', 'a', 'c'].map((name) => ({
      matching_mode: 'strict',
      url: `https://${name}.example.dev/`,
      redirect_uri_type: name === 'c' ? 'logout' : 'authorization',
    }));
    const made = await api.oauth2('vault', { client_id: 'vault', redirect_uris: uris });
    expect(made.redirect_uris).toEqual(uris);
    const { authorization_flow, invalidation_flow } = api;
    const twin = { name: 'x', authorization_flow, invalidation_flow, redirect_uris: [], client_id: 'vault' };
    expect(await api.refused(400, 'POST', '/providers/oauth2/', twin)).toEqual({
      client_id: ['OAuth2/OpenID Provider with this Client ID already exists.'],
    });
  });

  it('names its endpoints once it has an application', async () => {
    const api = createApi();
    const { pk } = await api.oauth2('vault');
    const path = `/providers/oauth2/${pk}/setup_urls/`;
    const row = api.world.authentik.providers[0];
    expect(await api.done('GET', path)).toMatchObject({ issuer: null, provider_info: null, logout: null });
    await api.done('POST', '/core/applications/', { name: 'Vault', slug: 'vault', provider: pk });
    expect(await api.done('GET', path)).toEqual({
      issuer: 'http://authentik.test/application/o/vault/',
      authorize: 'http://authentik.test/application/o/authorize/',
      token: 'http://authentik.test/application/o/token/',
      user_info: 'http://authentik.test/application/o/userinfo/',
      provider_info: 'http://authentik.test/application/o/vault/.well-known/openid-configuration',
      logout: 'http://authentik.test/application/o/vault/end-session/',
      jwks: 'http://authentik.test/application/o/vault/jwks/',
      dcr_registration: null,
    });
    if (row) row.issuer_mode = 'global';
    expect(await api.done('GET', path)).toMatchObject({ issuer: 'http://authentik.test/' });
  });
});

describe('providers of all types', () => {
  it('include proxy providers in the OAuth2 list', async () => {
    const api = createApi();
    const { pk } = await api.proxy('grafana');
    await api.oauth2('vault');
    const { results } = await api.done('GET', '/providers/oauth2/');
    expect(results).toMatchObject([
      { name: 'grafana', component: 'ak-provider-oauth2-form' },
      { name: 'vault', component: 'ak-provider-oauth2-form' },
    ]);
    const all = await api.done('GET', '/providers/all/');
    expect(all.results).toMatchObject([
      { name: 'grafana', component: 'ak-provider-proxy-form' },
      { name: 'vault', component: 'ak-provider-oauth2-form' },
    ]);
    await api.done('PATCH', `/providers/oauth2/${pk}/`, { grant_types: ['authorization_code'] });
    await api.done('PATCH', `/providers/proxy/${pk}/`, { mode: 'forward_single' });
    expect(await api.done('GET', `/providers/oauth2/${pk}/`)).toMatchObject({
      grant_types: ['authorization_code'],
    });
    await api.done('DELETE', `/providers/oauth2/${pk}/`);
    await api.refused(404, 'GET', `/providers/proxy/${pk}/`);
  });

  it('share one set of names', async () => {
    const api = createApi();
    await api.proxy('x');
    const { authorization_flow, invalidation_flow } = api;
    const twin = { name: 'x', authorization_flow, invalidation_flow, redirect_uris: [] };
    expect(await api.refused(400, 'POST', '/providers/oauth2/', twin)).toEqual({
      name: ['provider with this name already exists.'],
    });
  });

  it('are deleted without their application, which stays, and leave the outpost', async () => {
    const api = createApi();
    const { pk } = await api.proxy('x');
    await api.done('POST', '/core/applications/', { name: 'X', slug: 'x', provider: pk });
    const { results } = await api.done('GET', '/outposts/instances/');
    const outpost = `/outposts/instances/${results[0].pk}/`;
    await api.done('PATCH', outpost, { providers: [pk] });
    expect(await api.done('GET', `/providers/proxy/${pk}/`)).toMatchObject({
      outpost_set: ['Outpost authentik Embedded Outpost'],
      assigned_application_name: 'X',
    });
    const users = await api.done('GET', `/providers/proxy/${pk}/used_by/`);
    expect(await api.done('GET', `/providers/all/${pk}/used_by/`)).toEqual(users);
    const mappings = users.splice(0, 5);
    expect(new Set(mappings.map(({ model_name }: { model_name: string }) => model_name))).toEqual(
      new Set(['propertymapping']),
    );
    expect(users).toMatchObject([
      { model_name: 'application', action: 'set_default' },
      { model_name: 'outpost', name: 'Outpost authentik Embedded Outpost', action: 'cascade_many' },
    ]);
    await api.done('DELETE', `/providers/all/${pk}/`);
    expect(await api.done('GET', '/core/applications/x/')).toMatchObject({
      provider: null,
      provider_obj: null,
    });
    expect(await api.done('GET', outpost)).toMatchObject({ providers: [], providers_obj: [] });
  });

  it('are deleted with their authorization flow', async () => {
    const api = createApi();
    await api.proxy('x');
    await api.oauth2('y');
    const slug = 'default-provider-authorization-implicit-consent';
    const users = await api.done('GET', `/flows/instances/${slug}/used_by/`);
    expect(users.map(({ name, action }: { name: string; action: string }) => [name, action])).toEqual([
      ['x', 'cascade'],
      ['y', 'cascade'],
    ]);
    await api.done('DELETE', `/flows/instances/${slug}/`);
    expect((await api.done('GET', '/providers/all/')).results).toEqual([]);
  });

  it('lose a deleted scope mapping', async () => {
    const api = createApi();
    const path = '/propertymappings/provider/scope/';
    const own = await api.done('POST', path, { name: 'own', scope_name: 'own', expression: 'return {}' });
    const { pk } = await api.oauth2('x', { property_mappings: [own.pk] });
    expect(await api.done('GET', `${path}${own.pk}/used_by/`)).toMatchObject([
      { name: 'x', action: 'cascade_many' },
    ]);
    await api.done('DELETE', `${path}${own.pk}/`);
    expect(await api.done('GET', `/providers/oauth2/${pk}/`)).toMatchObject({ property_mappings: [] });
  });
});

describe('redirect URIs', () => {
  const untyped = { matching_mode: 'strict', url: 'https://v.example.dev/cb' };
  const typed = { ...untyped, redirect_uri_type: 'authorization' };

  it('without a type show none in the replies to changes', async () => {
    const api = createApi();
    const { pk } = await api.oauth2('vault');
    const path = `/providers/oauth2/${pk}/`;
    const changed = async (body: object) => (await api.done('PATCH', path, body)).redirect_uris;
    expect(await changed({ redirect_uris: [untyped] })).toEqual([untyped]);
    expect(await changed({ name: 'safe' })).toEqual([untyped]);
    expect((await api.done('GET', path)).redirect_uris).toEqual([typed]);
    expect(await changed({ redirect_uris: [typed] })).toEqual([typed]);
  });

  it('of a proxy provider have a lower-case scheme', async () => {
    const api = createApi();
    const { redirect_uris } = await api.proxy('x', { external_host: 'HTTPS://ZZ.example.dev' });
    const callback = 'outpost.goauthentik.io/callback?X-authentik-auth-callback=true';
    expect(redirect_uris).toMatchObject([
      { url: `https://ZZ.example.dev/${callback}` },
      { url: 'HTTPS://ZZ.example.dev?X-authentik-auth-callback=true' },
    ]);
  });
});

it('a client previews the token of a person', async () => {
  const api = createApi();
  const { results } = await api.done('GET', '/propertymappings/provider/scope/?scope_name=email');
  const { pk } = await api.oauth2('vault', { property_mappings: [results[0].pk], sub_mode: 'user_username' });
  const path = `/providers/oauth2/${pk}/preview_user/`;
  expect((await api.done('GET', path)).preview).toMatchObject({ sub: 'akadmin' });
  const jo = { sub: 'jo', email: 'jo@example.dev' };
  expect((await api.done('GET', `${path}?for_user=4`)).preview).toMatchObject(jo);
  await api.refused(400, 'GET', `${path}?for_user=999`);
});
