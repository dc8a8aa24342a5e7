import { expect, it } from 'vitest';
import { newHex } from '../../../../src/lab/sandbox/state/ids.ts';
import type { RulesetRule, World } from '../../../../src/lab/sandbox/state/world.ts';
import { addApp, addPolicy, addRecord, newWorld, visit, visitRaw } from './scene.ts';
import { newSigningKey, signed } from './tokens.ts';

const BORN = '2026-01-01T00:00:00.000Z';
const HOST = 'app.example.dev';
const BROWSER = { 'user-agent': 'Mozilla/5.0' };

function stage(...rules: Partial<RulesetRule>[]): World {
  const world = newWorld();
  addRecord(world, { name: HOST, type: 'A', content: '192.0.2.9' });
  addRecord(world, { name: 'bare.example.dev', type: 'A', content: '192.0.2.9', proxied: false });
  world.rulesets = [
    {
      id: newHex(world, 32),
      zoneId: world.zones[0]?.id ?? '',
      phase: 'http_request_firewall_custom',
      name: 'default',
      description: '',
      version: 1,
      lastUpdated: BORN,
      rules: rules.map((rule, at) => ({
        ...{
          id: `r${at}`,
          version: '1',
          last_updated: BORN,
          action: 'block',
          description: '',
          enabled: true,
        },
        ...{ ref: `r${at}`, expression: 'ssl' },
        ...rule,
      })),
    },
  ];
  return world;
}

async function seenAt(world: World, path = '/', headers: Record<string, string> = {}, host = HOST) {
  const { status, servedBy, headers: given } = await visit(world, `https://${host}${path}`, headers);
  return [status, servedBy, given.get('x-sandbox-error')].filter((each) => each !== null).join(' ');
}

it('a rule blocks with a page of Cloudflare, before Access', async () => {
  const world = stage({ expression: 'starts_with(http.request.uri.path, "/admin")' });
  addApp(world, [HOST], [addPolicy(world, 'allow', [{ everyone: {} }])]);
  expect(await seenAt(world, '/admin')).toBe('403 edge waf-rule r0');
  expect(await seenAt(world, '/')).toBe('302 access');
  const { headers, text } = await visit(world, `https://${HOST}/admin`, { accept: 'text/html' });
  expect(headers.get('cf-ray')).toBeTruthy();
  expect(headers.get('cf-mitigated')).toBeNull();
  expect(text).toContain('Sorry, you have been blocked');
});

it('a rule blocks a client that accepts no page with one line', async () => {
  const seen = await visit(stage({}), `https://${HOST}/`, { accept: '*/*' });
  expect(seen).toMatchObject({ status: 403, text: 'error code: 1020' });
});

it('a rule gives its own response if it has one', async () => {
  const response = { status_code: 418, content: 'no', content_type: 'text/plain' };
  const world = stage({ action_parameters: { response } });
  expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 418, text: 'no', servedBy: 'edge' });
});

it('a rule sees the path as the edge normalizes it', async () => {
  const world = stage({ expression: 'http.request.uri.path eq "/admin"' });
  for (const path of ['/admin', '//admin', '/x/../admin', '/%61dmin', '/.//admin', '\\admin']) {
    expect((await visitRaw(world, HOST, path)).status, path).toBe(403);
  }
  for (const path of ['/Admin', '/admin/', '/admin%2F', '/a%2Fdmin']) {
    expect((await visitRaw(world, HOST, path)).status, path).toBe(200);
  }
});

it('rules do not apply to names around the edge, other zones and disabled rules', async () => {
  const world = stage({});
  expect(await seenAt(world, '/', {}, 'bare.example.dev')).toBe('200 origin');
  expect(await seenAt(world)).toBe('403 edge waf-rule r0');
  for (const rule of world.rulesets?.[0]?.rules ?? []) rule.enabled = false;
  expect(await seenAt(world)).toBe('200 origin');
});

