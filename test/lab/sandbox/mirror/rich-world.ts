import { generateKeyPairSync } from 'node:crypto';
import { type AuthentikChoice, createSandbox, type Sandbox } from '../../../../src/lab/sandbox/index.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { MACHINES } from '../cloudflare/access/authorities.ts';
import { done, worldOf } from './recorded.ts';

const records = [
  { type: 'A', name: 'a', content: '192.0.2.1', proxied: true, comment: 'by hand' },
  { type: 'AAAA', name: 'a', content: '2001:db8::1', ttl: 300 },
  { type: 'CNAME', name: 'c', content: 'target.example.net' },
  { type: 'MX', name: '@', content: 'mx.example.net', priority: 10 },
  { type: 'TXT', name: 't', content: '"a" "b"' },
  { type: 'NS', name: 'sub', content: 'ns.example.net' },
  { type: 'PTR', name: 'p', content: 'host.example.net' },
  { type: 'CAA', name: '@', data: { flags: 0, tag: 'issue', value: 'ca.example' } },
  { type: 'HTTPS', name: 'h', data: { priority: 1, target: '.', value: 'alpn="h3"' } },
  {
    type: 'SRV',
    name: '_x._tcp',
    data: { priority: 1, weight: 2, port: 443, target: 'host.example.net' },
  },
  { type: 'URI', name: 'u', priority: 1, data: { weight: 2, target: 'https://example.net/' } },
  { type: 'SSHFP', name: 's', data: { algorithm: 1, type: 1, fingerprint: 'ab' } },
];

/** Systems with objects of every kind, many of them foreign. */
export async function richSandbox(authentikVersion: AuthentikChoice = '2026.8'): Promise<Sandbox> {
  const sandbox = await createSandbox({
    zones: ['example.dev', 'example.org'],
    plan: 'pro',
    authentikVersion,
    callBudget: 1_000_000,
  });
  await fillCloudflare(sandbox);
  await fillShield(sandbox);
  await fillAuthentik(sandbox, authentikVersion);
  const world = worldOf(sandbox);
  addForeign(world);
  sandbox.restore(JSON.stringify(world));
  return sandbox;
}

async function fillCloudflare(sandbox: Sandbox): Promise<void> {
  const account = `/accounts/${sandbox.accountId}`;
  const [zone, other] = sandbox.zones;
  const post = (path: string, body: object) => done(sandbox, 'cloudflare', 'POST', path, body);
  const [tunnel] = await done(sandbox, 'cloudflare', 'GET', `${account}/cfd_tunnel?is_deleted=false`);
  const content = `${tunnel.id}.cfargotunnel.com`;
  for (const record of records) await post(`/zones/${zone?.id}/dns_records`, { ttl: 1, ...record });
  for (const name of ['app', 'machine', 'open']) {
    const record = { type: 'CNAME', name, content, proxied: true, ttl: 1 };
    await post(`/zones/${zone?.id}/dns_records`, record);
  }
  await post(`/zones/${other?.id}/dns_records`, { type: 'CNAME', name: '*', content, proxied: true, ttl: 1 });
  await post(`${account}/access/tags`, { name: 'gates-home' });
  const token = await post(`${account}/access/service_tokens`, { name: 'ci', duration: '24h' });
  const reusable = await post(`${account}/access/policies`, {
    name: 'me',
    decision: 'allow',
    include: [{ email: { email: 'me@example.dev' } }, { email_domain: { domain: 'example.net' } }],
    exclude: [{ ip: { ip: '192.0.2.0/24' } }],
    session_duration: '1h',
  });
  const check = await post(`${account}/devices/posture`, { name: 'Disk', type: 'disk_encryption' });
  await post(`${account}/access/certificates`, {
    name: 'machines',
    certificate: MACHINES,
    associated_hostnames: ['machine.example.dev'],
  });
  await post(`${account}/access/policies`, {
    name: 'a safe device',
    decision: 'allow',
    include: [{ geo: { country_code: 'FR' } }],
    require: [{ device_posture: { integration_uid: check.id } }],
  });
  const refusing = await post(`${account}/access/policies`, {
    name: 'not them',
    decision: 'deny',
    include: [{ email: { email: 'them@example.dev' } }],
  });
  const app = await post(`${account}/access/apps`, {
    type: 'self_hosted',
    name: 'app',
    domain: 'app.example.dev',
    destinations: [
      { type: 'public', uri: 'app.example.dev' },
      { type: 'public', uri: 'app.example.dev/two' },
    ],
    tags: ['gates-home'],
    session_duration: '2h',
    policies: [
      { id: reusable.id, precedence: 2 },
      { id: refusing.id, precedence: 1 },
    ],
  });
  await post(`${account}/access/apps`, {
    type: 'self_hosted',
    name: 'machine',
    domain: 'machine.example.dev',
    policies: [
      { name: 'ci', decision: 'non_identity', include: [{ service_token: { token_id: token.id } }] },
    ],
  });
  await post(`/zones/${other?.id}/access/apps`, {
    type: 'self_hosted',
    name: 'of the zone',
    domain: '*.example.org',
    policies: [{ name: 'them', decision: 'allow', include: [{ email: { email: 'them@example.dev' } }] }],
  });
  await post(`${account}/access/apps`, { type: 'bookmark', name: 'link', domain: 'https://example.net/' });
  await post(`${account}/cfd_tunnel`, { name: 'spare', config_src: 'cloudflare' });
  await post(`${account}/cfd_tunnel`, { name: 'by hand', config_src: 'local' });
  await done(sandbox, 'cloudflare', 'PUT', `${account}/cfd_tunnel/${tunnel.id}/configurations`, {
    config: {
      ingress: [
        {
          hostname: 'app.example.dev',
          service: 'http://app.lan',
          originRequest: { access: { required: true, teamName: 'example', audTag: [app.aud] } },
        },
        {
          hostname: 'machine.example.dev',
          path: '^/api',
          service: 'https://127.0.0.1:8443',
          originRequest: { noTLSVerify: true },
        },
        { hostname: 'open.example.dev', service: 'http://open.lan' },
        { service: 'http_status:404' },
      ],
      originRequest: { connectTimeout: 30 },
    },
  });
}

