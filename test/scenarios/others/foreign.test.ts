import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { manyServices } from '../../bench/many-services.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess } from '../stage/stage.ts';

/**
 * Objects of another owner and of nobody, in the same zone, tunnel and account, next to ours and between ours: they are
 * byte for byte unchanged, whatever a file asks for.
 */
interface Body {
  readonly success: boolean;
  readonly result: { readonly id: string };
}

async function post(sandbox: Sandbox, method: string, path: string, body: unknown): Promise<Body> {
  const url = `${sandbox.urls.cloudflare}${path}`;
  const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' };
  const response = await sandbox.fetch(url, { method, headers, body: JSON.stringify(body) });
  const reply = (await response.json()) as Body;
  if (!reply.success) throw new Error(`${path}: ${JSON.stringify(reply)}`);
  return reply;
}

/** Adds one of everything for the owner `work`, and one of everything without a marker. */
async function settleOthers(sandbox: Sandbox): Promise<void> {
  const account = `/accounts/${sandbox.accountId}`;
  const zone = `/zones/${sandbox.zones[0]?.id}/dns_records`;
  const tunnels = await sandbox.fetch(`${sandbox.urls.cloudflare}${account}/cfd_tunnel`, {
    headers: { authorization: `Bearer ${sandbox.token}` },
  });
  const [tunnel] = ((await tunnels.json()) as { result: { id: string }[] }).result;
  for (const [mark, name] of [
    ['gates:work ', 'work'],
    ['', 'mine'],
  ] as const) {
    for (const [type, content] of [
      ['A', '192.0.2.7'],
      ['TXT', 'hello'],
      ['CNAME', 'example.net'],
    ] as const) {
      await post(sandbox, 'POST', zone, {
        type,
        name: `${type.toLowerCase()}-${name}`,
        content,
        ttl: 300,
        comment: `${mark}by hand`,
      });
    }
    const token = await post(sandbox, 'POST', `${account}/access/service_tokens`, {
      name: mark === '' ? 'ci' : 'gates:work/ci',
    });
    const include = [{ service_token: { token_id: token.result.id } }];
    const policy = await post(sandbox, 'POST', `${account}/access/policies`, {
      name: mark === '' ? 'machines' : 'gates:work/machines',
      decision: 'non_identity',
      include,
    });
    const tag = mark === '' ? 'production' : 'gates-work';
    await post(sandbox, 'POST', `${account}/access/tags`, { name: tag });
    await post(sandbox, 'POST', `${account}/access/apps`, {
      type: 'self_hosted',
      name,
      domain: `${name}.example.dev`,
      destinations: [{ type: 'public', uri: `${name}.example.dev` }],
      policies: [{ id: policy.result.id, precedence: 1 }],
      tags: [tag],
    });
  }
  const rules = [
    { hostname: 'work.example.dev', service: 'http://work.lan:80' },
    { hostname: 'mine.example.dev', path: '^/x', service: 'http://mine.lan:80' },
    { hostname: '*.example.dev', service: 'http_status:404' },
    { service: 'http_status:404' },
  ];
  await post(sandbox, 'PUT', `${account}/cfd_tunnel/${tunnel?.id}/configurations`, {
    config: { ingress: rules },
  });
}

/** The foreign state: as the sandbox stores it, with foreign rules in the order of the API. */
async function others(sandbox: Sandbox): Promise<string> {
  const state = JSON.parse(sandbox.snapshot());
  const ours = (item: { name?: string; comment?: string; tags?: string[] }) =>
    item.name?.startsWith('gates:home/') ||
    item.name === 'gates-home' ||
    item.comment?.startsWith('gates:home') ||
    item.tags?.includes('gates-home');
  const lists = ['records', 'apps', 'policies', 'tags', 'serviceTokens'].map((kind) =>
    state[kind].filter((item: object) => !ours(item)),
  );
  const url = `${sandbox.urls.cloudflare}/accounts/${sandbox.accountId}/cfd_tunnel/${state.tunnels[0].id}/configurations`;
  const reply = await sandbox.fetch(url, { headers: { authorization: `Bearer ${sandbox.token}` } });
  const { result } = (await reply.json()) as { result: { config: { ingress: { hostname?: string }[] } } };
  const foreign = result.config.ingress.filter(({ hostname = '' }) => !/^s\d+\.example\.dev$/.test(hostname));
  return JSON.stringify([lists, foreign], undefined, 1);
}

describe('a foreign object', () => {
  it('is byte for byte the same after 30 random files', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    await settleOthers(sandbox);
    const before = await others(sandbox);
    expect(before).toContain('work.lan');
    const disk = newDisk();
    const files = fc.sample(fc.tuple(fc.nat(12), fc.nat(6)), { numRuns: 30, seed: 20261124 });
    for (const [services, records] of files) {
      const pass = await runProcess(sandbox, disk, manyServices(services, records));
      expect(pass.report?.outcomes.filter(({ status }) => status !== 'done')).toEqual([]);
      expect(await others(sandbox)).toBe(before);
    }
  });

  it('is not adopted by a file that asks for an equal one', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    await settleOthers(sandbox);
    const before = await others(sandbox);
    const file = manyServices(1)
      .replace('s0.example.dev', 'work.example.dev')
      .replace('{ public: { reason: "open" } }', '{ cloudflare: { emails: [me@example.dev] } }');
    const pass = await runProcess(sandbox, newDisk(), file);
    const refused = pass.report?.plan?.changes
      .filter(({ verb }) => verb === 'refuse')
      .map(({ address }) => address.key);
    expect(refused).toContain('work.example.dev');
    expect(await others(sandbox)).toBe(before);
  });
});
