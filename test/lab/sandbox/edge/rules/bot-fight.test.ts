import { describe, expect, it } from 'vitest';
import { firstWorld } from '../../../../../src/lab/sandbox/first-world.ts';
import type { IpRule, World } from '../../../../../src/lab/sandbox/state/world.ts';
import { addApp, addPolicy, addRecord, setIngress, visit } from '../scene.ts';

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

it('Bot Fight Mode challenges machines before Access asks', async () => {
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
])('Bot Fight Mode with an IP Access rule: $because', async ({ rule, status }) => {
  expect((await visit(fighting(rule), URL)).status).toBe(status);
});

it('Bot Fight Mode does not affect a host that is not proxied', async () => {
  const world = fighting();
  addRecord(world, { name: 'plain.example.dev', type: 'A', content: '192.0.2.1', proxied: false });
  expect((await visit(world, 'https://plain.example.dev/')).headers.get('cf-mitigated')).toBeNull();
});

it.each<{ who: string; rule: Partial<IpRule>; says: string }>([
  { who: 'an address', rule: {}, says: 'error code: 1006' },
  { who: 'a network', rule: { target: 'ip_range', value: '203.0.113.0/24' }, says: 'error code: 1006' },
  { who: 'a country', rule: { target: 'country', value: 'FR' }, says: 'error code: 1009' },
])('an IP Access rule blocks: $who', async ({ rule, says }) => {
  const world = fighting({ ...rule, mode: 'block' });
  expect(await visit(world, URL)).toMatchObject({ status: 403, text: says });
  const page = await visit(world, URL, { accept: 'text/html' });
  expect(page.text).toContain(`Error ${says.slice(-4)}`);
  expect(page.headers.get('cf-mitigated')).toBeNull();
});

it('an IP Access rule does not block a country where the visitor is not', async () => {
  const world = fighting({ target: 'country', value: 'DE', mode: 'block' });
  expect((await visit(world, URL)).headers.get('cf-mitigated')).toBe('challenge');
});

describe('Browser Integrity Check', () => {
  function checking(...rules: Partial<IpRule>[]): World {
    const world = fighting(...rules);
    for (const zone of world.zones) Object.assign(zone, { fightMode: false, browserCheck: true });
    addApp(world, ['app.example.dev'], [addPolicy(world, 'allow', [{ everyone: {} }])]);
    return world;
  }

  it.each(['', 'Python-urllib/3.11'])('rejects %j before Access, as error 1010', async (agent) => {
    const seen = await visit(checking(), URL, agent === '' ? {} : { 'user-agent': agent });
    expect(seen).toMatchObject({ status: 403, text: 'error code: 1010', servedBy: 'edge' });
    expect(seen.headers.get('cf-mitigated')).toBeNull();
  });

  it.each(['gates/0.1', 'curl/8.5.0', 'Mozilla/5.0'])('admits %j', async (agent) => {
    expect((await visit(checking(), URL, { 'user-agent': agent })).status).toBe(302);
  });

  it('does not apply to visitors whom an IP Access rule allows', async () => {
    expect((await visit(checking({}), URL)).status).toBe(302);
  });
});