/** Adds custom rules in one zone, and API Shield if it is entitled. */
export async function fillShield(sandbox: Sandbox): Promise<void> {
  const world = worldOf(sandbox);
  for (const each of world.zones.slice(0, 1)) each.apiShield = true;
  sandbox.restore(JSON.stringify(world));
  const zone = `/zones/${sandbox.zones[0]?.id}`;
  const call = (method: string, path: string, body: unknown) =>
    done(sandbox, 'cloudflare', method, `${zone}${path}`, body);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }];
  const { id } = await call('POST', '/token_validation/config', {
    ...{ title: 'api', description: 'of ours', token_type: 'JWT', credentials: { keys } },
    token_sources: ['http.request.headers["authorization"][0]'],
  });
  const operations = ['GET', 'POST'].map((method) => ({
    method,
    host: 'open.example.dev',
    endpoint: '/v1/{id}',
  }));
  const [{ operation_id }] = await call('POST', '/api_gateway/operations', operations);
  const rule = {
    title: 'a',
    description: '',
    action: 'block',
    enabled: true,
    expression: `is_jwt_valid("${id}")`,
  };
  const include = [{ host: ['open.example.dev'] }];
  await call('POST', '/token_validation/rules/bulk', [
    { ...rule, selector: { include, exclude: [{ operation_ids: [operation_id] }] } },
    { ...rule, title: 'b', action: 'log', selector: { include } },
  ]);
  await call('PUT', '/rulesets/phases/http_request_firewall_custom/entrypoint', {
    rules: [
      { action: 'block', expression: 'http.request.uri.path eq "/admin"', ref: 'admin' },
      { action: 'skip', action_parameters: { ruleset: 'current' }, expression: 'ip.src in {10.0.0.0/8}' },
    ],
  });
}

