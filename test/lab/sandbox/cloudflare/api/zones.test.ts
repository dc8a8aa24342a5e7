import { expect, it } from 'vitest';
import { createApi } from '../api.ts';

it('zones are found by name, in any case, and by account', async () => {
  const api = createApi();
  const names = async (query: string) =>
    (await api.done('GET', `/zones${query}`)).map((zone: { name: string }) => zone.name);
  expect(await names('')).toEqual(['example.dev', 'example.net']);
  expect(await names('?direction=desc')).toEqual(['example.net', 'example.dev']);
  expect(await names('?name=EXAMPLE.net')).toEqual(['example.net']);
  expect(await names('?name=example.org')).toEqual([]);
  expect(await names(`?account.id=${api.world.account.id}`)).toHaveLength(2);
  expect(await names(`?account.id=${'f'.repeat(32)}`)).toEqual([]);
  expect(await names('?name=example.net&status=pending')).toEqual([]);
  expect(await names('?name=example.net&status=active&match=any')).toHaveLength(2);
});

it('a zone has its plan, status and account', async () => {
  const api = createApi({ plan: 'pro' });
  expect(await api.done('GET', api.zone)).toMatchObject({
    name: 'example.dev',
    status: 'active',
    plan: { legacy_id: 'pro' },
    account: { id: '0123456789abcdef0123456789abcdef' },
  });
});

it('an account is found by its exact name', async () => {
  const api = createApi();
  expect(await api.done('GET', '/accounts?name=Sandbox')).toHaveLength(1);
  expect(await api.done('GET', '/accounts?name=sand')).toEqual([]);
  expect(await api.done('GET', api.account)).toMatchObject({ name: 'Sandbox' });
});