it('rules apply in their order, and a skip of the ruleset skips later ones', async () => {
  const skip = { action: 'skip', expression: 'http.request.uri.path eq "/ci"' };
  const spare = { ...skip, action_parameters: { ruleset: 'current' } };
  expect(await seenAt(stage({}, spare), '/ci')).toBe('403 edge waf-rule r0');
  expect(await seenAt(stage(spare, {}), '/ci')).toBe('200 origin');
  expect(await seenAt(stage(spare, {}), '/')).toBe('403 edge waf-rule r1');
  const phase = { ...skip, action_parameters: { phase: 'current', products: ['waf'] } };
  expect(await seenAt(stage(phase, {}), '/ci')).toBe('200 origin');
  const others = { ...skip, action_parameters: { products: ['bic'], phases: ['http_request_sbfm'] } };
  expect(await seenAt(stage(others, {}), '/ci')).toBe('403 edge waf-rule r1');
  expect(await seenAt(stage({ action: 'log' }, { expression: 'not ssl' }))).toBe('200 origin');
});

it('a rule challenges machines, and browsers continue with the next rule', async () => {
  const challenge = { action: 'managed_challenge' };
  const world = stage(challenge);
  const { status, headers } = await visit(world, `https://${HOST}/`);
  expect([status, headers.get('cf-mitigated')]).toEqual([403, 'challenge']);
  expect(await seenAt(world, '/', BROWSER)).toBe('200 origin');
  expect(await seenAt(stage(challenge, {}), '/', BROWSER)).toBe('403 edge waf-rule r1');
});

it('a fall through is detected only on hosts with saved operations', async () => {
  const world = stage({ expression: 'cf.api_gateway.fallthrough_detected' });
  expect(await seenAt(world)).toBe('200 origin');
  const zoneId = world.zones[0]?.id ?? '';
  const saved = {
    id: 'o',
    zoneId,
    method: 'GET',
    host: 'api.example.dev',
    endpoint: '/v1',
    lastUpdated: BORN,
  };
  world.operations = [saved];
  expect(await seenAt(world, '/other')).toBe('200 origin');
  saved.host = HOST;
  expect(await seenAt(world, '/v1')).toBe('200 origin');
  expect(await seenAt(world, '/other')).toBe('403 edge waf-rule r0');
  expect(await seenAt(world, '/v1/')).toBe('403 edge waf-rule r0');
  expect((await visit(world, `https://${HOST}/v1`, {}, 'POST')).status).toBe(403);
});

it('rules know the claims of verified tokens, for any request of the zone', async () => {
  const key = newSigningKey('ES256', 'k1');
  const expression =
    'http.request.uri.path eq "/api" and not any(http.request.jwt.claims.aud["c1"][*] eq "api")';
  const world = stage({ expression });
  world.tokenConfigurations = [
    {
      ...{ id: 'c1', zoneId: world.zones[0]?.id ?? '', title: 't', description: '' },
      ...{
        tokenSources: ['http.request.headers["x-auth"][0]'],
        keys: [key.jwk],
        createdAt: BORN,
        lastUpdated: BORN,
      },
    },
  ];
  const token = (claims: object) => ({ 'x-auth': signed(key, claims) });
  const past = Math.floor(Date.now() / 1000) - 600;
  expect(await seenAt(world, '/api', token({ aud: 'api' }))).toBe('200 origin');
  expect(await seenAt(world, '/api', token({ aud: ['x', 'api'] }))).toBe('200 origin');
  for (const claims of [{ aud: 'other' }, { aud: [] }, {}, { aud: 'api', exp: past }]) {
    expect(await seenAt(world, '/api', token(claims)), JSON.stringify(claims)).toBe('403 edge waf-rule r0');
  }
  expect(await seenAt(world, '/api')).toBe('403 edge waf-rule r0');
});

it('rules do not apply to visitors whom an IP Access rule allows', async () => {
  const world = stage({});
  const rule = {
    id: 'i',
    zoneId: null,
    mode: 'block',
    target: 'ip',
    value: '203.0.113.7',
    notes: '',
    createdOn: BORN,
  };
  world.ipRules = [{ ...rule, mode: 'whitelist', target: 'ip', value: '192.0.2.1' }];
  expect(await seenAt(world)).toBe('403 edge waf-rule r0');
  world.ipRules = [{ ...rule, mode: 'whitelist', target: 'ip' }];
  expect(await seenAt(world)).toBe('200 origin');
});

it('an unknown expression in a copy matches nothing', async () => {
  expect(await seenAt(stage({ expression: 'cf.waf.score lt 20' }))).toBe('200 origin');
});
