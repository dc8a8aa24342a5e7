import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess } from '../stage/stage.ts';

interface Rule {
  readonly hostname?: string;
  readonly service: string;
}

async function call<T>(sandbox: Sandbox, method: string, path: string, body?: unknown): Promise<T> {
  const response = await sandbox.fetch(`${sandbox.urls.cloudflare}${path}`, {
    method,
    headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const reply = (await response.json()) as { readonly success: boolean; readonly result: T };
  if (!reply.success) throw new Error(`${method} ${path}: ${JSON.stringify(reply)}`);
  return reply.result;
}

interface Scene {
  readonly sandbox: Sandbox;
  readonly tunnelId: string;
  rules(): Promise<readonly Rule[]>;
}

/** A home that was set up by hand: its tunnel has this rule for a host. */
async function byHand(rule: Rule): Promise<Scene> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const account = `/accounts/${sandbox.accountId}/cfd_tunnel`;
  const [tunnel] = await call<readonly { id: string }[]>(sandbox, 'GET', account);
  const tunnelId = tunnel?.id ?? '';
  const configurations = `${account}/${tunnelId}/configurations`;
  await call(sandbox, 'PUT', configurations, {
    config: { ingress: [rule, { service: 'http_status:404' }] },
  });
  const rules = async () =>
    (await call<{ config: { ingress: readonly Rule[] } }>(sandbox, 'GET', configurations)).config.ingress;
  return { sandbox, tunnelId, rules };
}

interface Parts {
  readonly owner?: string;
  readonly services?: string;
  readonly dns?: string;
  readonly tokens?: string;
}

function file({ owner = 'home', services, dns, tokens }: Parts): string {
  return `version: 1
owner: ${owner}
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
${tokens === undefined ? '' : `serviceTokens:\n${tokens}\n`}${services === undefined ? '' : `services:\n${services}\n`}${dns === undefined ? '' : `dns:\n  example.dev:\n${dns}\n`}`;
}

const guarded = file({
  services:
    '  app: { host: app.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }',
});
const other = file({
  services: '  b: { host: b.example.dev, origin: app, gate: { public: { reason: "for all" } } }',
});
const rule = { hostname: 'app.example.dev', service: 'http://old.lan:80' };

describe('a foreign rule', () => {
  it('does not become ours because a first run put an application next to it: no run adopts it without a request', async () => {
    const { sandbox, tunnelId, rules } = await byHand(rule);
    await call(sandbox, 'POST', `/zones/${sandbox.zones[0]?.id}/dns_records`, {
      type: 'CNAME',
      name: 'app.example.dev',
      content: `${tunnelId}.cfargotunnel.com`,
      proxied: true,
      ttl: 1,
    });
    const disk = newDisk();
    await runProcess(sandbox, disk, guarded);
    const second = await runProcess(sandbox, disk, guarded);
    expect(second.writes).toBe(0);
    expect(second.report?.plan?.changes.filter(isPending).map(({ verb }) => verb)).toEqual(['refuse']);
    expect(await rules()).toContainEqual(expect.objectContaining(rule));
  });

  it('does not become ours because a wildcard record covers the name', async () => {
    const { sandbox, tunnelId, rules } = await byHand(rule);
    await call(sandbox, 'POST', `/zones/${sandbox.zones[0]?.id}/dns_records`, {
      type: 'CNAME',
      name: '*.example.dev',
      content: `${tunnelId}.cfargotunnel.com`,
      proxied: true,
      ttl: 1,
    });
    const disk = newDisk();
    await runProcess(sandbox, disk, guarded);
    expect((await runProcess(sandbox, disk, guarded)).writes).toBe(0);
    await runProcess(sandbox, disk, other);
    expect(await rules()).toContainEqual(expect.objectContaining(rule));
  });

  it('stays when a plain record of the file leads its host into the tunnel', async () => {
    const { sandbox, tunnelId, rules } = await byHand(rule);
    const plain = file({
      dns: `    - { name: app, type: CNAME, content: ${tunnelId}.cfargotunnel.com, proxied: true }`,
    });
    const disk = newDisk();
    expect((await runProcess(sandbox, disk, plain)).writes).toBe(1);
    expect((await runProcess(sandbox, disk, plain)).writes).toBe(0);
    expect(await rules()).toContainEqual(expect.objectContaining(rule));
  });
});

describe('two owners on one machine, in one account', () => {
  it('have their own token of one name, and neither loses its secret to the other', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'] });
    const disk = newDisk();
    const of = (owner: string) =>
      file({
        owner,
        tokens: `  ci: { deliver: [ { file: /secrets/${owner}.env } ] }`,
        services: `  m: { host: ${owner}.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }`,
      });
    for (const owner of ['home', 'work']) expect((await runProcess(sandbox, disk, of(owner))).writes).toBe(6);
    for (const owner of ['home', 'work']) {
      const again = await runProcess(sandbox, disk, of(owner));
      expect(again.report?.plan?.changes.filter(isPending)).toEqual([]);
    }
  });
});
