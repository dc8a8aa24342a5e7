import { expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../../../src/lab/sandbox/index.ts';
import { addRecord } from '../../edge/scene.ts';
import { ask, copyOf, done, worldOf } from '../recorded.ts';
import { fillShield } from '../rich-world.ts';

const ENTRYPOINT = '/rulesets/phases/http_request_firewall_custom/entrypoint';

async function guarded(): Promise<Sandbox> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const world = worldOf(sandbox);
  addRecord(world, { name: 'open.example.dev', type: 'A', content: '192.0.2.9' });
  sandbox.restore(JSON.stringify(world));
  await fillShield(sandbox);
  return sandbox;
}

it('a copy admits and blocks the same visitors as the real edge', async () => {
  const real = await guarded();
  const { copy, unplayed } = await copyOf(real);
  expect(unplayed).toEqual([]);
  for (const [method, path, status] of [
    ['GET', '/', 200],
    ['GET', '/admin', 403],
    ['GET', '/v1/7', 200],
    ['POST', '/v1/7', 403],
  ] as const) {
    const url = `https://open.example.dev${path}`;
    const [one, other] = await Promise.all([real.fetch(url, { method }), copy.fetch(url, { method })]);
    expect([one.status, other.status], `${method} ${path}`).toEqual([status, status]);
  }
});

it('a copy accepts writes as the real system does', async () => {
  const { copy } = await copyOf(await guarded());
  const zone = `/zones/${copy.zones[0]?.id}`;
  const { id, version, rules } = await done(copy, 'cloudflare', 'GET', zone + ENTRYPOINT);
  const rule = { action: 'block', expression: 'ssl', ref: 'more' };
  const more = await done(copy, 'cloudflare', 'POST', `${zone}/rulesets/${id}/rules`, rule);
  expect(more.rules).toHaveLength(rules.length + 1);
  expect(Number(more.version)).toBe(Number(version) + 1);
  const [configuration] = await done(copy, 'cloudflare', 'GET', `${zone}/token_validation/config`);
  const path = `${zone}/token_validation/config/${configuration.id}`;
  expect((await ask(copy, 'cloudflare', 'DELETE', path)).status).toBe(400);
  await done(copy, 'cloudflare', 'PATCH', path, { title: 'other' });
});

it('a copy lists the rules that it does not play, and keeps them', async () => {
  const real = await guarded();
  const world = worldOf(real);
  const [rule] = world.rulesets?.[0]?.rules ?? [];
  Object.assign(rule ?? {}, { expression: 'cf.waf.score lt 20', description: 'attacks', categories: ['a'] });
  real.restore(JSON.stringify(world));
  const { copy, unplayed, unread } = await copyOf(real);
  expect(unread).toEqual(unplayed);
  expect(unplayed).toEqual([
    'custom rule "attacks": its expression is not played, as if the rule were not there',
  ]);
  const { rules } = await done(copy, 'cloudflare', 'GET', `/zones/${copy.zones[0]?.id}${ENTRYPOINT}`);
  expect(rules[0]).toEqual(rule);
});
