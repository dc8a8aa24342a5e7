import { beforeEach, describe, expect, it } from 'vitest';
import { keepingOf } from '../../../../../src/lab/sandbox/edge/cache/cache-freshness.ts';
import type { RulesetRule, World } from '../../../../../src/lab/sandbox/state/world.ts';
import { addApp, addPolicy, addRecord, newWorld, setIngress, visit } from '../scene.ts';

const HOST = 'app.example.dev';
const APP = 'http://app.lan';

let world: World;

beforeEach(() => {
  world = newWorld();
  world.playsCache = true;
  addRecord(world, { name: HOST });
  setIngress(world, [{ hostname: HOST, service: APP }]);
});

async function seen(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { status, headers: given } = await visit(world, `https://${HOST}${path}`, headers, method);
  const age = given.get('age');
  return `${status} ${given.get('cf-cache-status')}${age === null ? '' : ` ${age}`}`;
}

/** Sets the headers that the application adds to its answers. */
function answerWith(responseHeaders: Record<string, string>): void {
  world.origins = [
    { url: APP, kind: 'application', forwardAuth: 'none', trustForwarded: false, responseHeaders },
  ];
}

function cacheRules(...rules: (Partial<RulesetRule> & Pick<RulesetRule, 'action_parameters'>)[]): void {
  const standard = { version: '1', last_updated: '', description: '', enabled: true, expression: 'ssl' };
  world.rulesets = [
    {
      ...{ id: 'c', zoneId: world.zones[0]?.id ?? '', phase: 'http_request_cache_settings', name: 'default' },
      ...{ description: '', version: 1, lastUpdated: '' },
      rules: rules.map((rule, at) => ({
        ...standard,
        action: 'set_cache_settings',
        id: `${at}`,
        ref: `${at}`,
        ...rule,
      })),
    },
  ];
}

describe('the cache', () => {
  it('keeps a file by its extension for two hours, and reports its age', async () => {
    expect(await seen('/x.css')).toBe('200 MISS');
    world.clockOffset += 90_000;
    expect(await seen('/x.css')).toBe('200 HIT 90');
    world.clockOffset += 2 * 3600_000;
    expect(await seen('/x.css')).toBe('200 EXPIRED');
    expect(await seen('/x.css')).toBe('200 HIT 0');
  });

  it.each(['/', '/page', '/page.html', '/api.json', '/css', '/x.css/below'])(
    'leaves %s to the origin',
    async (path) => {
      expect(await seen(path)).toBe('200 DYNAMIC');
      expect(await seen(path)).toBe('200 DYNAMIC');
      expect(world.edgeCache).toBeUndefined();
    },
  );

  it.each(['/a/report.PDF', '/robots.txt', '/a.tar.gz', '/x.woff2'])('keeps %s', async (path) => {
    await seen(path);
    expect(await seen(path)).toBe('200 HIT 0');
  });

  it('has a copy for each query, host and Origin, for any cookies', async () => {
    await seen('/x.css?a=1');
    expect(await seen('/x.css?a=2')).toBe('200 MISS');
    expect(await seen('/x.css?a=1', { cookie: 'session=1' })).toBe('200 HIT 0');
    expect(await seen('/x.css?a=1', { origin: 'https://a.example' })).toBe('200 MISS');
  });

  it('fetches the complete answer for a HEAD, and caches no answer to another method', async () => {
    expect(await seen('/x.css', {}, 'HEAD')).toBe('200 MISS');
    const { text } = await visit(world, `https://${HOST}/x.css`);
    expect(JSON.parse(text)).toMatchObject({ method: 'GET' });
    expect(await seen('/x.css', {}, 'HEAD')).toBe('200 HIT 0');
    expect(await seen('/x.css', {}, 'POST')).toBe('200 DYNAMIC');
  });

  it('keeps cloudflared’s answer for an unknown path for three minutes, and no refusal', async () => {
    setIngress(world, [
      { hostname: HOST, path: '^/a', service: 'http_status:404' },
      { hostname: HOST, service: 'http_status:403' },
    ]);
    await seen('/a.css');
    expect(await seen('/a.css')).toBe('404 HIT 0');
    world.clockOffset += 181_000;
    expect(await seen('/a.css')).toBe('404 EXPIRED');
    expect(await seen('/b.css')).toBe('403 MISS');
    expect(await seen('/b.css')).toBe('403 MISS');
  });

  it('lets Access decide first, and gives its copy to everybody whom Access admits', async () => {
    const app = addApp(world, [HOST], [addPolicy(world, 'bypass', [{ everyone: {} }])]);
    await seen('/x.css');
    expect(await seen('/x.css')).toBe('200 HIT 0');
    app.policies = [
      { id: addPolicy(world, 'allow', [{ email: { email: 'a@example.net' } }]).id, precedence: 1 },
    ];
    expect(await seen('/x.css')).toBe('302 null');
  });

  it('adds nothing without a connector, or for a name that bypasses the edge', async () => {
    const [tunnel] = world.tunnels;
    if (tunnel) tunnel.connectors = [];
    expect(await seen('/x.css')).toBe('530 null');
    world.records = [];
    addRecord(world, { name: HOST, type: 'A', content: '192.0.2.9', proxied: false });
    expect(await seen('/x.css')).toBe('200 null');
  });

  it('asks the origin each time if the cache is not played', async () => {
    world.playsCache = false;
    await seen('/x.css');
    expect(await seen('/x.css')).toBe('200 null');
  });

  it('does not forward the header that is for Cloudflare alone', async () => {
    answerWith({ 'cloudflare-cdn-cache-control': 'no-store', 'cache-control': 'public, max-age=60' });
    const { headers } = await visit(world, `https://${HOST}/x.css`);
    expect(headers.get('cloudflare-cdn-cache-control')).toBeNull();
    expect(headers.get('cf-cache-status')).toBe('BYPASS');
    expect(world.edgeCache).toBeUndefined();
  });

  it('holds a thousand answers, and drops the oldest', async () => {
    for (let at = 0; at < 1002; at += 1) await seen(`/${at}.css`);
    expect(Object.keys(world.edgeCache ?? {})).toHaveLength(1000);
    expect(await seen('/1001.css')).toBe('200 HIT 0');
    expect(await seen('/0.css')).toBe('200 MISS');
  });
});

