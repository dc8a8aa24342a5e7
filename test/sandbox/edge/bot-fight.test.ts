import { expect, it } from 'vitest';
import { firstWorld } from '../../../src/sandbox/first-world.ts';
import type { IpRule, World } from '../../../src/sandbox/world.ts';
import { addApp, addPolicy, addRecord, setIngress, visit } from './scene.ts';

const URL = 'https://app.example.dev/';

function fighting(...rules: Partial<IpRule>[]): World {
  const world = firstWorld({ zones: ['example.dev'] });
  const [zone] = world.zones;
  if (zone === undefined) throw new Error('the first world has a zone');
  zone.fightMode = true;
  addRecord(world, { name: 'app.example.dev' });
  setIngress(world, [{ hostname: 'app.example.dev', service: 'http://app.lan' }]);
  world.ipRules = rules.map((rule, n) => ({
    id: String(n),
    zoneId: zone.id,
    mode: 'whitelist',
    target: 'ip',
    value: '203.0.113.7',
    notes: '',
    createdOn: '',
    ...rule,
  }));
  return world;
}

it('challenges machines before Access is asked', async () => {
  const world = fighting();
  addApp(world, ['app.example.dev'], [addPolicy(world, 'allow', [{ everyone: {} }])]);
  const seen = await visit(world, URL);
  expect([seen.status, seen.headers.get('cf-mitigated'), seen.servedBy]).toEqual([403, 'challenge', 'edge']);
  expect(seen.text).toContain('Just a moment...');
  expect((await visit(world, URL, { 'user-agent': 'Mozilla/5.0' })).status).toBe(302);
});

it.each<{ because: string; rule: Partial<IpRule>; status: number }>([
  { because: 'its own address is allowed', rule: {}, status: 200 },
  { because: 'its network is allowed', rule: { target: 'ip_range', value: '203.0.113.0/24' }, status: 200 },
  { because: 'the rule is of the account', rule: { zoneId: null }, status: 200 },
  { because: 'another address is allowed', rule: { value: '198.51.100.1' }, status: 403 },
  { because: 'the rule is of another zone', rule: { zoneId: 'other' }, status: 403 },
  { because: 'its address is blocked', rule: { mode: 'block' }, status: 403 },
])('with an IP Access rule: $because', async ({ rule, status }) => {
  expect((await visit(fighting(rule), URL)).status).toBe(status);
});

it('does not stand before a host that is not proxied', async () => {
  const world = fighting();
  addRecord(world, { name: 'plain.example.dev', type: 'A', content: '192.0.2.1', proxied: false });
  expect((await visit(world, 'https://plain.example.dev/')).headers.get('cf-mitigated')).toBeNull();
});
