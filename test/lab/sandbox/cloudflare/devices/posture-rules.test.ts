import { expect, it } from 'vitest';
import { createApi } from '../api.ts';

const DISK = {
  name: 'Disk encryption',
  type: 'disk_encryption',
  schedule: '5m',
  match: [{ platform: 'linux' }],
  input: { requireAll: true },
};

it('posture rules are listed, read, changed and deleted', async () => {
  const api = createApi();
  const path = `${api.account}/devices/posture`;
  expect(await api.done('GET', path)).toEqual([]);
  const { id } = await api.done('POST', path, DISK);
  await api.done('POST', path, { name: 'WARP', type: 'warp' });
  expect(await api.done('GET', path)).toMatchObject([
    { id, ...DISK, enabled: true },
    { name: 'WARP', type: 'warp', input: {}, match: [] },
  ]);
  expect(await api.done('PUT', `${path}/${id}`, { ...DISK, name: 'Disk' })).toMatchObject({
    id,
    name: 'Disk',
  });
  expect(await api.done('GET', `${path}/${id}`)).toMatchObject({ name: 'Disk', schedule: '5m' });
  expect(await api.done('DELETE', `${path}/${id}`)).toEqual({ id });
  await api.refused(404, 10007, 'GET', `${path}/${id}`);
});

it.each([
  { because: 'no name', body: { type: 'warp' } },
  { because: 'no type', body: { name: 'WARP' } },
  { because: 'an unknown type', body: { name: 'WARP', type: 'vpn' } },
  { because: 'an unknown field', body: { name: 'WARP', type: 'warp', colour: 'red' } },
  { because: 'no body', body: [] },
])('a posture rule is refused for $because', async ({ body }) => {
  const api = createApi();
  await api.refused(400, 10001, 'POST', `${api.account}/devices/posture`, body);
});
