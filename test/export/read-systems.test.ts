import { describe, expect, it } from 'vitest';
import type { SystemsExport } from '../../src/export/exported-answer.ts';
import { createSandbox } from '../../src/lab/sandbox/index.ts';
import { done } from '../lab/sandbox/mirror/recorded.ts';
import { richSandbox } from '../lab/sandbox/mirror/rich-world.ts';
import { copyOf, exportOf } from './systems.ts';

/** The answers without connectors, which a copy invents. */
function comparable({ answers }: SystemsExport): unknown {
  return JSON.parse(JSON.stringify(answers), (name, value) =>
    ['connections', 'conns_active_at'].includes(name) ? undefined : value,
  );
}

const pathsIn = ({ answers }: SystemsExport) => answers.map(({ system, path }) => `${system} ${path}`);

describe('an export', () => {
  it('reads both systems with GETs only, and gives the same answers again', async () => {
    const sandbox = await richSandbox();
    const before = sandbox.calls().length;
    const first = await exportOf(sandbox);
    expect(new Set(sandbox.calls(before).map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(await exportOf(sandbox)).toEqual(first);
    const [, other] = sandbox.zones;
    const withoutShield = ['api_gateway/operations', 'token_validation/config', 'token_validation/rules'];
    expect(first.refused.map(({ path }) => path)).toEqual(
      withoutShield.map((path) => `/zones/${other?.id}/${path}`),
    );
  });

  it('leads to a copy that gives the same answers', async () => {
    const exported = await exportOf(await richSandbox());
    const { copy, unplayed } = await copyOf(exported);
    expect(unplayed).toEqual([
      'policy "strong password" is a Password Policy: here it is what its binding says of a failure',
    ]);
    expect(comparable(await exportOf(copy))).toEqual(comparable(exported));
  });

  it('leads to a copy with every object of lists with several pages, in whatever order', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    for (let index = 0; index < 120; index += 1) {
      await done(sandbox, 'authentik', 'POST', '/api/v3/core/groups/', { name: `group ${997 * index}` });
    }
    const exported = await exportOf(sandbox);
    const { copy, unplayed } = await copyOf(exported);
    expect(unplayed).toEqual([]);
    expect(comparable(await exportOf(copy))).toEqual(comparable(exported));
  });

  it('contains only the named zones, and refuses an unknown one', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev', 'example.org'] });
    const exported = await exportOf(sandbox, { zones: ['example.org'] });
    expect(exported.zones).toEqual(['example.org']);
    const [zone] = sandbox.zones;
    expect(pathsIn(exported).filter((path) => path.includes(String(zone?.id)))).toEqual([]);
    await expect(exportOf(sandbox, { zones: ['example.net'] })).rejects.toThrow('no zone "example.net"');
  });

  it('finds the account by its name, or without one if the token sees only one', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'] });
    const [account] = await done(sandbox, 'cloudflare', 'GET', '/accounts');
    expect((await exportOf(sandbox, { account: account.name })).account).toBe(sandbox.accountId);
    expect((await exportOf(sandbox, { account: undefined })).account).toBe(sandbox.accountId);
    await expect(exportOf(sandbox, { account: 'another' })).rejects.toThrow('no account of this name');
  });

  it('reports what a token may not read, and rejects a wrong token', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'] });
    const world = JSON.parse(sandbox.snapshot());
    world.apiTokens[0].permissions = ['Zone Read', 'DNS Read'];
    sandbox.restore(JSON.stringify(world));
    const exported = await exportOf(sandbox);
    const refused = exported.refused.map(({ path }) => path.split('/').slice(3).join('/'));
    expect(refused).toEqual(expect.arrayContaining(['access/apps', 'cfd_tunnel']));
    expect(pathsIn(exported).some((path) => path.endsWith('/dns_records'))).toBe(true);
    await expect(exportOf(sandbox, { tokens: { authentik: 'wrong' } })).rejects.toThrow();
  });
});

describe('a secret', () => {
  it('is in no answer', async () => {
    const canary = 'canary5f0c';
    const sandbox = await createSandbox({ zones: ['example.dev'], canary });
    const post = (path: string, body: object) => done(sandbox, 'authentik', 'POST', `/api/v3${path}`, body);
    const flows = await done(sandbox, 'authentik', 'GET', '/api/v3/flows/instances/');
    const flow = (slug: string) => flows.results.find((each: { slug: string }) => each.slug === slug)?.pk;
    const client = await post('/providers/oauth2/', {
      name: 'client',
      authorization_flow: flow('default-provider-authorization-implicit-consent'),
      invalidation_flow: flow('default-provider-invalidation-flow'),
      redirect_uris: [],
    });
    await post('/propertymappings/provider/scope/', {
      name: 'leak',
      scope_name: 'leak',
      expression: `return {"secret": "${client.client_secret}"}`,
    });
    await post('/core/users/', { username: 'ada', name: 'Ada', attributes: { pin: `pin-${canary}` } });
    await post('/core/groups/', { name: 'all', attributes: { wifiPassword: `wifi-${canary}` } });
    await done(sandbox, 'cloudflare', 'POST', `/accounts/${sandbox.accountId}/access/service_tokens`, {
      name: 'ci',
    });
    const text = JSON.stringify(await exportOf(sandbox));
    expect(text).not.toContain(canary);
    expect(text).not.toContain(sandbox.token);
    expect(text).not.toContain(sandbox.authentikToken);
    expect(text).toContain('"client_secret":"[redacted]"');
  });
});