describe('cache rules', () => {
  it('bypass the cache, including existing copies', async () => {
    await seen('/x.css');
    cacheRules({ action_parameters: { cache: false }, expression: `http.host in {"${HOST}"}` });
    expect(await seen('/x.css')).toBe('200 BYPASS');
    expect(await seen('/')).toBe('200 DYNAMIC');
    cacheRules({ action_parameters: { cache: false }, enabled: false });
    expect(await seen('/x.css')).toBe('200 HIT 0');
  });

  it('cache everything, and the last matching one wins', async () => {
    cacheRules({ action_parameters: { cache: true } });
    expect([await seen('/'), await seen('/')]).toEqual(['200 MISS', '200 HIT 0']);
    cacheRules({ action_parameters: { cache: true } }, { action_parameters: { cache: false } });
    expect(await seen('/')).toBe('200 DYNAMIC');
    cacheRules({ action_parameters: { cache: false } }, { action_parameters: { cache: true } });
    expect(await seen('/')).toBe('200 HIT 0');
  });

  it('keep other answers, by their edge TTL', async () => {
    answerWith({ 'cache-control': 'private', 'set-cookie': 'a=b' });
    cacheRules({ action_parameters: { cache: true, edge_ttl: { mode: 'override_origin', default: 60 } } });
    await seen('/a');
    const { headers } = await visit(world, `https://${HOST}/a`);
    expect(headers.get('cf-cache-status')).toBe('HIT');
    expect(headers.get('set-cookie')).toBeNull();
  });

  it('omit the query from the key', async () => {
    const query_string = { exclude: { all: true } };
    cacheRules({ action_parameters: { cache: true, cache_key: { custom_key: { query_string } } } });
    await seen('/a?x=1');
    expect(await seen('/a?x=2')).toBe('200 HIT 0');
  });
});

describe('an answer is kept', () => {
  const NOW = Date.parse('2026-01-01T00:00:00Z');
  const standard = { sortsQuery: false, respectsOrigin: true };

  it.each<[Record<string, string>, number | 'BYPASS' | 'MISS']>([
    [{}, 7200],
    [{ 'cache-control': 'public' }, 7200],
    [{ 'cache-control': 'max-age=60' }, 60],
    [{ 'cache-control': 'max-age=60, s-maxage=90' }, 90],
    [{ 'cache-control': 'Private' }, 'BYPASS'],
    [{ 'cache-control': 'no-store' }, 'BYPASS'],
    [{ 'cache-control': 'no-cache' }, 'BYPASS'],
    [{ 'cache-control': 'public, max-age=0' }, 'BYPASS'],
    [{ 'cache-control': 'private="set-cookie", max-age=60' }, 60],
    [{ expires: 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60],
    [{ expires: 'Thu, 01 Jan 1970 00:00:00 GMT' }, 'BYPASS'],
    [{ expires: 'Thu, 01 Jan 1970 00:00:00 GMT', 'cache-control': 'max-age=60' }, 60],
    [{ 'cdn-cache-control': 'max-age=30', 'cache-control': 'no-store' }, 30],
    [{ 'cloudflare-cdn-cache-control': 'no-store', 'cdn-cache-control': 'max-age=30' }, 'BYPASS'],
    [{ 'cloudflare-cdn-cache-control': 'no-store', 'cache-control': 'max-age=30' }, 'BYPASS'],
    [{ 'set-cookie': 'a=b', 'cache-control': 'max-age=30' }, 'BYPASS'],
  ])('with %j for %s', (headers, expected) => {
    const answer = { status: 200, headers: new Headers(headers), isAuthorized: false };
    const keeping = keepingOf(standard, answer, NOW);
    expect(keeping.kind === 'keep' ? keeping.ms / 1000 : keeping.status).toBe(expected);
  });

  it.each([
    [206, 7200],
    [301, 7200],
    [302, 1200],
    [303, 1200],
    [410, 180],
    [403, 'MISS'],
    [500, 'MISS'],
  ])('with status %s for %s', (status, expected) => {
    const keeping = keepingOf(standard, { status, headers: new Headers(), isAuthorized: false }, NOW);
    expect(keeping.kind === 'keep' ? keeping.ms / 1000 : keeping.status).toBe(expected);
  });

  it('for a request with Authorization only if it says that it may be shared', () => {
    const told = (cacheControl: string, respectsOrigin = true) => {
      const headers = new Headers({ 'cache-control': cacheControl });
      return keepingOf({ ...standard, respectsOrigin }, { status: 200, headers, isAuthorized: true }, NOW)
        .kind;
    };
    expect([told('max-age=60'), told('public, max-age=60'), told('s-maxage=60')]).toEqual([
      'leave',
      'keep',
      'keep',
    ]);
    expect(told('max-age=60', false)).toBe('keep');
  });
});
