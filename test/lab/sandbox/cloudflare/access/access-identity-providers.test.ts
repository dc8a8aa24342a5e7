import { describe, expect, it } from 'vitest';
import { type Api, createApi } from '../api.ts';

const URLS = {
  auth_url: 'https://auth.example.dev/application/o/authorize/',
  token_url: 'https://auth.example.dev/application/o/token/',
  certs_url: 'https://auth.example.dev/application/o/access/jwks/',
};
const CONFIG = { client_id: 'access', client_secret: 'CANARY', ...URLS };
const OIDC = { name: 'Authentik', type: 'oidc', config: CONFIG };
const PIN = { name: 'One-time PIN', type: 'onetimepin', config: {} };
const APP = { type: 'self_hosted', domain: 'app.example.dev', name: 'app' };

const path = (api: Api) => `${api.account}/access/identity_providers`;

describe('identity providers', () => {
  it('never show the written secret, and show defaults for unset fields', async () => {
    const api = createApi();
    const reply = await api.call('POST', path(api), OIDC);
    expect(reply.status).toBe(201);
    const { id } = reply.body.result;
    expect(reply.body.result).toEqual({
      id,
      uid: id,
      name: 'Authentik',
      type: 'oidc',
      config: {
        client_id: 'access',
        ...URLS,
        scopes: ['openid', 'email', 'profile'],
        redirect_url: 'https://example.cloudflareaccess.com/cdn-cgi/access/callback',
      },
      scim_config: {
        enabled: false,
        identity_update_behavior: 'no_action',
        seat_deprovision: false,
        user_deprovision: false,
      },
    });
    for (const scope of [api.account, api.zone]) {
      expect(await api.done('GET', `${scope}/access/identity_providers`)).toEqual([reply.body.result]);
    }
    expect(JSON.stringify(api.world.identityProviders)).not.toContain('CANARY');
    expect(api.world.identitySecrets).toEqual({ [id]: 'CANARY' });
  });

  it('omit empty and false values, and keep set ones', async () => {
    const api = createApi();
    const said = { scopes: ['openid', 'gates'], claims: ['groups'], email_claim_name: 'mail' };
    const full = await api.done('POST', path(api), {
      ...OIDC,
      config: { ...CONFIG, ...said, pkce_enabled: true },
    });
    expect(full.config).toMatchObject({ ...said, pkce_enabled: true });
    const { config } = await api.done('POST', path(api), {
      ...OIDC,
      config: { ...CONFIG, claims: [], scopes: [], email_claim_name: '', pkce_enabled: false },
    });
    expect(Object.keys(config)).toEqual([
      ...['client_id', 'auth_url', 'token_url', 'certs_url', 'scopes', 'redirect_url'],
    ]);
  });

  it('accept what they showed, which loses the secret: a PUT replaces everything', async () => {
    const api = createApi();
    const row = await api.done('POST', path(api), { ...OIDC, config: { ...CONFIG, claims: ['groups'] } });
    expect(await api.done('PUT', `${path(api)}/${row.id}`, row)).toEqual(row);
    expect(api.world.identitySecrets).toEqual({});
    const again = await api.done('PUT', `${path(api)}/${row.id}`, { ...OIDC, name: 'Login' });
    expect(again).toMatchObject({ id: row.id, name: 'Login' });
    expect(again.config).not.toHaveProperty('claims');
    expect(api.world.identitySecrets).toEqual({ [row.id]: 'CANARY' });
  });

  it('allow a single one-time PIN, without settings', async () => {
    const api = createApi();
    const pin = await api.done('POST', path(api), PIN);
    expect(pin).toEqual({
      id: pin.id,
      uid: pin.id,
      name: 'One-time PIN',
      type: 'onetimepin',
      config: { redirect_url: 'https://example.cloudflareaccess.com/cdn-cgi/access/callback' },
    });
    await api.refused(409, 12140, 'POST', path(api), PIN);
    expect(await api.done('PUT', `${path(api)}/${pin.id}`, pin)).toEqual(pin);
  });

  it('of other types are stored and listed', async () => {
    const api = createApi();
    const config = { client_id: 'a', client_secret: 'CANARY' };
    await api.done('POST', path(api), { name: 'GitHub', type: 'github', config });
    expect(await api.done('GET', path(api))).toMatchObject([{ type: 'github', config: { client_id: 'a' } }]);
    expect(JSON.stringify(await api.done('GET', path(api)))).not.toContain('CANARY');
  });

  it.each([
    { because: 'a type that there is not', body: { ...OIDC, type: 'ldap' }, says: 'type' },
    { because: 'no name', body: { ...OIDC, name: '' }, says: 'name' },
    { because: 'no configuration', body: { name: 'x', type: 'oidc' }, says: 'config' },
    { because: 'no client', body: { ...OIDC, config: { ...URLS, client_secret: 'x' } }, says: 'client_id' },
    { because: 'no secret', body: { ...OIDC, config: { ...URLS, client_id: 'x' } }, says: 'client_secret' },
    {
      because: 'an address without encryption',
      body: { ...OIDC, config: { ...CONFIG, token_url: 'http://auth.example.dev/' } },
      says: 'token_url',
    },
    {
      because: 'a field that it does not have',
      body: { ...OIDC, config: { ...CONFIG, issuer_url: 'https://auth.example.dev/' } },
      says: 'issuer_url',
    },
    { because: 'a PIN with a client', body: { ...PIN, config: { client_id: 'x' } }, says: 'client_id' },
    { because: 'a PIN with SCIM', body: { ...PIN, scim_config: {} }, says: 'scim_config' },
    { because: 'SCIM, which is not played', body: { ...OIDC, scim_config: { enabled: true } }, says: 'SCIM' },
  ])('are rejected for $because', async ({ body, says }) => {
    const api = createApi();
    expect(await api.refused(400, 12130, 'POST', path(api), body)).toContain(says);
    expect(api.world.identityProviders).toEqual([]);
  });

  it('keep their type, stay while something uses them, and are 404 once they are deleted', async () => {
    const api = createApi();
    const { id } = await api.done('POST', path(api), OIDC);
    await api.refused(400, 12130, 'PUT', `${path(api)}/${id}`, PIN);
    const app = await api.done('POST', `${api.account}/access/apps`, { ...APP, allowed_idps: [id] });
    await api.refused(400, 12130, 'DELETE', `${path(api)}/${id}`);
    await api.done('DELETE', `${api.account}/access/apps/${app.id}`);
    const oidc = { claim_name: 'groups', claim_value: 'admins', identity_provider_id: id };
    for (const include of [[{ oidc }], [{ login_method: { id } }]]) {
      const policies = `${api.account}/access/policies`;
      const policy = await api.done('POST', policies, { name: 'p', decision: 'allow', include });
      await api.refused(400, 12130, 'DELETE', `${path(api)}/${id}`);
      await api.done('DELETE', `${policies}/${policy.id}`);
    }
    const gone = await api.call('DELETE', `${path(api)}/${id}`);
    expect([gone.status, gone.body.result]).toEqual([202, { id }]);
    expect(api.world.identitySecrets).toEqual({});
    await api.refused(404, 12135, 'GET', `${path(api)}/${id}`);
  });

  it.each([
    { group: 'Access: Organizations, Identity Providers, and Groups Write', may: [200, 201] },
    { group: 'Access: Organizations, Identity Providers, and Groups Read', may: [200, 403] },
    { group: 'Access: Apps and Policies Write', may: [403, 403] },
  ])('can be read and written by a token with $group as far as that permits', async ({ group, may }) => {
    const api = createApi();
    for (const token of api.world.apiTokens) token.permissions = [group];
    const read = await api.call('GET', path(api));
    const reply = await api.call('POST', path(api), OIDC);
    expect([read.status, reply.status]).toEqual(may);
  });

  it('are at most fifty', async () => {
    const api = createApi();
    for (let made = 0; made < 50; made += 1) await api.done('POST', path(api), OIDC);
    expect(await api.refused(400, 12130, 'POST', path(api), OIDC)).toContain('50');
  });
});

