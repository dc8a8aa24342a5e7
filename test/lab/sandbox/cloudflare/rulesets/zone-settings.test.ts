import { expect, it } from 'vitest';
import { createApi } from '../api.ts';

it('Bot Fight Mode and Always Use HTTPS can be turned on and off', async () => {
  const api = createApi();
  expect(await api.done('GET', `${api.zone}/bot_management`)).toMatchObject({ fight_mode: false });
  await api.done('PUT', `${api.zone}/bot_management`, { fight_mode: true });
  expect(await api.done('GET', `${api.zone}/bot_management`)).toMatchObject({ fight_mode: true });
  await api.refused(400, 1001, 'PUT', `${api.zone}/bot_management`, { fight_mode: 'on' });
  const setting = `${api.zone}/settings/always_use_https`;
  expect(await api.done('GET', setting)).toMatchObject({ value: 'off' });
  await api.done('PATCH', setting, { value: 'on' });
  expect(await api.done('GET', setting)).toMatchObject({ value: 'on' });
  await api.done('PATCH', `${api.zone}/settings/browser_check`, { value: 'on' });
  expect(await api.done('GET', `${api.zone}/settings/browser_check`)).toMatchObject({ value: 'on' });
  await api.refused(400, 1003, 'GET', `${api.zone}/settings/rocket_loader`);
});

it('a zone has the universal certificate, and purchased ones', async () => {
  const api = createApi();
  for (const zone of api.world.zones.slice(0, 1)) zone.certificates = [['a.b.example.dev']];
  const packs = await api.done('GET', `${api.zone}/ssl/certificate_packs`);
  expect(packs.map(({ hosts }: { hosts: string[] }) => hosts)).toEqual([
    ['example.dev', '*.example.dev'],
    ['a.b.example.dev'],
  ]);
  // The vendor's client requires this member; gates ignores its content.
  expect(packs).toMatchObject([{ certificates: [] }, { certificates: [] }]);
});

it('a zone and the account have IP Access rules', async () => {
  const api = createApi();
  const rule = { mode: 'whitelist', configuration: { target: 'ip', value: '203.0.113.7' }, notes: 'ci' };
  const { id } = await api.done('POST', `${api.zone}/firewall/access_rules/rules`, rule);
  await api.done('POST', `${api.account}/firewall/access_rules/rules`, rule);
  expect(await api.done('GET', `${api.zone}/firewall/access_rules/rules`)).toHaveLength(2);
  expect(await api.done('GET', `${api.account}/firewall/access_rules/rules`)).toHaveLength(1);
  await api.done('DELETE', `${api.zone}/firewall/access_rules/rules/${id}`);
  await api.refused(404, 10001, 'DELETE', `${api.zone}/firewall/access_rules/rules/${id}`);
  for (const wrong of [{}, { ...rule, mode: 'allow' }, { ...rule, configuration: { target: 'ip6' } }]) {
    await api.refused(400, 1001, 'POST', `${api.zone}/firewall/access_rules/rules`, wrong);
  }
});
