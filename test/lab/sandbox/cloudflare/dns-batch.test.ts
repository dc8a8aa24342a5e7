import { expect, it } from 'vitest';
import { createApi } from './api.ts';

const A = { type: 'A', name: 'www', content: '192.0.2.1', ttl: 300 };
const CNAME = { type: 'CNAME', name: 'www', content: 'a.example.net', ttl: 1 };

it('a batch runs deletes first, so that a CNAME can replace an address at once', async () => {
  const api = createApi();
  const row = await api.done('POST', `${api.zone}/dns_records`, A);
  const done = await api.done('POST', `${api.zone}/dns_records/batch`, {
    posts: [CNAME],
    deletes: [{ id: row.id }],
  });
  expect(done).toMatchObject({
    deletes: [{ id: row.id, content: '192.0.2.1' }],
    patches: [],
    puts: [],
    posts: [CNAME_READ],
  });
  expect(await api.done('GET', `${api.zone}/dns_records`)).toEqual(done.posts);
});

const CNAME_READ = { name: 'www.example.dev', content: 'a.example.net' };

it('a batch patches, then overwrites, then creates', async () => {
  const api = createApi();
  const one = await api.done('POST', `${api.zone}/dns_records`, { ...A, comment: 'one' });
  const two = await api.done('POST', `${api.zone}/dns_records`, { ...A, name: 'two', comment: 'two' });
  const done = await api.done('POST', `${api.zone}/dns_records/batch`, {
    posts: [{ ...A, name: 'three' }],
    puts: [{ ...A, id: two.id, name: 'two', ttl: 60 }],
    patches: [{ id: one.id, ttl: 120 }],
  });
  expect(done.patches).toMatchObject([{ id: one.id, ttl: 120, comment: 'one' }]);
  expect(done.puts).toMatchObject([{ id: two.id, ttl: 60, comment: null }]);
  expect(done.posts).toMatchObject([{ name: 'three.example.dev' }]);
});

it('a batch undoes everything on the first error', async () => {
  const api = createApi();
  const row = await api.done('POST', `${api.zone}/dns_records`, A);
  const before = structuredClone(api.world.records);
  const batch = { deletes: [{ id: row.id }], posts: [CNAME, { ...CNAME, content: 'b.example.net' }] };
  await api.refused(400, 81053, 'POST', `${api.zone}/dns_records/batch`, batch);
  expect(api.world.records).toEqual(before);
});

const refusals = [
  {
    because: 'a record that is not there',
    batch: { deletes: [{ id: 'f'.repeat(32) }] },
    status: 404,
    code: 81044,
  },
  { because: 'an operation without an id', batch: { patches: [{ ttl: 1 }] }, status: 400, code: 1004 },
  { because: 'a list that is none', batch: { posts: A }, status: 400, code: 1004 },
  { because: 'a list nobody knows', batch: { creates: [A] }, status: 400, code: 1004 },
  { because: 'nothing to do', batch: {}, status: 400, code: 1004 },
  {
    because: 'more than 200 operations on the free plan',
    batch: { posts: Array.from({ length: 201 }, (_, at) => ({ ...A, name: `n${at}` })) },
    status: 400,
    code: 1004,
  },
];
for (const { because, batch, status, code } of refusals) {
  it(`a batch rejects ${because}`, async () => {
    const api = createApi();
    await api.refused(status, code, 'POST', `${api.zone}/dns_records/batch`, batch);
    expect(api.world.records).toEqual([]);
  });
}