describe('a reference to an identity provider', () => {
  it('in an application redirects at once to exactly one of those that it allows', async () => {
    const api = createApi();
    const { id } = await api.done('POST', path(api), OIDC);
    const apps = `${api.account}/access/apps`;
    const redirect = { ...APP, auto_redirect_to_identity: true };
    expect(await api.refused(400, 12130, 'POST', apps, redirect)).toContain('exactly one');
    const app = await api.done('POST', apps, { ...redirect, allowed_idps: [id] });
    expect(app).toMatchObject({ allowed_idps: [id], auto_redirect_to_identity: true });
    const pin = await api.done('POST', path(api), PIN);
    const both = { ...redirect, allowed_idps: [id, pin.id] };
    expect(await api.refused(400, 12130, 'PUT', `${apps}/${app.id}`, both)).toContain('exactly one');
  });

  it.each([
    { because: 'it does not exist', id: () => 'nobody', says: 'does not exist' },
    { because: 'it sends no claims', id: (pin: string) => pin, says: 'type oidc' },
  ])('in a claim rule is rejected, because $because', async ({ id, says }) => {
    const api = createApi();
    const pin = await api.done('POST', path(api), PIN);
    const oidc = { claim_name: 'groups', claim_value: 'admins', identity_provider_id: id(pin.id) };
    const body = { name: 'p', decision: 'allow', include: [{ oidc }] };
    expect(await api.refused(400, 12130, 'POST', `${api.account}/access/policies`, body)).toContain(says);
  });
});
