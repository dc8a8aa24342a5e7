import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cloudflareRoutes, handleCloudflare } from '../../../src/lab/sandbox/cloudflare/index.ts';
import { firstWorld } from '../../../src/lab/sandbox/first-world.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { BESIDE_THE_DOCUMENT, type Contract, checked, officialContract, printedReport } from './schema.ts';
import { SHARED } from './schema-document.ts';
import { KNOWN_ERRORS } from './schema-known-errors.ts';

const contract = officialContract();

if (contract === null) {
  it('every request and reply fits the official document', (context) => {
    context.skip(`openapi/cloudflare.json is not in ${SHARED}: set GATES_SHARED to the folder that has it`);
  });
} else {
  describe('every request and reply fits the official document', () => suite(contract));
}

it('docs/sandbox.md lists every known error of the document with its reason', () => {
  const page = readFileSync(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8');
  const missing = KNOWN_ERRORS.filter(({ id, reason }) => !page.includes(`| ${id} | ${reason} |`));
  expect(missing.map(({ id, reason }) => `| ${id} | ${reason} |`)).toEqual([]);
});

function suite(contract: Contract): void {
  it('over a tour of every operation, with a success and a refusal each', async () => {
    await tour(contract);
    writeSync(1, printedReport(contract.report));
    expect(contract.report.mistakes).toEqual([]);
    expect([...contract.report.operations].sort()).toEqual(servedOperations());
    expect(contract.report.requests).toBeGreaterThan(60);
    expect(contract.report.replies).toBeGreaterThan(110);
  });

  it('over that tour, every known error of the document occurs', () => {
    const unmet = KNOWN_ERRORS.filter(({ id }) => !contract.report.exceptions.has(id)).map(({ id }) => id);
    expect(unmet).toEqual([]);
  });

  it('around a complete sandbox, the contract sees the API and nothing else', async () => {
    const { sandbox, report } = checked(await createSandbox({ zones: ['example.dev'] }));
    const headers = { authorization: `Bearer ${sandbox.token}` };
    const zones = await sandbox.fetch(`${sandbox.urls.cloudflare}/zones`, { headers });
    expect(await zones.json()).toMatchObject({ result: [{ name: 'example.dev' }] });
    await sandbox.fetch(new Request(`${sandbox.urls.cloudflare}/zones?colour=red`, { headers }));
    await sandbox.fetch('http://app.example.dev/client/v4/zones');
    await sandbox.fetch(`${sandbox.urls.admin}/calls`);
    expect(report).toMatchObject({ requests: 2, replies: 2 });
    expect(report?.mistakes).toEqual([
      'request of GET /zones: query parameter colour is not in the document',
    ]);
    expect(sandbox.calls()).toHaveLength(2);
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
      because: 'an undeclared member',
      method: 'GET',
      path: '/zones/z',
      status: 200,
      body: { success: true, errors: [], messages: [], result: { colour: 'red' } },
      says: 'colour',
    },
    {
      because: 'a member that is missing',
      method: 'GET',
      path: '/user/tokens/verify',
      status: 200,
      body: { success: true, errors: [], messages: [], result: { id: 'x' } },
      says: "required property 'status'",
    },
    {
      because: 'a failure without envelope',
      method: 'GET',
      path: '/accounts',
      status: 403,
      body: { error: 'no' },
      says: "'success'",
    },
    {
      because: 'an error code below 1000',
      method: 'GET',
      path: '/accounts',
      status: 429,
      body: { success: false, errors: [{ code: 971, message: 'x' }], messages: [], result: null },
      says: '>= 1000',
    },
    {
      because: 'a status nobody announced',
      method: 'POST',
      path: '/accounts/a/access/tags',
      sent: '{}',
      status: 200,
      body: {},
      says: 'status 200',
    },
    {
      because: 'a request that should have been refused',
      method: 'POST',
      path: '/accounts/a/cfd_tunnel',
      sent: '{"name":7}',
      status: 200,
      body: { success: true, errors: [], messages: [], result: {} },
      says: 'must be string',
    },
    {
      because: 'a query parameter that does not exist',
      method: 'GET',
      path: '/accounts?pages=1',
      status: 200,
      body: { success: true, errors: [], messages: [], result: [] },
      says: 'pages is not in the document',
    },
    {
      because: 'an answer to a path of its own',
      method: 'GET',
      path: '/dashboard',
      status: 200,
      body: {},
      says: 'not in the document',
    },
  ];
  for (const { because, method, path, sent, status, body, says } of planted) {
    it(`the contract would catch ${because}`, async () => {
      const fresh = officialContract();
      const init = sent === undefined ? { method } : { method, body: sent };
      await fresh?.around(async () => Response.json(body, { status }))(
        new Request(`http://cloudflare.test/client/v4${path}`, init),
      );
      expect(fresh?.report.mistakes.join('\n')).toContain(says);
    });
  }
}

/** The routes of the sandbox, with paths in the document's form. */
function servedOperations(): string[] {
  const documented = cloudflareRoutes.filter(([, pattern]) => !BESIDE_THE_DOCUMENT.test(pattern));
  const names = documented.map(
    ([method, pattern]) =>
      `${method} ${pattern.replace(/^\/(accounts|zones)\/\{scope_id\}/, '/{accounts_or_zones}/{account_or_zone_id}')}`,
  );
  return [...new Set(names)].sort();
}

const A = { type: 'A', name: 'www', content: '192.0.2.1', ttl: 300 };
const APP = { type: 'self_hosted', domain: 'app.example.dev', name: 'app' };
const OIDC = {
  name: 'Authentik',
  type: 'oidc',
  config: {
    client_id: 'access',
    client_secret: 'secret',
    auth_url: 'https://auth.example.dev/application/o/authorize/',
    token_url: 'https://auth.example.dev/application/o/token/',
    certs_url: 'https://auth.example.dev/application/o/access/jwks/',
    claims: ['groups'],
  },
};
const ALLOW = { name: 'allow', decision: 'allow', include: [{ email: { email: 'me@example.dev' } }] };

async function tour(contract: Contract): Promise<void> {
  const world = firstWorld({ zones: ['example.dev'] });
  const handle = contract.around((request) => handleCloudflare(world, request));
  const authorization = `Bearer ${world.apiTokens[0]?.value}`;
  // biome-ignore lint/suspicious/noExplicitAny: results are read as loosely as any client of JSON reads them
  const call = async (method: string, path: string, body?: unknown): Promise<any> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const url = `http://cloudflare.test/client/v4${path}`;
    const response = await handle(new Request(url, { method, headers: { authorization }, ...init }));
    const received = await response.text();
    return received.startsWith('{') ? (JSON.parse(received) as { result: unknown }).result : null;
  };
  const form = async (path: string, name: string, file: string): Promise<void> => {
    const body = new FormData();
    body.set(name, new Blob([file]));
    const url = `http://cloudflare.test/client/v4${path}`;
    await handle(new Request(url, { method: 'POST', headers: { authorization }, body }));
  };
  const account = `/accounts/${world.account.id}`;
  const zone = `/zones/${world.zones[0]?.id}`;
  const nowhere = '00000000-0000-4000-8000-000000000000';

  for (const path of [
    '/accounts',
    account,
    '/zones?name=example.dev&per_page=50',
    zone,
    '/user/tokens/verify',
    `${account}/tokens/verify`,
  ]) {
    await call('GET', path);
  }
  await strangers();
  await dns();
  await access();
  await tokens();
  await tunnels();
  await call('GET', `${account}/logs/audit?since=2026-01-01&before=2099-01-01&limit=10`);
  await call('GET', `${zone}/token_validation/config`);
  for (const each of world.zones) each.apiShield = true;
  await rulesets();
  await shield();

  async function rulesets(): Promise<void> {
    const path = `${zone}/rulesets`;
    const entrypoint = `${path}/phases/http_request_firewall_custom/entrypoint`;
    const rule = { action: 'block', expression: 'http.host eq "a.example.dev"', ref: 'a' };
    await call('GET', entrypoint);
    const ruleset = { kind: 'zone', name: 'made', phase: 'http_request_cache_settings', rules: [] };
    await call('POST', path, ruleset);
    await call('POST', path, ruleset);
    const { id, rules } = await call('PUT', entrypoint, { rules: [rule] });
    await call('PUT', `${path}/${id}`, await call('GET', entrypoint));
    await call('PUT', `${path}/${id}`, { rules });
    await call('GET', `${path}?per_page=50`);
    await call('GET', `${path}/${id}`);
    const skip = { action: 'skip', action_parameters: { ruleset: 'current' }, expression: rule.expression };
    const made = await call('POST', `${path}/${id}/rules`, { ...skip, position: { index: 1 } });
    await call('POST', `${path}/${id}/rules`, rule);
    await call('PATCH', `${path}/${id}/rules/${made.rules[0].id}`, { ...skip, logging: { enabled: false } });
    await call('PATCH', `${path}/${id}/rules/${made.rules[0].id}`, { position: { after: '' } });
    await call('DELETE', `${path}/${id}/rules/${made.rules[0].id}`);
    await call('DELETE', `${path}/${id}`);
    await call('DELETE', `${path}/${id}`);
  }

  async function shield(): Promise<void> {
    const [configs, rules] = ['config', 'rules'].map((each) => `${zone}/token_validation/${each}`);
    const operations = `${zone}/api_gateway/operations`;
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const keys = ['a', 'b', 'c', 'd', 'e'].map((kid) => ({ ...key, kid, alg: 'ES256', use: 'sig' }));
    const configuration = { title: 'api', description: '', token_type: 'jwt', credentials: { keys } };
    const sources = ['http.request.headers["authorization"][0]'];
    const { id } = await call('POST', `${configs}`, { ...configuration, token_sources: sources });
    await call('GET', `${configs}?page=1&per_page=50`);
    await call('GET', `${configs}/${id}`);
    await call('PATCH', `${configs}/${id}`, { title: 'other' });
    await call('PUT', `${configs}/${id}/credentials`, { keys });
    await call('PATCH', `${configs}/${id}/credentials`, { keys });
    const operation = { method: 'GET', host: 'api.example.dev', endpoint: '/v1/{id}' };
    const [{ operation_id: saved }] = await call('POST', operations, [operation]);
    await call('POST', `${operations}/item`, { ...operation, host: '{x}.example.dev' });
    await call('GET', `${operations}?host=api.example.dev&method=GET&endpoint=v1&order=host&direction=asc`);
    await call('GET', `${operations}/${saved}`);
    const rule = {
      title: 'r',
      description: '',
      action: 'block',
      enabled: true,
      expression: `is_jwt_valid("${id}")`,
    };
    const selector = { include: [{ host: ['api.example.dev'] }], exclude: [{ operation_ids: [saved] }] };
    const made = await call('POST', `${rules}`, { ...rule, selector });
    await call('POST', `${rules}/bulk`, [{ ...rule, selector: { include: null } }]);
    await call('GET', `${rules}?action=block&enabled=true&host=api.example.dev`);
    await call('GET', `${rules}/${made.id}`);
    await call('PATCH', `${rules}/${made.id}`, { enabled: false, position: { index: 2 } });
    await call('PATCH', `${rules}/bulk`, [{ id: made.id, title: 'again' }]);
    await call('DELETE', `${configs}/${id}`);
    for (const each of await call('GET', `${rules}`)) await call('DELETE', `${rules}/${each.id}`);
    await call('DELETE', `${configs}/${id}`);
    await call('DELETE', `${operations}/${saved}`);
    await call('DELETE', operations);
  }

  /** Calls every route once with an invalid token. */
  async function strangers(): Promise<void> {
    for (const [method, pattern] of cloudflareRoutes) {
      if (BESIDE_THE_DOCUMENT.test(pattern)) continue;
      const path = pattern.replace('{scope_id}', 'x').replace(/\{\w+\}/g, 'x');
      await handle(new Request(`http://cloudflare.test/client/v4${path}`, { method }));
    }
  }

  async function dns(): Promise<void> {
    const records = `${zone}/dns_records`;
    const { id } = await call('POST', records, { ...A, comment: 'mine' });
    await call('POST', records, A);
    for (const record of [
      { type: 'AAAA', name: '*', content: '2001:db8::1', ttl: 1, proxied: true },
      { type: 'CNAME', name: 'c', content: 'a.example.net', ttl: 1, settings: { ipv4_only: true } },
      { type: 'MX', name: '@', content: 'mx.example.net', priority: 10, ttl: 300 },
      { type: 'TXT', name: '@', content: '"v=spf1 -all"', ttl: 300, tags: [] },
      { type: 'NS', name: 'sub', content: 'ns.example.net', ttl: 300 },
      {
        type: 'SRV',
        name: '_x._tcp',
        ttl: 1,
        data: { priority: 0, weight: 1, port: 993, target: 'imap.example.net' },
      },
      { type: 'CAA', name: '@', ttl: 1, data: { flags: 0, tag: 'issue', value: 'ca.example' } },
      { type: 'HTTPS', name: 'h', ttl: 1, data: { priority: 1, target: '.', value: 'alpn="h3"' } },
      // Stock clients send these fields.
      { ...A, name: 'go', tags: null, priority: 0 },
      {
        type: 'CAA',
        name: 'text',
        ttl: 1,
        data: { flags: '0', tag: 'issue', value: 'ca.example' },
      },
      {
        type: 'CAA',
        name: 'more',
        ttl: 1,
        data: { service: '', flags: 0, tag: 'issue', value: 'ca.example' },
      },
    ]) {
      await call('POST', records, record);
    }
    await call(
      'GET',
      `${records}?page=1&per_page=5000&comment.startswith=mine&order=name&direction=asc&match=all`,
    );
    await call('GET', records);
    await call('GET', `${records}/${id}`);
    await call('GET', `${records}/usage`);
    await call('GET', `${records}/export`);
    for (const name of ['file', 'nothing'])
      await form(`${records}/import`, name, 'imported 300 IN A 192.0.2.1');
    await call('PATCH', `${records}/${id}`, { content: '192.0.2.2' });
    await call(
      'PUT',
      `${records}/${id}`,
      await call('GET', `${records}/${id}`).then(({ comment, ...read }) => read),
    );
    await call('POST', `${records}/batch`, {
      patches: [{ id, ttl: 60 }],
      posts: [{ ...A, name: 'posted' }],
      puts: [],
      deletes: [],
    });
    await call('POST', `${records}/batch`, { deletes: [{ id: 'gone' }] });
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE'])
      await call(method, `${records}/gone`, method === 'GET' ? undefined : A);
    await call('DELETE', `${records}/${id}`);
    await call('POST', records, { ...A, ttl: 7 });
  }

  async function access(): Promise<void> {
    for (const scope of [account, zone]) {
      await call('GET', `${scope}/access/organizations`);
      await call('PUT', `${scope}/access/organizations`, { deny_unmatched_requests: false });
      await call('PUT', `${scope}/access/organizations`, { deny_unmatched_requests: 'no' });
      await identityProviders(`${scope}/access/identity_providers`);
    }
    const tags = `${account}/access/tags`;
    await call('POST', tags, { name: 'x' });
    await call('POST', tags, { name: 'x' });
    await call('PUT', `${tags}/x`, { name: 'gates-home' });
    await call('GET', tags);
    await call('GET', `${tags}/gates-home`);
    for (const scope of [account, zone]) await groups(`${scope}/access/groups`);
    const policies = `${account}/access/policies`;
    const policy = await call('POST', policies, ALLOW);
    await call('PUT', `${policies}/${policy.id}`, policy);
    await call('GET', policies);
    await call('GET', `${policies}/${policy.id}`);
    await call('GET', `${policies}/${nowhere}`);
    await apps(policy.id);
    await call('DELETE', `${policies}/${policy.id}`);
    await call('DELETE', `${tags}/gates-home`);
    await call('DELETE', `${tags}/gates-home`);
  }

  async function groups(path: string): Promise<void> {
    const group = { name: 'admins', include: [{ email: { email: 'me@example.dev' } }] };
    const { id } = await call('POST', path, group);
    await call('POST', path, { ...group, exclude: [{ group: { id } }], require: [], is_default: false });
    await call('POST', path, { name: 'nobody', include: [] });
    await call('GET', `${path}?name=admins&page=1&per_page=50`);
    await call('PUT', `${path}/${id}`, await call('GET', `${path}/${id}`));
    await call('DELETE', `${path}/${id}`);
    for (const each of (await call('GET', path)).toReversed()) await call('DELETE', `${path}/${each.id}`);
    for (const method of ['GET', 'PUT', 'DELETE'])
      await call(method, `${path}/${nowhere}`, method === 'PUT' ? group : undefined);
  }

  async function identityProviders(path: string): Promise<void> {
    const { id } = await call('POST', path, OIDC);
    await call('POST', path, { name: 'One-time PIN', type: 'onetimepin', config: {} });
    await call('POST', path, { name: 'One-time PIN', type: 'onetimepin', config: {} });
    await call('POST', path, {
      name: 'GitHub',
      type: 'github',
      config: { client_id: 'a', client_secret: 'b' },
    });
    await call('POST', path, { name: 'nobody' });
    await call('GET', `${path}?scim_enabled=false`);
    await call('PUT', `${path}/${id}`, await call('GET', `${path}/${id}`));
    await call('GET', `${path}/${nowhere}`);
    await call('PUT', `${path}/${nowhere}`, OIDC);
    await call('DELETE', `${path}/${nowhere}`);
    for (const each of await call('GET', path)) await call('DELETE', `${path}/${each.id}`);
  }

  async function apps(policyId: string): Promise<void> {
    const path = `${account}/access/apps`;
    const app = await call('POST', path, {
      ...APP,
      tags: ['gates-home'],
      policies: [{ id: policyId, precedence: 1 }],
    });
    await call('POST', path, APP);
    const { domain: uri, ...rest } = APP;
    const other = { type: 'public', uri: `b.${uri}` };
    const undomained = await call('POST', path, { ...rest, destinations: [other] });
    await call('DELETE', `${path}/${undomained.id}`);
    const bookmark = await call('POST', path, { type: 'bookmark', name: 'b', domain: 'https://b.example' });
    await call('DELETE', `${path}/${bookmark.id}`);
    await call('POST', path, {});
    await call('GET', `${path}?exact=true&name=app`);
    await call('GET', `${path}/${app.id}`);
    await call('GET', `${path}/${app.id}/policies`);
    await call('PUT', `${path}/${app.id}`, app);
    await call('PUT', `${path}/${app.id}`, { ...APP, policies: null });
    await call('POST', `${path}/${app.id}/revoke_tokens`);
    await call('DELETE', `${path}/${app.id}`);
    const inline = await call('POST', `${zone}/access/apps`, {
      ...APP,
      policies: [{ ...ALLOW, precedence: 3 }],
    });
    const own = `${zone}/access/apps/${inline.id}/policies`;
    const second = await call('POST', own, { ...ALLOW, precedence: 4 });
    await call('GET', `${own}/${second.id}`);
    await call('PUT', `${own}/${second.id}`, ALLOW);
    await call('DELETE', `${own}/${second.id}`);
    const [first] = inline.policies;
    await call('PUT', `${account}/access/apps/${inline.id}/policies/${first.id}/make_reusable`);
    await call('DELETE', `${zone}/access/apps/${inline.id}`);
    await call('DELETE', `${account}/access/policies/${first.id}`);
  }

  async function tokens(): Promise<void> {
    const path = `${account}/access/service_tokens`;
    const { id } = await call('POST', path, { name: 'ci', duration: '8760h' });
    await call('GET', `${path}?name=ci`);
    await call('GET', `${path}/${id}`);
    await call('PUT', `${path}/${id}`, { name: 'cd' });
    await call('PUT', `${path}/${id}`, { client_secret_version: 2 });
    await call('POST', `${path}/${id}/rotate`, { previous_client_secret_expires_at: '2099-01-01T00:00:00Z' });
    await call('POST', `${path}/${id}/refresh`);
    await call('POST', path, {});
    await call('DELETE', `${path}/${id}`);
    await call('DELETE', `${path}/${id}`);
  }

  async function tunnels(): Promise<void> {
    const path = `${account}/cfd_tunnel`;
    const { id } = await call('POST', path, { name: 'lab', config_src: 'cloudflare' });
    await call('POST', path, { name: 'lab' });
    await call('GET', `${path}?is_deleted=false&name=lab&per_page=1000`);
    await call('GET', `${path}/${id}`);
    await call('GET', `${path}/${id}/token`);
    await call('PATCH', `${path}/${id}`, { name: 'lab2' });
    await call('GET', `${path}/${id}/configurations`);
    const rule = {
      hostname: 'a.example.dev',
      service: 'http://traefik.lan:80',
      originRequest: { noTLSVerify: true },
    };
    await call('PUT', `${path}/${id}/configurations`, {
      config: { ingress: [rule, { service: 'http_status:404' }] },
    });
    await call('PUT', `${path}/${id}/configurations`, { config: { ingress: [rule] } });
    await call('GET', `${path}/${id}/configurations`);
    await call('GET', `${path}/${id}/connections`);
    await call('DELETE', `${path}/${id}`);
    await call('DELETE', `${path}/${id}/connections`);
    await call('DELETE', `${path}/${id}`);
    await call('GET', `${path}/${id}`);
    await call('GET', `${path}/${id}/token`);
    await call('GET', path);
  }
}
