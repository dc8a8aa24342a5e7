import { beforeAll, describe, expect, it } from 'vitest';
import { mirrorSandbox, type RecordedReply, type Sandbox } from '../../../../src/lab/sandbox/index.ts';
import { done, recorded, worldOf } from './recorded.ts';
import { richSandbox } from './rich-world.ts';

let real: Sandbox;
let replies: readonly RecordedReply[];
let copy: Sandbox;

beforeAll(async () => {
  real = await richSandbox();
  replies = await recorded(real);
  const { serviceTokens } = worldOf(real);
  const secrets = new Map(serviceTokens.map(({ clientId, secret }) => [clientId, secret]));
  ({ sandbox: copy } = await mirrorSandbox(replies, { secrets }));
});

describe('a write to a copy', () => {
  it('gives new objects ids that no copied object has', async () => {
    const copied = JSON.stringify(replies);
    const account = `/accounts/${copy.accountId}`;
    const cloudflare = (path: string, body: object) => done(copy, 'cloudflare', 'POST', path, body);
    const authentik = (path: string, body: object) => done(copy, 'authentik', 'POST', `/api/v3${path}`, body);
    const zone = copy.zones[0]?.id;
    const made = [];
    for (let n = 0; n < 5; n++) {
      const name = `new-${n}`;
      const record = { type: 'A', name, content: '192.0.2.9', ttl: 1 };
      made.push((await cloudflare(`/zones/${zone}/dns_records`, record)).id);
      made.push((await cloudflare(`${account}/cfd_tunnel`, { name, config_src: 'cloudflare' })).id);
      const token = await cloudflare(`${account}/access/service_tokens`, { name });
      const app = await cloudflare(`${account}/access/apps`, {
        type: 'self_hosted',
        name,
        domain: `${name}.example.dev`,
        policies: [{ name, decision: 'non_identity', include: [{ service_token: { token_id: token.id } }] }],
      });
      made.push(token.id, token.client_id, app.id, app.aud, app.policies[0].id);
      const group = await authentik('/core/groups/', { name });
      const user = await authentik('/core/users/', { username: name, name, groups: [group.pk] });
      const [known] = worldOf(copy).authentik.providers;
      const provider = await authentik('/providers/proxy/', {
        name,
        authorization_flow: known?.authorization_flow,
        invalidation_flow: known?.invalidation_flow,
        mode: 'forward_single',
        external_host: `https://${name}.example.dev`,
      });
      const application = await authentik('/core/applications/', { name, slug: name, provider: provider.pk });
      const binding = { target: application.pk, group: group.pk, order: 0 };
      made.push(group.pk, user.uid, provider.client_id, application.pk);
      made.push((await authentik('/policies/bindings/', binding)).pk);
      const { authentik: before } = worldOf(real);
      expect(before.users.map(({ pk }) => pk)).not.toContain(user.pk);
      expect(before.providers.map(({ pk }) => pk)).not.toContain(provider.pk);
    }
    expect(new Set(made).size).toBe(made.length);
    expect(made.filter((id) => copied.includes(id))).toEqual([]);
  });

  it('accepts what it showed of an application, a policy and a configuration', async () => {
    const account = `/accounts/${copy.accountId}`;
    const read = (path: string) => done(copy, 'cloudflare', 'GET', path);
    for (const { id, type } of await read(`${account}/access/apps`)) {
      if (type !== 'self_hosted') continue;
      const path = `${account}/access/apps/${id}`;
      const before = await read(path).catch(() => undefined);
      if (before === undefined) continue;
      await done(copy, 'cloudflare', 'PUT', path, before);
      expect(withoutTimes(await read(path))).toEqual(withoutTimes(before));
    }
    for (const policy of await read(`${account}/access/policies`)) {
      const path = `${account}/access/policies/${policy.id}`;
      await done(copy, 'cloudflare', 'PUT', path, policy);
      expect(withoutTimes(await read(path))).toEqual(withoutTimes(policy));
    }
    const [tunnel] = await read(`${account}/cfd_tunnel?name=homelab`);
    const path = `${account}/cfd_tunnel/${tunnel.id}/configurations`;
    const { config, version } = await read(path);
    const written = await done(copy, 'cloudflare', 'PUT', path, { config });
    expect(written).toMatchObject({ config, version: version + 1 });
  });

  it('is undone by a reset', async () => {
    await copy.admin(new Request(`${copy.urls.admin}/reset`, { method: 'POST' }));
    const { records, apps } = worldOf(real);
    expect(worldOf(copy).records).toHaveLength(records.length);
    expect(worldOf(copy).apps).toHaveLength(apps.length);
  });
});