async function fillAuthentik(sandbox: Sandbox, version: AuthentikChoice): Promise<void> {
  const post = (path: string, body: object) => done(sandbox, 'authentik', 'POST', `/api/v3${path}`, body);
  const list = async (path: string) => (await done(sandbox, 'authentik', 'GET', `/api/v3${path}`)).results;
  const all = await post('/core/groups/', { name: 'all', attributes: { of: 'everybody' } });
  const parents = version < '2025.12' ? { parent: all.pk } : { parents: [all.pk] };
  const admins = await post('/core/groups/', { name: 'admins', ...parents });
  const person = {
    name: 'Ada',
    email: 'ada@example.dev',
    groups: [admins.pk],
    attributes: { likes: 'maths' },
  };
  await post('/core/users/', { username: 'ada', ...person });
  await post('/core/users/', { username: 'robot', name: 'Robot', type: 'service_account' });
  const flows: { slug: string; pk: string }[] = await list('/flows/instances/');
  const flow = (slug: string) => flows.find((each) => each.slug === slug)?.pk;
  const common = {
    authorization_flow: flow('default-provider-authorization-implicit-consent'),
    invalidation_flow: flow('default-provider-invalidation-flow'),
  };
  const mappings = await list('/propertymappings/provider/scope/');
  const pair = await post('/crypto/certificatekeypairs/generate/', {
    common_name: 'signs',
    validity_days: 365,
    alg: 'ecdsa',
  });
  const proxy = await post('/providers/proxy/', {
    ...common,
    name: 'app',
    mode: 'forward_single',
    external_host: 'https://app.example.dev',
    skip_path_regex: '^/public',
  });
  const client = await post('/providers/oauth2/', {
    ...common,
    name: 'client',
    redirect_uris: [{ matching_mode: 'strict', url: 'https://client.example.dev/callback' }],
    property_mappings: mappings.slice(0, 2).map(({ pk }: { pk: string }) => pk),
    signing_key: pair.pk,
  });
  const [samlMapping] = await list('/propertymappings/provider/saml/');
  await post('/providers/saml/', {
    ...common,
    name: 'saml',
    acs_url: 'https://saml.example.dev/acs',
    audience: 'saml',
    name_id_mapping: samlMapping.pk,
    property_mappings: [samlMapping.pk],
    signing_kp: pair.pk,
    sign_response: true,
  });
  const ldap = await post('/providers/ldap/', {
    ...common,
    name: 'people',
    base_dn: 'dc=people,dc=example,dc=dev',
    certificate: pair.pk,
    tls_server_name: 'ldap.example.dev',
    mfa_support: false,
  });
  const application = await post('/core/applications/', { name: 'App', slug: 'app', provider: proxy.pk });
  await post('/core/applications/', {
    name: 'Client',
    slug: 'client',
    provider: client.pk,
    meta_launch_url: 'https://client.example.dev',
    group: 'Tools',
  });
  const policy = await post('/policies/expression/', { name: 'never', expression: 'return False' });
  await post('/policies/bindings/', { target: application.pk, group: admins.pk, order: 0 });
  await post('/policies/bindings/', { target: application.pk, policy: policy.pk, order: 1, enabled: false });
  const [outpost] = await list('/outposts/instances/');
  await done(sandbox, 'authentik', 'PATCH', `/api/v3/outposts/instances/${outpost.pk}/`, {
    providers: [proxy.pk],
    config: { ...outpost.config, authentik_host: 'https://auth.example.dev' },
  });
  await post('/outposts/instances/', {
    name: 'other',
    type: 'proxy',
    providers: [proxy.pk],
    config: outpost.config,
  });
  await post('/outposts/instances/', {
    name: 'ldap',
    type: 'ldap',
    providers: [ldap.pk],
    config: outpost.config,
  });
}

/** Adds objects that exist in real accounts and that no call of this sandbox creates. */
function addForeign(world: World): void {
  const [account] = world.apps;
  if (account === undefined) throw new Error('there is an application');
  world.identityProviders.push({ id: 'f00d', name: 'One-time code', type: 'onetimepin', config: {} });
  for (const [index, type] of ['app_launcher', 'warp', 'saas'].entries()) {
    const id = `00000000-0000-4000-8000-00000000000${index}`;
    const none = { destinations: [], policies: [], tags: [] };
    world.apps.push({ ...account, ...none, id, uid: id, aud: `aud-${type}`, name: type, type, settings: {} });
  }
  const { authentik } = world;
  const [provider] = authentik.providers;
  const [application] = authentik.applications;
  if (provider === undefined || application === undefined) throw new Error('there are applications');
  authentik.providers.push({
    ...provider,
    pk: 70,
    name: 'network',
    proxy: null,
    naming: {
      component: 'ak-provider-radius-form',
      verbose_name: 'Radius Provider',
      verbose_name_plural: 'Radius Providers',
      meta_model_name: 'authentik_providers_radius.radiusprovider',
    },
  });
  const policy = '00000000-0000-4000-8000-00000000000a';
  authentik.expressionPolicies.push({
    pk: policy,
    name: 'strong password',
    execution_logging: false,
    expression: '',
    naming: {
      component: 'ak-policy-password-form',
      verbose_name: 'Password Policy',
      verbose_name_plural: 'Password Policies',
      meta_model_name: 'authentik_policies_password.passwordpolicy',
    },
  });
  const [binding] = authentik.bindings;
  if (binding === undefined) throw new Error('there is a binding');
  const pk = '00000000-0000-4000-8000-00000000000b';
  authentik.bindings.push({ ...binding, pk, policy, group: null, target: application.pk, order: 9 });
}
