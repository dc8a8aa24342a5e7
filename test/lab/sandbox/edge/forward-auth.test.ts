import { beforeEach, describe, expect, it } from 'vitest';
import { verifyHs256 } from '../../../../src/lab/sandbox/authentik/api/jwt.ts';
import { route } from '../../../../src/lab/sandbox/edge/routing/route.ts';
import { viewOf } from '../../../../src/lab/sandbox/edge/view/view.ts';
import { firstWorld } from '../../../../src/lab/sandbox/first-world.ts';
import type { AuthentikVersion } from '../../../../src/lab/sandbox/state/authentik-version.ts';
import type { Origin, World } from '../../../../src/lab/sandbox/state/world.ts';
import { addGate, call, type Gate, type GateOptions, serve } from '../authentik/gate.ts';
import { addRecord, type Seen, setIngress, visit, visitRaw } from './scene.ts';

const HOST = 'wiki.example.dev';
const URL_OF = `https://${HOST}`;

let world: World;

beforeEach(() => {
  begin();
});

function begin(version: AuthentikVersion = '2026.8', settle = 0): void {
  world = firstWorld({ zones: ['example.dev'], authentikVersion: version, settle });
  for (const name of [HOST, 'other.example.dev', 'auth.example.dev']) addRecord(world, { name });
  setIngress(world, [{ service: 'http://traefik.lan' }]);
  traefik({});
}

/** Authentik's answer to a person whom the bindings of an application refuse. */
const REFUSED = {
  status: 200,
  servedBy: 'authentik',
  text: expect.stringContaining('Permission denied'),
};

function traefik(more: Partial<Origin>): void {
  world.origins = [
    { url: 'http://traefik.lan', kind: 'traefik', forwardAuth: [HOST], trustForwarded: false, ...more },
  ];
}

function wiki(options: GateOptions = {}): Promise<Gate> {
  return addGate(world, 'wiki', { members: ['jo'], ...options });
}

function locationOf(seen: Seen): URL {
  return new URL(seen.headers.get('location') ?? 'about:blank');
}