describe('the edge of a copy', () => {
  it('admits the same visitors as the edge of the original', async () => {
    const [token] = worldOf(real).serviceTokens;
    const visitors = [
      { name: 'anybody', headers: {} },
      { name: 'the token', headers: tokenHeaders(token?.clientId, token?.secret) },
      { name: 'the token with another secret', headers: tokenHeaders(token?.clientId, 'another') },
      { name: 'me', email: 'me@example.dev' },
      { name: 'them', email: 'them@example.dev' },
      { name: 'a stranger', email: 'nobody@example.com' },
    ];
    const told = [await doors(real, visitors), await doors(copy, visitors)];
    expect(told[1]).toEqual(told[0]);
    const lines = told[0] ?? [];
    expect(lines).toContain('anybody at https://open.example.dev/: 200 origin');
    expect(lines).toContain('anybody at https://app.example.dev/: 302 access');
    expect(lines).toContain('me at https://app.example.dev/: 200 origin');
    expect(lines.filter((line) => /^(them|a stranger) at https:\/\/app.*origin/.test(line))).toEqual([]);
    expect(lines).toContain('the token at https://machine.example.dev/api: 200 origin');
  });
});

function withoutTimes(object: unknown): unknown {
  return JSON.parse(JSON.stringify(object), (name, value) => (name === 'updated_at' ? undefined : value));
}

interface Visitor {
  name: string;
  email?: string;
  headers?: Record<string, string>;
}

function tokenHeaders(id = '', secret = ''): Record<string, string> {
  return { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': secret };
}

/** The session of a person who logs in at a host; none if Access does not admit them. */
async function loginAt(sandbox: Sandbox, host = '', email = ''): Promise<{ cookie?: string }> {
  const body = JSON.stringify({ host, email });
  const response = await sandbox.fetch(`${sandbox.urls.admin}/login`, { method: 'POST', body });
  return (await response.json()) as { cookie?: string };
}

/** The result of each visitor at each door, with all origins played. */
async function doors(sandbox: Sandbox, visitors: readonly Visitor[]): Promise<string[]> {
  const admin = (method: string, path: string, body: object) =>
    sandbox.fetch(sandbox.urls.admin + path, { method, body: JSON.stringify(body) });
  await admin('PUT', '/origins', { url: 'https://127.0.0.1:8443', kind: 'application' });
  const urls = ['app.example.dev', 'app.example.dev/two/x', 'machine.example.dev', 'machine.example.dev/api'];
  urls.push('open.example.dev', 'a.example.dev', 'nothing.example.dev', 'any.example.org', 'example.dev');
  const lines: string[] = [];
  for (const { name, email, headers } of visitors) {
    for (const url of urls) {
      const host = url.split('/')[0];
      const login = email === undefined ? {} : await loginAt(sandbox, host, email);
      const { status, headers: shown } = await sandbox.fetch(`https://${url}`, {
        headers: { ...headers, ...(login.cookie === undefined ? {} : { cookie: login.cookie }) },
        redirect: 'manual',
      });
      lines.push(`${name} at ${new URL(`https://${url}`)}: ${status} ${shown.get('x-sandbox-served-by')}`);
    }
  }
  return lines;
}
