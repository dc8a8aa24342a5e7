import { expect, it } from 'vitest';
import { judge } from '../../../../../src/lab/sandbox/oracle/oracle.ts';
import { addRecord, setIngress, visit } from '../../edge/scene.ts';
import { createApi } from '../api.ts';

const APP = { type: 'self_hosted', domain: 'app.example.dev', name: 'app' };

it('tags are identified by name, count their applications and follow a renaming', async () => {
  const api = createApi();
  const path = `${api.account}/access/tags`;
  const reply = await api.call('POST', path, { name: 'gates-home' });
  expect([reply.status, reply.body.result]).toMatchObject([201, { name: 'gates-home', app_count: 0 }]);
  const app = await api.done('POST', `${api.account}/access/apps`, { ...APP, tags: ['gates-home'] });
  expect(await api.done('GET', path)).toMatchObject([{ name: 'gates-home', app_count: 1 }]);
  expect(await api.done('PUT', `${path}/gates-home`, { name: 'gates/lab' })).toMatchObject({
    name: 'gates/lab',
  });
  expect(await api.done('GET', `${path}/gates%2Flab`)).toMatchObject({ app_count: 1 });
  expect(await api.done('GET', `${api.account}/access/apps/${app.id}`)).toMatchObject({
    tags: ['gates/lab'],
  });
});

it('tags are listed in alphabetical order, once each', async () => {
  const api = createApi();
  for (const name of ['b', 'a', 'c']) await api.done('POST', `${api.account}/access/tags`, { name });
  const app = await api.done('POST', `${api.account}/access/apps`, { ...APP, tags: ['c', 'a', 'b', 'a'] });
  expect(app.tags).toEqual(['a', 'b', 'c']);
});

it('tags are refused twice, without a name, and for deletion while in use', async () => {
  const api = createApi();
  const path = `${api.account}/access/tags`;
  await api.done('POST', path, { name: 'x' });
  await api.refused(409, 12088, 'POST', path, { name: 'x' });
  await api.refused(400, 12130, 'POST', path, {});
  await api.refused(400, 12130, 'POST', path, { name: 'y', colour: 'red' });
  const app = await api.done('POST', `${api.account}/access/apps`, { ...APP, tags: ['x'] });
  await api.refused(400, 12130, 'DELETE', `${path}/x`);
  await api.done('DELETE', `${api.account}/access/apps/${app.id}`);
  const gone = await api.call('DELETE', `${path}/x`);
  expect([gone.status, gone.body.result]).toEqual([202, { name: 'x' }]);
  await api.refused(404, 12087, 'GET', `${path}/x`);
});

it('the organization has the domain of the team, and no identity provider', async () => {
  const api = createApi();
  for (const scope of [api.account, api.zone]) {
    expect(await api.done('GET', `${scope}/access/organizations`)).toMatchObject({
      auth_domain: 'example.cloudflareaccess.com',
    });
    expect(await api.done('GET', `${scope}/access/identity_providers`)).toEqual([]);
  }
});

it('the organization shows its settings, and a change keeps the others', async () => {
  const api = createApi();
  const path = `${api.account}/access/organizations`;
  expect(await api.done('GET', path)).toMatchObject({
    allow_authenticate_via_warp: false,
    deny_unmatched_requests: false,
    deny_unmatched_requests_exempted_zone_names: [],
    strict_service_token_auth: true,
    session_duration: '24h',
  });
  const exempted = { deny_unmatched_requests_exempted_zone_names: ['example.dev'] };
  await api.done('PUT', path, { deny_unmatched_requests: true, ...exempted });
  await api.done('PUT', path, { session_duration: '1h', allow_authenticate_via_warp: true });
  expect(await api.done('GET', path)).toMatchObject({
    ...{ deny_unmatched_requests: true, session_duration: '1h', allow_authenticate_via_warp: true },
    ...exempted,
    auth_domain: 'example.cloudflareaccess.com',
  });
  await api.refused(400, 12130, 'PUT', path, { deny_unmatched_requests: 'yes' });
  await api.refused(400, 12130, 'PUT', path, { session_duration: 'long' });
  await api.refused(400, 12130, 'PUT', path, { auth_domain: 'other.cloudflareaccess.com' });
});

it('an account without Zero Trust has no organization, and its edge still works', async () => {
  const api = createApi();
  api.world.organization = null;
  await api.refused(403, 9999, 'GET', `${api.account}/access/organizations`);
  addRecord(api.world, { name: 'app.example.dev' });
  setIngress(api.world, [{ service: 'http://app.lan' }]);
  expect(await visit(api.world, 'https://app.example.dev/')).toMatchObject({ status: 200 });
  api.world.guards = [{ host: 'app.example.dev', admit: {} }];
  expect(judge(api.world, 1)).not.toEqual([]);
});
