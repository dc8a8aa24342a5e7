import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, newClient } from './client.ts';

let client: Client;
let tags: string;

beforeEach(async () => {
  client = await newClient();
  tags = `${client.account}/access/tags`;
});

const add = (name: string) => client.api('POST', tags, { name });
const names = async (query = '') =>
  (await client.api('GET', `${tags}${query}`)).body.result.map(({ name }: { name: string }) => name);
const groupAt = async (path: string) => {
  const { authentikToken, urls } = client.sandbox;
  const headers = { authorization: `Bearer ${authentikToken}` };
  const reply = await client.sandbox.fetch(`${urls.authentik}/api/v3/core/groups/${path}`, { headers });
  return (await reply.json()) as { name?: string; results: { name: string }[] };
};
const fault = (body: object) => client.admin('POST', '/faults', body);

describe('a stale reply', () => {
  it('is the reply of so many writes ago, as far back as the sandbox remembers', async () => {
    await add('a');
    await fault({ match: { method: 'GET', path: '*/tags' }, fault: 'stale', writes: 1, times: 2 });
    expect(await names()).toEqual(['a']);
    await add('b');
    expect(await names()).toEqual(['a']);
    expect(await names()).toEqual(['a', 'b']);
    await client.admin('DELETE', '/faults');
    await fault({ match: { path: '*/tags' }, fault: 'stale', writes: 5 });
    await add('c');
    await add('d');
    expect(await names()).toEqual(['a', 'b']);
    await client.admin('DELETE', '/faults');
    expect(await names()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is the reply of so many milliseconds ago, in virtual time', async () => {
    await add('a');
    await fault({ match: {}, fault: 'stale', ms: 5000 });
    await add('b');
    expect(await names()).toEqual(['a']);
    await client.admin('POST', '/clock', { advance: '6s' });
    expect(await names()).toEqual(['a', 'b']);
  });

  it('may affect only lists, at both systems, while an object by its id is current', async () => {
    await add('a');
    await fault({ match: { lists: true }, fault: 'stale', writes: 2 });
    await add('b');
    const edit = { system: 'authentik', method: 'POST', path: '/api/v3/core/groups/', body: { name: 'g' } };
    const made = (await client.admin('POST', '/edit', edit)).body.pk;
    expect(await names()).toEqual(['a']);
    expect((await client.api('GET', `${tags}/b`)).body.result).toMatchObject({ name: 'b' });
    expect((await groupAt('')).results.map(({ name }) => name)).not.toContain('g');
    expect(await groupAt(`${made}/`)).toMatchObject({ name: 'g' });
  });

  it('changes nothing: writes apply to the current state, and calls count', async () => {
    await fault({ match: {}, fault: 'stale', writes: 1 });
    await add('a');
    await names();
    expect((await add('a')).status).toBe(409);
    const { budget } = (await client.admin('GET', '/state')).body;
    expect(budget.used).toBe(3);
  });
});

describe('somebody else', () => {
  it('deletes an object between two pages, so that another one is skipped', async () => {
    for (const name of ['a', 'b', 'c']) await add(name);
    const edit = { method: 'DELETE', path: `${tags}/a` };
    await fault({ match: { method: 'GET', path: '*/tags' }, fault: 'edit', edit, skip: 1, times: 1 });
    expect(await names('?per_page=2&page=1')).toEqual(['a', 'b']);
    expect(await names('?per_page=2&page=2')).toEqual([]);
  });

  it('writes before a write of ours, and the audit log says who', async () => {
    const edit = { actor: 'ann', method: 'POST', path: tags, body: { name: 'a' } };
    await fault({ match: { method: 'POST', path: '*/tags' }, fault: 'edit', edit, times: 1 });
    expect((await add('a')).status).toBe(409);
    const { body } = await client.admin('GET', '/audit');
    expect(body.map(({ actor, status }: { actor: string; status: number }) => `${actor} ${status}`)).toEqual([
      'ann 201',
    ]);
  });
});

it('a status fault may have its own body', async () => {
  const body = { success: true, errors: [], messages: [], result: { version: 3, config: null } };
  await fault({ match: { path: '*/tags' }, fault: 'status', status: 200, body });
  expect(await client.api('GET', tags)).toMatchObject({ status: 200, body });
});

it('an incomplete fault is rejected', async () => {
  expect((await fault({ fault: 'stale' })).status).toBe(400);
  expect((await fault({ fault: 'edit', edit: { method: 'GET' } })).status).toBe(400);
});
