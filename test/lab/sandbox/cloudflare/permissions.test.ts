import { expect, it } from 'vitest';
import { MACHINES } from './access/authorities.ts';
import { createApi } from './api.ts';

function limited(permissions: string[] | undefined, expiresOn?: string) {
  const api = createApi();
  const [token] = api.world.apiTokens;
  if (token === undefined) throw new Error('the first world has a token');
  if (permissions !== undefined) token.permissions = permissions;
  if (expiresOn !== undefined) token.expiresOn = expiresOn;
  return api;
}

const A = { type: 'A', name: 'www', content: '192.0.2.1', ttl: 300 };

it('a token may do what its permissions allow, and nothing else', async () => {
  const api = limited(['Zone Read', 'DNS Read', 'Cloudflare Tunnel Write']);
  expect(await api.done('GET', api.zone)).toMatchObject({ permissions: ['#dns_records:read', '#zone:read'] });
  await api.done('GET', `${api.zone}/dns_records`);
  await api.refused(403, 10000, 'POST', `${api.zone}/dns_records`, A);
  await api.refused(403, 10000, 'GET', `${api.account}/access/apps`);
  await api.refused(403, 10000, 'GET', `${api.account}/logs/audit`);
  await api.done('GET', `${api.account}/cfd_tunnel`);
  await api.done('GET', '/user/tokens/verify');
});

it('a token that is limited to zones finds them by their names, and sees no others', async () => {
  const api = limited(undefined);
  const [token] = api.world.apiTokens;
  const other = `/zones/${api.world.zones[1]?.id}`;
  if (token === undefined) throw new Error('the first world has a token');
  token.zones = ['example.dev'];
  expect(await api.refused(403, 9109, 'GET', '/zones')).toContain('com.cloudflare.api.account.zone.list');
  const named = await api.done('GET', '/zones?name=example.dev');
  expect(named).toEqual([expect.objectContaining({ name: 'example.dev' })]);
  expect(await api.done('GET', '/zones?name=example.net')).toEqual([]);
  await api.done('POST', `${api.zone}/dns_records`, A);
  await api.refused(403, 9109, 'GET', other);
  await api.refused(403, 9109, 'GET', `${other}/dns_records`);
  await api.refused(403, 9109, 'GET', `${other}/rulesets`);
  await api.refused(403, 9109, 'POST', `${other}/dns_records`, A);
  await api.refused(403, 9109, 'GET', `${other}/access/apps`);
  await api.done('GET', `${api.account}/cfd_tunnel`);
  token.zones = [];
  await api.refused(403, 9109, 'GET', '/zones');
  expect(await api.done('GET', '/zones?name=example.dev')).toEqual([]);
});

it('the token of a tunnel is visible only with the permission to write it', async () => {
  const tunnel = (api: ReturnType<typeof limited>) =>
    `${api.account}/cfd_tunnel/${api.world.tunnels[0]?.id}/token`;
  const reader = limited(['Cloudflare Tunnel Read']);
  await reader.refused(403, 10000, 'GET', tunnel(reader));
  const writer = limited(['Cloudflare Tunnel Write']);
  await writer.done('GET', tunnel(writer));
});

it('the API reports when a token ends, and that it has ended', async () => {
  const ahead = limited(undefined, '2099-01-01T00:00:00Z');
  expect(await ahead.done('GET', '/user/tokens/verify')).toMatchObject({
    status: 'active',
    expires_on: '2099-01-01T00:00:00Z',
  });
  const over = limited(undefined, '2020-01-01T00:00:00Z');
  expect(await over.done('GET', '/user/tokens/verify')).toMatchObject({ status: 'expired' });
  await over.refused(403, 10000, 'GET', '/zones');
});

it.each([
  { path: '/devices/posture', group: 'Zero Trust', body: { name: 'WARP', type: 'warp' } },
  {
    path: '/access/certificates',
    group: 'Access: Mutual TLS Certificates',
    body: { name: 'ci', certificate: MACHINES },
  },
])('$path has a permission of its own', async ({ path, group, body }) => {
  const without = limited(['Access: Apps and Policies Write']);
  await without.refused(403, 10000, 'GET', without.account + path);
  const reader = limited([`${group} Read`]);
  await reader.done('GET', reader.account + path);
  await reader.refused(403, 10000, 'POST', reader.account + path, body);
  const writer = limited([`${group} Write`]);
  await writer.done('POST', writer.account + path, body);
});
