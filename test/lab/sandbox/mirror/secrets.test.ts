import { expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../../src/lab/sandbox/index.ts';
import { accessScene, PROXMOX } from '../edge/access-scene.ts';
import { browserOf } from '../edge/browser.ts';
import { copyOf, done, worldOf } from './recorded.ts';

/** Makes a host that admits one service token, and returns the reply with its secret. */
async function behindToken(sandbox: Sandbox): Promise<{ client_id: string; client_secret: string }> {
  const account = `/accounts/${sandbox.accountId}`;
  const zone = sandbox.zones[0]?.id;
  const token = await done(sandbox, 'cloudflare', 'POST', `${account}/access/service_tokens`, { name: 'ci' });
  await done(sandbox, 'cloudflare', 'POST', `${account}/access/apps`, {
    type: 'self_hosted',
    name: 'app',
    domain: 'app.example.dev',
    policies: [
      { name: 'ci', decision: 'non_identity', include: [{ service_token: { token_id: token.id } }] },
    ],
  });
  const [tunnel] = await done(sandbox, 'cloudflare', 'GET', `${account}/cfd_tunnel?is_deleted=false`);
  await done(sandbox, 'cloudflare', 'PUT', `${account}/cfd_tunnel/${tunnel.id}/configurations`, {
    config: {
      ingress: [{ hostname: 'app.example.dev', service: 'http://app.lan' }, { service: 'http_status:404' }],
    },
  });
  await done(sandbox, 'cloudflare', 'POST', `/zones/${zone}/dns_records`, {
    type: 'CNAME',
    name: 'app',
    content: `${tunnel.id}.cfargotunnel.com`,
    proxied: true,
    ttl: 1,
  });
  return token;
}

async function servedBy(sandbox: Sandbox, id: string, secret: string): Promise<string | null> {
  const headers = { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': secret };
  const { status, headers: shown } = await sandbox.fetch('https://app.example.dev/', {
    headers,
    redirect: 'manual',
  });
  return status === 200 ? shown.get('x-sandbox-served-by') : null;
}

it('a copy admits a token with its real secret if it knows that, and with no other', async () => {
  const real = await createSandbox({ zones: ['example.dev'] });
  const { client_id, client_secret } = await behindToken(real);
  expect(await servedBy(real, client_id, client_secret)).toBe('origin');
  const secrets = new Map([
    [client_id, client_secret],
    ['nobody.access', 'unused'],
  ]);
  const told = await copyOf(real, { secrets });
  expect(told.unplayed).toEqual([]);
  expect(await servedBy(told.copy, client_id, client_secret)).toBe('origin');
  expect(await servedBy(told.copy, client_id, 'another')).toBeNull();
  expect(await servedBy(told.copy, 'nobody.access', 'unused')).toBeNull();
  expect(worldOf(told.copy).serviceTokens).toHaveLength(1);
});

it('a copy invents unknown secrets', async () => {
  const real = await createSandbox({ zones: ['example.dev'] });
  const { client_id, client_secret } = await behindToken(real);
  const { copy } = await copyOf(real);
  expect(await servedBy(copy, client_id, client_secret)).toBeNull();
  const [token] = worldOf(copy).serviceTokens;
  expect(await servedBy(copy, client_id, token?.secret ?? '')).toBe('origin');
});

it('a copy uses Authentik’s secret of the client for Access', async () => {
  const real = await createSandbox({ zones: ['example.dev'] });
  const world = worldOf(real);
  await accessScene(world);
  real.restore(JSON.stringify(world));
  const { copy, unplayed } = await copyOf(real);
  expect(unplayed).toEqual([]);
  const jo = await browserOf(worldOf(copy), { username: 'jo' }).follow(`https://${PROXMOX}/`);
  expect(jo).toMatchObject({ status: 200, servedBy: 'origin' });
});
