import { expect, it } from 'vitest';
import { handleCloudflare } from '../../../../src/lab/sandbox/cloudflare/index.ts';
import { viewOf } from '../../../../src/lab/sandbox/edge/view/view.ts';
import { workerAt } from '../../../../src/lab/sandbox/edge/worker/worker-match.ts';
import { type Api, createApi } from './api.ts';

async function upload(
  { world, account }: Api,
  name: string,
  type = 'application/javascript+module',
  more: object = {},
) {
  const form = new FormData();
  form.append('metadata', JSON.stringify({ main_module: 'm.js', ...more }));
  form.append('m.js', new Blob(['export default {}'], { type }), 'm.js');
  const headers = { authorization: `Bearer ${world.apiTokens[0]?.value}` };
  const url = `http://cloudflare.test/client/v4${account}/workers/scripts/${name}`;
  const reply = await handleCloudflare(world, new Request(url, { method: 'PUT', headers, body: form }));
  return {
    status: reply.status,
    body: (await reply.json()) as { errors: { message: string }[]; result: { etag: string } },
  };
}

it('a Worker is uploaded with its settings, listed, and removed once no route leads to it', async () => {
  const api = createApi();
  const { account, zone, done, refused } = api;
  const bindings = [{ type: 'plain_text', name: 'A', text: 'b' }];
  const { status, body } = await upload(api, 'one', undefined, {
    bindings,
    tags: ['t'],
    compatibility_date: '2026-01-01',
  });
  expect(status).toBe(200);
  const scripts = `${account}/workers/scripts`;
  expect(await done('GET', scripts)).toMatchObject([{ id: 'one', etag: body.result.etag, tags: ['t'] }]);
  expect(await done('GET', `${scripts}/one/settings`)).toMatchObject({
    bindings,
    tags: ['t'],
    compatibility_date: '2026-01-01',
  });
  const { id } = await done('POST', `${zone}/workers/routes`, { pattern: 'a.example.dev/*', script: 'one' });
  await refused(409, 10064, 'DELETE', `${scripts}/one`);
  await done('DELETE', `${zone}/workers/routes/${id}`);
  await done('DELETE', `${scripts}/one`);
  await refused(404, 10007, 'GET', `${scripts}/one/settings`);
});

it.each([
  ['a module of another type', 'text/plain', {}, 'no module'],
  ['a module that is not there', undefined, { main_module: 'other.js' }, "there is no part 'other.js'"],
  ['an unknown field', undefined, { limits: {} }, "unknown field 'limits'"],
  [
    'a binding that is not played',
    undefined,
    { bindings: [{ type: 'secret_text', name: 'A', text: 'b' }] },
    'plays no binding',
  ],
])('an upload with %s is refused', async (_, type, more, says) => {
  const { status, body } = await upload(createApi(), 'one', type, more);
  expect([status, body.errors[0]?.message]).toEqual([400, expect.stringContaining(says)]);
});

it('a route needs a Worker, a pattern of its own, and one in its zone', async () => {
  const api = createApi();
  await upload(api, 'one');
  const routes = `${api.zone}/workers/routes`;
  await api.refused(404, 10007, 'POST', routes, { pattern: 'a.example.dev/*', script: 'two' });
  await api.done('POST', routes, { pattern: 'a.example.dev/*', script: 'one' });
  await api.refused(409, 10020, 'POST', routes, { pattern: 'a.example.dev/*', script: 'one' });
  for (const pattern of ['a.example.net/*', 'a.example.dev/*/b', 'a.example.dev/?b', 'a.*.example.dev/*'])
    await api.refused(400, 10022, 'POST', routes, { pattern, script: 'one' });
});

it.each([
  ['app.example.dev', '/', 'exact'],
  ['app.example.dev', '/api/x', 'path'],
  ['app.example.dev', '/off/x', undefined],
  ['app.example.dev', '/cat.png', undefined],
  ['app.example.dev', '/cat.png?of=me', 'exact'],
  ['app.example.dev', '/cdn-cgi/trace', undefined],
  ['other.example.dev', '/', 'wild'],
  ['example.dev', '/', undefined],
])('at %s%s the most specific route decides: %s', async (host, path, expected) => {
  const api = createApi();
  for (const name of ['exact', 'path', 'wild']) await upload(api, name);
  for (const [pattern, script] of [
    ['app.example.dev/*', 'exact'],
    ['*.example.dev/*', 'wild'],
    ['app.example.dev/api/*', 'path'],
    ['app.example.dev/off/*', undefined],
    ['app.example.dev/cat.png', undefined],
  ])
    await api.done('POST', `${api.zone}/workers/routes`, { pattern, ...(script && { script }) });
  expect(workerAt(viewOf(api.world), host, path)?.id).toBe(expected);
});

it('the token needs the permissions of Workers', async () => {
  const { world, account, zone, refused, done } = createApi();
  const [token] = world.apiTokens;
  if (token) token.permissions = ['Zone Write', 'Access: Apps and Policies Write'];
  await refused(403, 10000, 'GET', `${account}/workers/scripts`);
  await refused(403, 10000, 'GET', `${zone}/workers/routes`);
  if (token) token.permissions = ['Workers Scripts Read', 'Workers Routes Read'];
  await done('GET', `${account}/workers/scripts`);
  await refused(403, 10000, 'DELETE', `${account}/workers/scripts/one`);
});
