import { expect, it } from 'vitest';
import { visit } from '../edge/scene.ts';
import { createApi } from './api.ts';

const OTHER = '00000000-0000-4000-8000-000000000001';
const POLICY = { name: 'p', decision: 'allow', include: [{ everyone: {} }] };

it('an account may have 500 reusable policies, not counting those of single applications, and the error says so', async () => {
  const api = createApi({ callBudget: 10_000 });
  const path = `${api.account}/access/policies`;
  const first = await api.done('POST', path, POLICY);
  const [policy] = api.world.policies;
  if (policy === undefined) throw new Error('it was made');
  for (let at = 1; at < 500; at += 1) api.world.policies.push({ ...policy, id: `${at}` });
  api.world.policies.push({ ...policy, id: 'own', appId: 'app' });
  const refusal = 'maximum number of reusable policies (500) has been reached';
  expect(await api.refused(400, 12130, 'POST', path, POLICY)).toContain(refusal);
  await api.done('PUT', `${path}/${first.id}`, POLICY);
  await api.done('DELETE', `${path}/${first.id}`);
  await api.done('POST', path, POLICY);
});

it('an account may have other quotas than the documented ones', async () => {
  const api = createApi({ accessLimits: { destinations: 2, applications: 1, policies: 0 } });
  const apps = `${api.account}/access/apps`;
  const app = (...uris: string[]) => ({
    ...{ type: 'self_hosted', name: uris[0], domain: uris[0] },
    destinations: uris.map((uri) => ({ type: 'public', uri })),
  });
  const three = app('a.example.dev', 'b.example.dev', 'c.example.dev');
  expect(await api.refused(400, 12130, 'POST', apps, three)).toContain('2 destinations');
  await api.done('POST', apps, app('a.example.dev', 'b.example.dev'));
  await api.refused(400, 12130, 'POST', apps, app('c.example.dev'));
  await api.refused(400, 12130, 'POST', `${api.account}/access/policies`, POLICY);
});

it.each([
  ['newer', true, false],
  ['older', false, true],
  ['both', true, true],
  ['none', false, false],
] as const)('%s headers show what is left of the budget', async (rateHeaders, newer, older) => {
  const api = createApi({ rateHeaders, callBudget: 3 });
  const { headers } = await api.call('GET', '/zones');
  expect(headers.has('ratelimit') && headers.has('ratelimit-policy')).toBe(newer);
  const left = ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`));
  expect(left).toEqual(older ? ['3', '2', '300'] : [null, null, null]);
});

it('a connector without connections is listed without them, with its last version', async () => {
  const api = createApi();
  const [tunnel] = api.world.tunnels;
  const [connector] = tunnel?.connectors ?? [];
  if (tunnel === undefined || connector === undefined) throw new Error('the first world has one');
  const path = `${api.account}/cfd_tunnel/${tunnel.id}`;
  const config = {
    ingress: [{ hostname: 'a.example.dev', service: 'http://a.lan' }, { service: 'http_status:404' }],
  };
  await api.done('PUT', `${path}/configurations`, { config });
  await api.done('POST', `${api.zone}/dns_records`, {
    ...{ type: 'CNAME', name: 'a', content: `${tunnel.id}.cfargotunnel.com`, ttl: 1, proxied: true },
  });
  connector.lostAtVersion = 0;
  tunnel.connectors.push({ id: OTHER, openedAt: connector.openedAt });
  expect(await api.done('GET', `${path}/connections`)).toMatchObject([
    { id: connector.id, config_version: 0, conns: [] },
    { id: OTHER, config_version: 1, conns: [{ id: OTHER }] },
  ]);
  expect((await visit(api.world, 'https://a.example.dev/')).status).toBe(200);
  tunnel.connectors.pop();
  expect(await api.done('GET', path)).toMatchObject({ status: 'down' });
  expect((await visit(api.world, 'https://a.example.dev/')).status).toBe(530);
});