/** A browser, which keeps the cookies of each host or domain, follows redirects, and logs in as `username`. */
function browser(username: string) {
  const jar: { name: string; value: string; host: string; shared: boolean }[] = [];
  const go = async (url: string, method = 'GET', body = ''): Promise<Seen & { url: string }> => {
    const { host, origin, pathname, search } = new URL(url);
    const cookie = jar
      .filter((kept) => kept.host === host || (kept.shared && host.endsWith(`.${kept.host}`)))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = {
      ...(cookie === '' ? {} : { cookie }),
      ...(body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const seen = await visit(world, origin + pathname + search, headers, method, body);
    const line = seen.headers.get('set-cookie') ?? '';
    const [, name, value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const domain = /; Domain=([^;]+)/.exec(line)?.[1];
    if (name !== undefined) jar.unshift({ name, value, host: domain ?? host, shared: domain !== undefined });
    return { ...seen, url };
  };
  const follow = async (url: string, hops = 8): Promise<Seen & { url: string }> => {
    const page = new URL(url).pathname.startsWith('/if/flow/');
    const seen = page ? await go(url, 'POST', `uid_field=${username}`) : await go(url);
    const next = seen.headers.get('location');
    return next === null || hops === 0 ? seen : follow(new URL(next, url).href, hops - 1);
  };
  return { go, follow };
}

describe('a host behind the outpost', () => {
  it('sends everybody to the login, with the client of its provider and the address to return to', async () => {
    const gate = await wiki();
    const seen = await visit(world, `${URL_OF}/page?x=1`);
    expect(seen).toMatchObject({ status: 302, servedBy: 'authentik' });
    expect(seen.headers.get('cf-ray')).not.toBeNull();
    const location = locationOf(seen);
    expect(location.origin + location.pathname).toBe('https://auth.example.dev/application/o/authorize/');
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      client_id: gate.clientId,
      redirect_uri: `${URL_OF}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true`,
      response_type: 'code',
      scope: 'ak_proxy email entitlements openid profile',
    });
    const secret = world.authentik.providers[0]?.proxy?.cookie_secret ?? '';
    expect(verifyHs256(location.searchParams.get('state') ?? '', secret)).toMatchObject({
      iss: `goauthentik.io/outpost/${gate.clientId}`,
      redirect: `${URL_OF}/page?x=1`,
    });
    expect(seen.headers.get('set-cookie')).toMatch(
      /^authentik_proxy_[0-9a-f]{8}=\S+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  it.each(['POST', 'HEAD', 'DELETE'])('also does so with 302 for %s', async (method) => {
    await wiki();
    expect(await visit(world, URL_OF, {}, method)).toMatchObject({ status: 302, servedBy: 'authentik' });
  });

  it('admits a person of its groups after a login, and names them to the application', async () => {
    await wiki();
    const seen = await browser('jo').follow(`${URL_OF}/page?x=1`);
    expect(seen).toMatchObject({ status: 200, servedBy: 'origin', url: `${URL_OF}/page?x=1` });
    expect(JSON.parse(seen.text)).toMatchObject({
      path: '/page',
      query: '?x=1',
      headers: {
        'x-authentik-username': 'jo',
        'x-authentik-email': 'jo@example.dev',
        'x-authentik-groups': 'wiki people',
        'x-authentik-meta-app': 'wiki',
        'x-authentik-meta-outpost': 'authentik Embedded Outpost',
      },
    });
  });

  it('admits nobody else: the login ends at Authentik', async () => {
    await wiki();
    const seen = await browser('akadmin').follow(URL_OF);
    expect(seen).toMatchObject(REFUSED);
    expect(seen.headers.get('x-sandbox-access')).toBe('denied');
    expect(new URL(seen.url).host).toBe('auth.example.dev');
  });

  it('admits everybody if its application has no binding', async () => {
    await wiki({ bound: false });
    expect(await browser('akadmin').follow(URL_OF)).toMatchObject({ status: 200, servedBy: 'origin' });
  });

  it('keeps a session as long as the provider says, and ignores cookies of other clients', async () => {
    await wiki();
    const jo = browser('jo');
    await jo.follow(URL_OF);
    expect(await jo.go(URL_OF)).toMatchObject({ status: 200 });
    world.clockOffset += 3_600_001;
    expect(await jo.go(URL_OF)).toMatchObject({ status: 302 });
    const cookie = 'authentik_proxy_00000000=made-up';
    expect(await visit(world, URL_OF, { cookie })).toMatchObject({ status: 302 });
  });

  it('keeps the session of a person who left the group, but logs them in no more', async () => {
    const { group } = await wiki();
    const jo = browser('jo');
    await jo.follow(URL_OF);
    await call(world, 'POST', `/core/groups/${group}/remove_user/`, { pk: 4 });
    expect(await jo.go(URL_OF)).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(await browser('jo').follow(URL_OF)).toMatchObject(REFUSED);
  });

  it('accepts no code from a browser that did not begin there', async () => {
    await wiki();
    const victim = await visit(world, URL_OF);
    const jo = browser('jo');
    const code = 'code=made-up';
    const state = locationOf(victim).searchParams.get('state') ?? '';
    const callback = `${URL_OF}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true&${code}&state=${state}`;
    expect(await jo.go(callback)).toMatchObject({ status: 400, text: '' });
  });

  it('answers 400 with an empty body while the outpost cannot store a session', async () => {
    await wiki({ provider: { skip_path_regex: '^/open$' } });
    world.outages = { sessionStores: [world.authentik.outposts[0]?.name ?? ''] };
    expect(await visit(world, URL_OF)).toMatchObject({ status: 400, text: '', servedBy: 'authentik' });
    expect(await visit(world, `${URL_OF}/open`)).toMatchObject({ status: 200 });
    world.outages = { sessionStores: ['another'] };
    expect(await visit(world, URL_OF)).toMatchObject({ status: 302 });
  });

  it('forwards no claims of a visitor at a skipped path', async () => {
    await wiki({ provider: { skip_path_regex: '^/open$' } });
    const seen = await visit(world, `${URL_OF}/open`, { 'X-authentik-username': 'akadmin' });
    expect(seen).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(JSON.parse(seen.text).headers['x-authentik-username']).toBeUndefined();
  });

  it('skips by one expression on each line', async () => {
    await wiki({ provider: { skip_path_regex: '^/a$\n\n^/b$' } });
    expect(await visit(world, `${URL_OF}/b`)).toMatchObject({ status: 200 });
    expect(await visit(world, `${URL_OF}/c`)).toMatchObject({ status: 302 });
  });

  it('judges an encoded slash as decoded, and forwards the original', async () => {
    await wiki({ provider: { skip_path_regex: '^/open/x$' } });
    expect(await visitRaw(world, HOST, '/open%2Fx')).toMatchObject({ status: 400, servedBy: 'edge' });
    traefik({ encodedCharacters: true });
    const seen = await visitRaw(world, HOST, '/open%2Fx');
    expect(seen).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(JSON.parse(seen.text).path).toBe('/open%2Fx');
    expect(await visitRaw(world, HOST, '/open%2Fx%2F')).toMatchObject({ status: 302 });
  });

  it('answers the outpost’s own paths itself', async () => {
    await wiki();
    expect(await visit(world, `${URL_OF}/outpost.goauthentik.io/ping`)).toMatchObject({ status: 204 });
    const start = await visit(world, `${URL_OF}/outpost.goauthentik.io/start?rd=${URL_OF}/x`);
    expect(locationOf(start).pathname).toBe('/application/o/authorize/');
    const other = await visit(world, 'https://other.example.dev/outpost.goauthentik.io/ping');
    expect(other).toMatchObject({ status: 200, servedBy: 'origin' });
  });

  it('signs out at the outpost and at Authentik', async () => {
    await wiki();
    const jo = browser('jo');
    await jo.follow(URL_OF);
    const seen = await jo.follow(`${URL_OF}/outpost.goauthentik.io/sign_out`);
    expect(seen.url).toBe('https://auth.example.dev/application/o/wiki/end-session/');
    expect(await jo.go(URL_OF)).toMatchObject({ status: 302 });
    expect(world.authentik.sessions).toEqual([]);
  });
});

it('a provider of a whole domain logs a person in once for every host below it', async () => {
  const { group } = await addGate(world, 'home', {
    members: ['jo'],
    provider: {
      mode: 'forward_domain',
      external_host: 'https://auth.example.dev',
      cookie_domain: 'example.dev',
    },
  });
  traefik({ forwardAuth: 'all' });
  const jo = browser('jo');
  expect(await jo.follow(`${URL_OF}/page`)).toMatchObject({ status: 200, url: `${URL_OF}/page` });
  expect(await jo.go('https://other.example.dev/')).toMatchObject({ status: 200, servedBy: 'origin' });
  await call(world, 'POST', `/core/groups/${group}/remove_user/`, { pk: 4 });
  expect(await browser('jo').follow(URL_OF)).toMatchObject(REFUSED);
});

describe('a missing part', () => {
  it.each<{ because: string; options: GateOptions }>([
    { because: 'the outpost does not serve the provider', options: { served: false } },
    {
      because: 'the external host is another',
      options: { provider: { external_host: 'https://w.example.dev' } },
    },
  ])('is a 404 of the core, because $because', async ({ options }) => {
    await wiki(options);
    const seen = await visit(world, URL_OF);
    expect(seen).toMatchObject({ status: 404, servedBy: 'authentik' });
    expect(seen.headers.get('x-powered-by')).toBe('authentik');
  });

  it('is also a 404 if the provider has no application', async () => {
    await wiki();
    await call(world, 'DELETE', '/core/applications/wiki/');
    expect(await visit(world, URL_OF)).toMatchObject({ status: 404, servedBy: 'authentik' });
  });

  it('may be the address of Authentik, so that the outpost cannot redirect', async () => {
    await wiki();
    const [outpost] = world.authentik.outposts;
    await call(world, 'PATCH', `/outposts/instances/${outpost?.pk}/`, { config: {} });
    expect(locationOf(await visit(world, URL_OF)).origin).toBe('http://localhost:9000');
  });

  it('may be grant types: the outpost then silently refuses the returning visitor', async () => {
    const { provider } = await wiki();
    const row = world.authentik.providers.find(({ pk }) => pk === provider);
    if (row) row.grant_types = [];
    expect(await browser('jo').follow(URL_OF, 20)).toMatchObject({ status: 400, text: '' });
  });

  it('is replaced by the only provider for any host before 2026.8, and by none from then on', async () => {
    const elsewhere = { provider: { external_host: 'https://w.example.dev' } };
    begin('2026.2');
    const gate = await wiki(elsewhere);
    const seen = await visit(world, URL_OF);
    expect(locationOf(seen).searchParams.get('client_id')).toBe(gate.clientId);
    expect(locationOf(seen).searchParams.get('redirect_uri')).toContain('https://w.example.dev/');
    await addGate(world, 'second');
    expect(await visit(world, URL_OF)).toMatchObject({ status: 404 });
  });

  it('is 400 at a standalone outpost', async () => {
    const gate = await wiki({ served: false });
    await call(world, 'POST', '/outposts/instances/', {
      name: 'standalone',
      type: 'proxy',
      providers: [gate.provider],
      config: { authentik_host: 'https://auth.example.dev' },
    });
    traefik({ outpost: 'standalone', forwardAuth: 'all' });
    expect(await visit(world, URL_OF)).toMatchObject({ status: 302 });
    const seen = await visit(world, 'https://other.example.dev');
    expect(seen).toMatchObject({ status: 400, servedBy: 'authentik' });
    expect(JSON.parse(seen.text)).toMatchObject({
      message: 'no app for hostname',
      host: 'other.example.dev',
    });
  });
});

describe('a visitor with false claims about the request', () => {
  const claims = { 'X-Forwarded-Uri': '/api/health', 'X-Forwarded-Host': HOST, 'X-Forwarded-Method': 'HEAD' };

  it('is sent to the login all the same', async () => {
    await wiki({ provider: { skip_path_regex: '^/api/health$' } });
    expect(await visit(world, `${URL_OF}/admin`, claims)).toMatchObject({ status: 302 });
  });

  it('gets through if Traefik trusts them', async () => {
    await wiki({ provider: { skip_path_regex: '^/api/health$' } });
    traefik({ trustForwarded: true });
    const seen = await visit(world, `${URL_OF}/admin`, claims);
    expect(seen).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(JSON.parse(seen.text).path).toBe('/admin');
  });
});

describe('mode proxy', () => {
  const proxy = { provider: { mode: 'proxy', internal_host: 'http://wiki.lan' } };

  beforeEach(() => {
    setIngress(world, [
      { hostname: HOST, service: 'http://authentik.lan:9000' },
      { service: 'http://traefik.lan' },
    ]);
  });

  it('leads through the start to the login, and then to the application behind it', async () => {
    await wiki(proxy);
    const seen = await visit(world, `${URL_OF}/page`);
    expect(seen).toMatchObject({ status: 302, servedBy: 'authentik' });
    const start = locationOf(seen);
    expect(start.href).toBe(
      `${URL_OF}/outpost.goauthentik.io/start?rd=${encodeURIComponent(`${URL_OF}/page`)}`,
    );
    expect(locationOf(await visit(world, start.href)).pathname).toBe('/application/o/authorize/');
    expect(await browser('jo').follow(`${URL_OF}/page`)).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(await browser('akadmin').follow(`${URL_OF}/page`)).toMatchObject(REFUSED);
  });

  it('rejects a client with its own credentials', async () => {
    await wiki(proxy);
    expect(await visit(world, URL_OF, { authorization: 'Basic eA==' })).toMatchObject({ status: 401 });
  });

  it('leaves the question of Traefik to the application, whose 200 leads to the origin of Traefik', async () => {
    setIngress(world, [{ service: 'http://traefik.lan' }]);
    await wiki(proxy);
    const seen = await visit(world, `${URL_OF}/page`);
    expect(seen).toMatchObject({ status: 302, servedBy: 'authentik' });
    expect(locationOf(seen).pathname).toBe('/outpost.goauthentik.io/start');
    const jo = browser('jo');
    await jo.follow(`${URL_OF}/page`);
    const entered = await jo.go(`${URL_OF}/page`);
    expect(entered).toMatchObject({ status: 200, servedBy: 'origin' });
    const told = JSON.parse(entered.text);
    expect(told.path).toBe('/page');
    expect(Object.keys(told.headers).filter((name) => name.startsWith('x-authentik-'))).toEqual([]);
  });

  /** The origin that a person in the group reaches at a path. */
  const originAt = (path: string) => {
    const person = world.authentik.users.find(({ username }) => username === 'jo');
    const { verdict } = route(viewOf(world), {
      ...{
        method: 'GET',
        host: HOST,
        path,
        query: '',
        headers: [],
        body: null,
        sessions: [],
        assertion: null,
      },
      ...(person !== undefined && { person }),
    });
    return verdict.kind === 'delivery' ? verdict.origin : verdict.kind;
  };

  it('leads to its internal host, and to another one as soon as the outpost has loaded it', async () => {
    begin('2026.8', 1000);
    setIngress(world, [{ service: 'http://authentik.lan:9000' }]);
    world.clockOffset += 2000;
    const { provider } = await wiki({ provider: { mode: 'proxy', internal_host: 'HTTP://Wiki.lan:80/' } });
    world.clockOffset += 1001;
    expect(originAt('/page')).toBe('http://wiki.lan');
    const next = { mode: 'proxy', internal_host: 'https://next.lan:8443' };
    await call(world, 'PATCH', `/providers/proxy/${provider}/`, next);
    expect(originAt('/page')).toBe('http://wiki.lan');
    world.clockOffset += 1001;
    expect(originAt('/page')).toBe('https://next.lan:8443');
  });

  it('leads to its internal host below a path of the outpost where Traefik is in front, which otherwise answers', async () => {
    setIngress(world, [{ service: 'http://traefik.lan' }]);
    await wiki(proxy);
    expect(originAt('/page')).toBe('http://traefik.lan');
    expect(originAt('/outpost.goauthentik.io/page')).toBe('http://wiki.lan');
  });

  it('skips no path that Traefik reports', async () => {
    setIngress(world, [{ service: 'http://traefik.lan' }]);
    await wiki({ provider: { ...proxy.provider, skip_path_regex: '^/page$' } });
    expect(await visit(world, `${URL_OF}/page`)).toMatchObject({ status: 302 });
  });

  it('leaves every other host to the core, in every release', async () => {
    begin('2025.8');
    setIngress(world, [{ service: 'http://authentik.lan:9000' }]);
    await wiki(proxy);
    expect(await visit(world, 'https://other.example.dev/')).toMatchObject({
      status: 200,
      servedBy: 'authentik',
    });
  });
});

describe('a new configuration of an outpost', () => {
  it('runs only after its delay, and the earlier one until then', async () => {
    begin('2026.8', 1000);
    world.settle = 1000;
    world.clockOffset += 2000;
    await wiki({ provider: { skip_path_regex: '^/a$' } });
    expect(await visit(world, URL_OF)).toMatchObject({ status: 404 });
    world.clockOffset += 1001;
    expect(await visit(world, `${URL_OF}/a`)).toMatchObject({ status: 200 });
    const [provider] = world.authentik.providers;
    await call(world, 'PATCH', `/providers/proxy/${provider?.pk}/`, {
      mode: 'forward_single',
      skip_path_regex: '^/b$',
    });
    expect(await visit(world, `${URL_OF}/a`)).toMatchObject({ status: 200 });
    expect(await visit(world, `${URL_OF}/b`)).toMatchObject({ status: 302 });
    world.clockOffset += 1001;
    expect(await visit(world, `${URL_OF}/a`)).toMatchObject({ status: 302 });
    expect(await visit(world, `${URL_OF}/b`)).toMatchObject({ status: 200 });
  });

  it('has no bindings: the login asks them at once', async () => {
    begin('2026.8', 1000);
    const { group } = await wiki();
    world.clockOffset += 2000;
    expect(await browser('jo').follow(URL_OF)).toMatchObject({ status: 200 });
    await call(world, 'POST', `/core/groups/${group}/remove_user/`, { pk: 4 });
    expect(await browser('jo').follow(URL_OF)).toMatchObject(REFUSED);
  });

  it('may be one of several that are on their way', async () => {
    const gate = await wiki({ served: false });
    await addGate(world, 'other');
    await serve(world, [gate.provider]);
    traefik({ forwardAuth: 'all' });
    expect(await visit(world, URL_OF)).toMatchObject({ status: 302 });
    expect(await visit(world, 'https://other.example.dev')).toMatchObject({ status: 302 });
  });
});
