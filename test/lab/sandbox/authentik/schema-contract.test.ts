import { readFileSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { authentikRoutes } from '../../../../src/lab/sandbox/authentik/index.ts';
import { AUTHENTIK_PRERELEASES, AUTHENTIK_VERSIONS } from '../../../../src/lab/sandbox/index.ts';
import { printedReport } from '../schema.ts';
import { type Api, createApi } from './api.ts';
import { authentikContract } from './contract.ts';
import { KNOWN_ERRORS, RELEASE_DIFFERENCES, UNANNOUNCED } from './known-errors.ts';

const EXCUSES = [...UNANNOUNCED, ...KNOWN_ERRORS, ...RELEASE_DIFFERENCES];
const NOWHERE = '00000000-0000-4000-8000-000000000000';

describe.each([...AUTHENTIK_VERSIONS, ...AUTHENTIK_PRERELEASES])(
  'every request and reply of %s fits the document of 2026.8',
  (version) => {
    it('over a tour of every operation, with a success and a refusal each', async () => {
      const api = createApi({ authentikVersion: version });
      await tour(api);
      if (version === '2025.8') await olderNames(api);
      const { report } = api.contract;
      writeSync(1, `${version}: ${printedReport(report, EXCUSES)}`);
      expect(report.mistakes).toEqual([]);
      expect([...report.operations].sort()).toEqual(servedOperations());
      expect(report.requests).toBeGreaterThan(100);
      expect(report.replies).toBeGreaterThan(200);
      const expected = [
        ...UNANNOUNCED,
        ...KNOWN_ERRORS,
        ...RELEASE_DIFFERENCES.filter(({ in: releases }) => releases.includes(version)),
      ];
      expect([...report.exceptions.keys()].sort()).toEqual(expected.map(({ id }) => id).sort());
    });
  },
);

it('docs/sandbox.md lists every known error and every difference of a release with its reason', () => {
  const page = readFileSync(new URL('../../../../docs/sandbox.md', import.meta.url), 'utf8');
  const rows = EXCUSES.map(({ id, reason }) => `| ${id} | ${reason} |`);
  expect(rows.filter((row) => !page.includes(row))).toEqual([]);
});

const planted: {
  because: string;
  method: string;
  path: string;
  sent?: string;
  status: number;
  body: unknown;
  says: string;
}[] = [
  {
    because: 'a list without autocomplete',
    method: 'GET',
    path: '/core/groups/',
    status: 200,
    body: { pagination: {}, results: [] },
    says: "required property 'autocomplete'",
  },
  {
    because: 'an undeclared member',
    method: 'GET',
    path: '/admin/version/',
    status: 200,
    body: { colour: 'red' },
    says: 'colour',
  },
  {
    because: 'a refusal without detail',
    method: 'GET',
    path: '/core/groups/',
    status: 403,
    body: { error: 'no' },
    says: "'detail'",
  },
  {
    because: '201 where Authentik says 200',
    method: 'POST',
    path: '/core/users/service_account/',
    sent: '{"name":"x"}',
    status: 201,
    body: {},
    says: 'status 201',
  },
  {
    because: '401, which Authentik never says',
    method: 'GET',
    path: '/core/groups/',
    status: 401,
    body: { detail: 'x' },
    says: 'status 401',
  },
  {
    because: 'a request that should have been refused',
    method: 'POST',
    path: '/core/groups/',
    sent: '{"name":7}',
    status: 201,
    body: {},
    says: 'must be string',
  },
  {
    because: 'a body below 204',
    method: 'POST',
    path: `/core/groups/${NOWHERE}/add_user/`,
    sent: '{"pk":1}',
    status: 200,
    body: {},
    says: 'status 200',
  },
  {
    because: 'a query parameter that does not exist',
    method: 'GET',
    path: '/policies/bindings/?group=x',
    status: 200,
    body: {},
    says: 'group is not in the document',
  },
  {
    because: 'an answer to a path of its own',
    method: 'GET',
    path: '/gates/',
    status: 200,
    body: {},
    says: 'not in the document',
  },
];

it.each(planted)('would catch $because', async ({ method, path, sent, status, body, says }) => {
  const contract = authentikContract();
  const init = sent === undefined ? { method } : { method, body: sent };
  await contract.around(async () => Response.json(body, { status }))(
    new Request(`http://authentik.test/api/v3${path}`, init),
  );
  expect(contract.report.mistakes.join('\n')).toContain(says);
});

function servedOperations(): string[] {
  return authentikRoutes.map(([method, pattern]) => `${method} ${pattern}`).sort();
}

async function tour(api: Api): Promise<void> {
  await strangers(api);
  await people(api);
  await doors(api);
  await saml(api);
  await ldap(api);
  await keys(api);
  await rest(api);
}

/** Sends the fields that only the oldest release accepts. */
async function olderNames(api: Api): Promise<void> {
  await api.done('POST', '/core/groups/', { name: 'orphan', parent: null });
  const { pk } = await api.oauth2('older');
  const logout = { backchannel_logout_uri: 'https://older.example.dev/out' };
  expect(await api.done('PATCH', `/providers/oauth2/${pk}/`, logout)).toMatchObject(logout);
}

/** Calls every route once with an invalid token, and once for a missing object. */
async function strangers(api: Api): Promise<void> {
  const stranger = api.as('nobody');
  for (const [method, pattern] of authentikRoutes) {
    const path = pattern.replace('{id}', '999').replace(/\{\w+\}/g, NOWHERE);
    await stranger.call(method, path, method === 'GET' ? undefined : {});
    if (pattern.includes('{')) await api.call(method, path, method === 'GET' ? undefined : {});
  }
}

async function people(api: Api): Promise<void> {
  const group = await api.done('POST', '/core/groups/', { name: 'family', attributes: { a: { b: 1 } } });
  const path = `/core/groups/${group.pk}/`;
  await api.done('PATCH', path, { attributes: {} });
  await api.done('PUT', path, { name: 'family', users: [4] });
  await api.done('POST', `${path}remove_user/`, { pk: 4 });
  await api.done('POST', `${path}add_user/`, { pk: 4 });
  await api.refused(404, 'POST', `${path}add_user/`, { pk: 999 });
  await api.done('GET', `${path}used_by/`);
  await api.done('GET', `${path}?include_users=false`);
  await api.done('GET', '/core/groups/?name=family&include_users=false&page_size=100&ordering=-name');
  await api.refused(400, 'POST', '/core/groups/', { name: 'family' });
  await api.refused(404, 'GET', '/core/groups/?page=9');
  await api.refused(400, 'GET', '/core/groups/?attributes=x');
  await api.done('DELETE', path);

  const person = await api.done('POST', '/core/users/', {
    username: 'ann',
    name: 'Ann',
    email: 'ann@example.net',
  });
  await api.done('PATCH', `/core/users/${person.pk}/`, { name: 'Anna' });
  await api.done('PUT', `/core/users/${person.pk}/`, { username: 'ann', name: 'Ann' });
  await api.done('GET', `/core/users/${person.pk}/used_by/`);
  await api.done('GET', '/core/users/?username=ann');
  await api.done('GET', '/core/users/me/');
  const account = await api.done('POST', '/core/users/service_account/', { name: 'ci', create_group: true });
  await api.refused(400, 'POST', '/core/users/service_account/', { name: 'ci' });
  await api.done('POST', '/core/tokens/', { identifier: 'ci', user: account.user_pk });
  await api.refused(400, 'POST', '/core/tokens/', { identifier: 'ci' });
  await api.done('GET', '/core/tokens/?identifier=ci');
  for (const [method, body] of [
    ['PUT', { identifier: 'ci' }],
    ['PATCH', { expiring: false }],
  ] as const) {
    await api.done(method, '/core/tokens/ci/', body);
  }
  await api.done('GET', '/core/tokens/ci/used_by/');
  await api.done('GET', '/core/tokens/ci/view_key/');
  await api.done('POST', '/core/tokens/ci/set_key/', { key: 'another' });
  await api.done('DELETE', '/core/tokens/ci/');
  await api.done('DELETE', `/core/users/${person.pk}/`);

  const role = await api.done('POST', '/rbac/roles/', { name: 'readers' });
  const own = `/rbac/roles/${role.pk}/`;
  await api.done('PUT', own, { name: 'reader' });
  await api.done('PATCH', own, { name: 'readers' });
  await api.done('GET', '/rbac/roles/?name=readers');
  await api.done('GET', `${own}used_by/`);
  await api.done('POST', `${own}add_user/`, { pk: 4 });
  await api.done('POST', `${own}remove_user/`, { pk: 4 });
  const assigned = `/rbac/permissions/assigned_by_roles/${role.pk}`;
  await api.done('POST', `${assigned}/assign/`, { permissions: ['authentik_core.view_group'] });
  await api.refused(400, 'POST', `${assigned}/assign/`, { permissions: ['everything'] });
  await api.done('PATCH', `${assigned}/unassign/`, { permissions: ['authentik_core.view_group'] });
  await api.done('DELETE', own);
}

async function doors(api: Api): Promise<void> {
  const { authorization_flow, invalidation_flow } = api;
  const group = await api.done('POST', '/core/groups/', { name: 'admins' });
  const proxy = await api.proxy('grafana');
  const own = `/providers/proxy/${proxy.pk}/`;
  const asked = { name: 'grafana', authorization_flow, invalidation_flow, mode: 'forward_single' };
  await api.done('PUT', own, { ...asked, external_host: 'https://grafana.example.dev' });
  await api.refused(400, 'PATCH', own, { skip_path_regex: '^/x$' });
  await api.done('PATCH', own, { mode: 'forward_single', skip_path_regex: '^/x$' });
  await api.done('GET', '/providers/proxy/?name__iexact=GRAFANA&application__isnull=true');
  const client = await api.oauth2('vault', {
    grant_types: ['authorization_code'],
    redirect_uris: [{ matching_mode: 'strict', url: 'https://vault.example.dev/cb' }],
  });
  const oauth2 = `/providers/oauth2/${client.pk}/`;
  await api.done('PATCH', oauth2, { sub_mode: 'user_email' });
  await api.done('PUT', oauth2, { name: 'vault', authorization_flow, invalidation_flow, redirect_uris: [] });
  await api.refused(400, 'POST', '/providers/oauth2/', { name: 'vault' });
  await api.done('GET', '/providers/oauth2/?name=vault');
  await api.done('GET', '/providers/all/?application__isnull=true');
  await api.done('GET', `/providers/all/${client.pk}/`);

  const app = await api.done('POST', '/core/applications/', {
    name: 'Vault',
    slug: 'vault',
    provider: client.pk,
    meta_launch_url: 'https://vault.example.dev/%(username)s',
  });
  await api.refused(400, 'POST', '/core/applications/', { name: 'Token', slug: 'token' });
  await api.done('PATCH', '/core/applications/vault/', { meta_description: 'mine' });
  await api.done('PUT', '/core/applications/vault/', { name: 'Vault', slug: 'vault' });
  await api.done('GET', '/core/applications/?superuser_full_list=true&page_size=100');
  await api.done('GET', '/core/applications/vault/check_access/?for_user=4');
  await api.done('GET', `${oauth2}setup_urls/`);
  await api.done('GET', `${oauth2}preview_user/`);
  await api.done('GET', `/providers/oauth2/${proxy.pk}/setup_urls/`);
  for (const path of [own, oauth2, `/providers/all/${proxy.pk}/`]) await api.done('GET', `${path}used_by/`);
  await bindings(api, app.pk, group.pk);
  await api.done('PUT', '/core/transactional/applications/', {
    app: { name: 'Docs', slug: 'docs' },
    provider_model: 'authentik_providers_proxy.proxyprovider',
    provider: { ...asked, name: 'docs', external_host: 'https://docs.example.dev' },
    policy_bindings: [{ group: group.pk, order: 0 }],
  });
  await api.refused(400, 'PUT', '/core/transactional/applications/', {
    app: { name: 'Docs', slug: 'docs' },
    provider_model: 'authentik_providers_proxy.proxyprovider',
    provider: { ...asked, name: 'docs', external_host: 'https://docs.example.dev' },
  });
  const weak = await api.limited('authentik_core.add_application');
  await weak.refused(403, 'PUT', '/core/transactional/applications/', {
    app: {},
    provider_model: 'authentik_providers_proxy.proxyprovider',
    provider: {},
  });
  await outposts(api, proxy.pk);
  await api.done('GET', '/core/applications/docs/used_by/');
  await api.done('DELETE', '/core/applications/docs/');
  await api.done('DELETE', own);
  await api.done('DELETE', oauth2);
  const { results } = await api.done('GET', '/providers/all/');
  for (const { pk } of results) await api.done('DELETE', `/providers/all/${pk}/`);
}

async function saml(api: Api): Promise<void> {
  const { authorization_flow, invalidation_flow } = api;
  const mappings = '/propertymappings/provider/saml/';
  const body = { name: 'x', saml_name: 'x', expression: 'return None' };
  const mapping = await api.done('POST', mappings, body);
  await api.done('PATCH', `${mappings}${mapping.pk}/`, { friendly_name: 'X' });
  await api.done('PUT', `${mappings}${mapping.pk}/`, body);
  await api.done('GET', `${mappings}?managed=goauthentik.io/providers/saml/email`);
  await api.refused(400, 'GET', `${mappings}?managed=nobody`);
  const providers = '/providers/saml/';
  const acs_url = 'https://gitlab.example.dev/acs';
  const asked = { name: 'gitlab', authorization_flow, invalidation_flow, acs_url };
  const { pk } = await api.done('POST', providers, { ...asked, property_mappings: [mapping.pk] });
  const own = `${providers}${pk}/`;
  const isOlder = api.world.authentik.version < '2026.5';
  await api.done('PATCH', own, isOlder ? { issuer: 'us' } : { issuer_override: 'us' });
  await api.done('PUT', own, asked);
  await api.refused(400, 'POST', providers, { name: 'gitlab' });
  await api.done('GET', `${own}metadata/`);
  const application = { name: 'GitLab', slug: 'gitlab', provider: pk };
  await api.done('POST', '/core/applications/', application);
  await api.done('GET', own);
  await api.done('GET', `${own}metadata/`);
  await api.done('GET', `${providers}?name=gitlab`);
  for (const path of [own, `${mappings}${mapping.pk}/`]) await api.done('GET', `${path}used_by/`);
  await api.done('PUT', '/core/transactional/applications/', {
    app: { name: 'Wiki', slug: 'wiki' },
    provider_model: 'authentik_providers_saml.samlprovider',
    provider: { ...asked, name: 'wiki' },
  });
  await api.done('DELETE', own);
  await api.done('DELETE', `${mappings}${mapping.pk}/`);
}

async function ldap(api: Api): Promise<void> {
  const { authorization_flow, invalidation_flow } = api;
  const providers = '/providers/ldap/';
  const asked = { name: 'people', authorization_flow, invalidation_flow };
  const { pk } = await api.done('POST', providers, { ...asked, base_dn: 'dc=people', certificate: null });
  const own = `${providers}${pk}/`;
  await api.done('PATCH', own, { search_mode: 'cached', bind_mode: 'cached', tls_server_name: 'ldap.lan' });
  await api.done('PUT', own, { ...asked, uid_start_number: 5000, mfa_support: false });
  await api.refused(400, 'POST', providers, { name: 'people' });
  await api.refused(400, 'PATCH', own, { bind_mode: 'sometimes' });
  await api.done('POST', '/core/applications/', { name: 'People', slug: 'people', provider: pk });
  for (const query of ['name__iexact=People', 'base_dn__iexact=DC=people', 'application__isnull=true']) {
    await api.done('GET', `${providers}?${query}`);
  }
  await api.done('PUT', '/core/transactional/applications/', {
    app: { name: 'Posts', slug: 'posts' },
    provider_model: 'authentik_providers_ldap.ldapprovider',
    provider: { ...asked, name: 'posts' },
  });
  const body = { name: 'directory', type: 'ldap', providers: [pk], config: {} };
  const outpost = await api.done('POST', '/outposts/instances/', body);
  await api.refused(400, 'POST', '/outposts/instances/', { ...body, name: 'web', type: 'proxy' });
  await api.done('GET', own);
  await api.done('GET', `${own}used_by/`);
  await api.done('DELETE', `/outposts/instances/${outpost.pk}/`);
  await api.done('DELETE', own);
}

async function bindings(api: Api, target: string, group: string): Promise<void> {
  const policy = await api.done('POST', '/policies/expression/', { name: 'no', expression: 'return False' });
  const own = `/policies/expression/${policy.pk}/`;
  await api.done('PATCH', own, { execution_logging: true });
  await api.done('PUT', own, { name: 'no', expression: 'return True' });
  await api.done('GET', '/policies/expression/?name=no');
  await api.done('GET', '/policies/all/?search=no');
  await api.done('GET', `/policies/all/${policy.pk}/`);
  const binding = await api.done('POST', '/policies/bindings/', { target, group, order: 0 });
  await api.done('POST', '/policies/bindings/', { target, policy: policy.pk, order: 1 });
  await api.done('POST', '/policies/bindings/', { target, user: 4, order: 1 });
  const path = `/policies/bindings/${binding.pk}/`;
  const whole = { target, group, policy: null, user: null, order: 2 };
  await api.done('PUT', path, whole);
  await api.done('PATCH', path, { ...whole, enabled: false });
  await api.refused(400, 'PATCH', path, { target });
  await api.refused(405, 'PATCH', path, { enabled: true });
  await api.done('GET', `/policies/bindings/?target=${target}&enabled=true&ordering=order`);
  await api.refused(400, 'GET', `/policies/bindings/?target=${NOWHERE}`);
  await api.done('GET', `${path}used_by/`);
  await api.done('GET', `${own}used_by/`);
  await api.done('DELETE', own);
  await api.done('DELETE', path);
}

async function outposts(api: Api, provider: number): Promise<void> {
  const { results } = await api.done('GET', '/outposts/instances/?name__iexact=authentik+embedded+outpost');
  const embedded = `/outposts/instances/${results[0].pk}/`;
  await api.done('PATCH', embedded, { providers: [provider] });
  await api.done('GET', `${embedded}health/`);
  await api.done('GET', `${embedded}used_by/`);
  await api.done('GET', '/outposts/instances/default_settings/');
  const body = { name: 'second', type: 'proxy', providers: [provider], config: {} };
  const made = await api.done('POST', '/outposts/instances/', body);
  await api.done('PUT', `/outposts/instances/${made.pk}/`, body);
  await api.refused(400, 'PATCH', `/outposts/instances/${made.pk}/`, { providers: [] });
  await api.done('DELETE', `/outposts/instances/${made.pk}/`);
}

async function keys(api: Api): Promise<void> {
  const base = '/crypto/certificatekeypairs/';
  const pair = await api.done('POST', `${base}generate/`, {
    common_name: 'gates',
    validity_days: 365,
    alg: 'ecdsa',
    subject_alt_name: 'a.example.dev,b.example.dev',
  });
  await api.refused(400, 'POST', `${base}generate/`, { common_name: 'gates', validity_days: 365 });
  const { data } = await api.done('GET', `${base}${pair.pk}/view_certificate/`);
  await api.done('GET', `${base}${pair.pk}/view_private_key/`);
  const copy = await api.done('POST', base, { name: 'copy', certificate_data: data });
  await api.done('PUT', `${base}${copy.pk}/`, { name: 'copy', certificate_data: data });
  await api.done('PATCH', `${base}${copy.pk}/`, { name: 'copied' });
  await api.done('GET', `${base}?has_key=true&name=gates`);
  await api.done('GET', `${base}${pair.pk}/used_by/`);
  await api.done('DELETE', `${base}${copy.pk}/`);
}

async function rest(api: Api): Promise<void> {
  const scopes = '/propertymappings/provider/scope/';
  const mapping = await api.done('POST', scopes, { name: 'x', scope_name: 'x', expression: 'return {}' });
  await api.done('PATCH', `${scopes}${mapping.pk}/`, { managed: 'gates/home/x' });
  await api.done('PUT', `${scopes}${mapping.pk}/`, { name: 'x', scope_name: 'y', expression: 'return {}' });
  await api.done('GET', `${scopes}?managed=gates/home/x`);
  await api.refused(400, 'GET', `${scopes}?managed=nobody`);
  await api.done('GET', `${scopes}${mapping.pk}/used_by/`);
  await api.done('DELETE', `${scopes}${mapping.pk}/`);

  const brand = await api.done('POST', '/core/brands/', { domain: 'example.dev' });
  const path = `/core/brands/${brand.brand_uuid}/`;
  await api.done('PATCH', path, { branding_title: 'Home' });
  await api.done('PUT', path, { domain: 'example.dev', attributes: {} });
  await api.refused(400, 'PATCH', path, { default: true });
  await api.done('GET', '/core/brands/?domain=example.dev');
  await api.done('GET', `${path}used_by/`);
  await api.done('DELETE', path);

  const slug = 'default-source-enrollment';
  await api.done('GET', `/flows/instances/?slug=${slug}&designation=enrollment`);
  const flow = { name: 'MFA', slug: 'mfa', title: 'MFA', designation: 'authorization' };
  await api.done('POST', '/flows/instances/', { ...flow, authentication: 'require_authenticated' });
  await api.refused(400, 'POST', '/flows/instances/', flow);
  await api.done('GET', `/flows/instances/${slug}/used_by/`);
  await api.done('DELETE', `/flows/instances/${slug}/`);
  await api.done('GET', '/admin/version/');
  await api.done('GET', '/admin/settings/');
  await api.done('PATCH', '/admin/settings/', { flags: api.world.authentik.flags });
  await api.refused(400, 'PATCH', '/admin/settings/', { flags: {} });
  await api.done('GET', '/root/config/');
  const { results } = await api.done(
    'GET',
    '/events/events/?context_model_app=authentik_core&actions=model_updated&actions=model_created',
  );
  await api.done('GET', `/events/events/${results[0].pk}/`);
  await api.call('GET', '/core/groups/', undefined, { authorization: 'Token x' });
  await api.call('POST', '/core/groups/', 'name=x', { 'content-type': 'text/plain' });
  await api.call('POST', '/core/groups/', '{');
}
