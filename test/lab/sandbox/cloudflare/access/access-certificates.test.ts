import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { createApi } from '../api.ts';
import { LEAF, MACHINES, STRANGERS } from './authorities.ts';

const HOST = 'app.example.dev';

it('an authority is created, renamed, moved between hosts and deleted, and its PEM is never shown', async () => {
  const api = createApi();
  const path = `${api.account}/access/certificates`;
  const reply = await api.call('POST', path, {
    name: 'ci',
    certificate: MACHINES,
    associated_hostnames: [HOST],
  });
  expect(reply.status).toBe(201);
  const { id, fingerprint } = reply.body.result;
  const { validTo } = new X509Certificate(MACHINES);
  expect(reply.body.result).toMatchObject({
    ...{ name: 'ci', associated_hostnames: [HOST], expires_on: new Date(validTo).toISOString() },
  });
  expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
  expect(reply.text).not.toContain('BEGIN');
  expect(await api.done('GET', path)).toMatchObject([{ id }]);
  const moved = { name: 'machines', associated_hostnames: ['api.example.dev'] };
  expect(await api.done('PUT', `${path}/${id}`, moved)).toMatchObject({ id, fingerprint, ...moved });
  await api.done('PUT', `${path}/${id}`, { associated_hostnames: [] });
  expect(await api.done('GET', `${path}/${id}`)).toMatchObject({
    name: 'machines',
    associated_hostnames: [],
  });
  const gone = await api.call('DELETE', `${path}/${id}`);
  expect([gone.status, gone.body.result]).toEqual([202, { id }]);
  await api.refused(404, 12135, 'GET', `${path}/${id}`);
});

it('an authority with hosts cannot be deleted', async () => {
  const api = createApi();
  const path = `${api.account}/access/certificates`;
  const { id } = await api.done('POST', path, {
    name: 'ci',
    certificate: MACHINES,
    associated_hostnames: [HOST],
  });
  const says = await api.refused(409, 12134, 'DELETE', `${path}/${id}`);
  expect(says).toContain('certificate_has_active_associations');
  await api.done('GET', `${path}/${id}`);
});

it.each([
  { because: 'no name', body: { certificate: MACHINES }, says: 'name' },
  { because: 'no certificate', body: { name: 'ci' }, says: 'PEM of an authority' },
  { because: 'a text that is none', body: { name: 'ci', certificate: 'MII' }, says: 'PEM of an authority' },
  {
    because: 'a broken PEM',
    body: { name: 'ci', certificate: MACHINES.replace('MII', 'AAA') },
    says: 'PEM of an authority',
  },
  { because: 'no authority', body: { name: 'ci', certificate: LEAF }, says: 'PEM of an authority' },
  {
    because: 'a host elsewhere',
    body: { name: 'ci', certificate: MACHINES, associated_hostnames: ['app.example.com'] },
    says: 'in the zones',
  },
  {
    because: 'a wildcard',
    body: { name: 'ci', certificate: MACHINES, associated_hostnames: ['*.example.dev'] },
    says: 'in the zones',
  },
  {
    because: 'a host that is there twice',
    body: { name: 'ci', certificate: MACHINES, associated_hostnames: [HOST, HOST] },
    says: 'twice',
  },
  {
    because: 'an unknown field',
    body: { name: 'ci', certificate: MACHINES, ca: true },
    says: 'unknown field',
  },
])('an authority is refused for $because', async ({ body, says }) => {
  const api = createApi();
  expect(await api.refused(400, 12130, 'POST', `${api.account}/access/certificates`, body)).toContain(says);
});

it('a certificate exists once, and a PUT cannot replace it', async () => {
  const api = createApi();
  const path = `${api.account}/access/certificates`;
  const { id } = await api.done('POST', path, { name: 'ci', certificate: MACHINES });
  await api.refused(409, 12133, 'POST', path, { name: 'again', certificate: MACHINES });
  await api.done('POST', path, { name: 'others', certificate: STRANGERS });
  const other = { certificate: STRANGERS, associated_hostnames: [] };
  expect(await api.refused(400, 12130, 'PUT', `${path}/${id}`, other)).toContain('unknown field');
  expect(await api.refused(400, 12130, 'PUT', `${path}/${id}`, { name: 'x' })).toContain('is missing');
});
