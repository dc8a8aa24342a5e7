import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { signClaims } from '../../../../../src/lab/sandbox/edge/access/access-token.ts';
import { login } from '../../../../../src/lab/sandbox/edge/team/login.ts';
import { viewOf } from '../../../../../src/lab/sandbox/edge/view/view.ts';
import type {
  AccessApp,
  AccessPolicy,
  JsonObject,
  ServiceToken,
  World,
} from '../../../../../src/lab/sandbox/state/world.ts';
import {
  addApp,
  addPolicy,
  addRecord,
  addToken,
  guardedRule,
  newWorld,
  setIngress,
  tokenHeaders,
  visit,
} from '../scene.ts';

const HOST = 'app.example.dev';
const ME = 'me@example.dev';
const allowMe: JsonObject[] = [{ email: { email: ME } }];

async function cookie(world: World, app: AccessApp, email = ME): Promise<Record<string, string>> {
  const claims = login(viewOf(world), app, email);
  if (!claims) throw new Error(`${email} is not admitted`);
  return { cookie: `theme=dark; CF_Authorization=${await signClaims(claims)}` };
}

describe('an application that asks for identity', () => {
  let world: World;
  let app: AccessApp;

  beforeEach(() => {
    world = newWorld();
    app = addApp(world, [HOST], [addPolicy(world, 'allow', allowMe)]);
    addRecord(world, { name: HOST });
    setIngress(world, [guardedRule(HOST, app)]);
  });

  it('sends a visitor to the team login, whatever content they accept', async () => {
    const seen = await visit(world, `https://${HOST}/x?y=1`, { accept: 'application/json' });
    expect(seen).toMatchObject({ status: 302, servedBy: 'access' });
    const location = new URL(seen.headers.get('location') ?? '');
    expect(location.host).toBe('example.cloudflareaccess.com');
    expect(location.pathname).toBe(`/cdn-cgi/access/login/${HOST}`);
    expect(location.searchParams.get('kid')).toBe(app.aud);
    expect(location.searchParams.get('redirect_url')).toBe('/x?y=1');
    expect(decodeJwt(location.searchParams.get('meta') ?? '').aud).toBe(app.aud);
    expect(seen.headers.get('cf-ray')).toMatch(/^[0-9a-f]{16}-/);
  });

  it('answers a script with 401 and its AUD', async () => {
    const seen = await visit(world, `https://${HOST}/`, { 'X-Requested-With': 'XMLHttpRequest' });
    expect(seen).toMatchObject({ status: 401, servedBy: 'access' });
    expect(seen.headers.get('cf-access-aud')).toBe(app.aud);
    expect(seen.headers.get('cf-access-domain')).toBe(HOST);
  });

  it('admits one request with a session without a duration, for a minute at most', async () => {
    app.sessionDuration = '0s';
    const begin = async () => {
      const claims = login(viewOf(world), app, ME);
      if (claims === null) throw new Error('nobody is admitted');
      world.sessions.push(claims);
      return { cookie: `CF_Authorization=${await signClaims(claims)}` };
    };
    const session = await begin();
    expect(await visit(world, `https://${HOST}/`, session)).toMatchObject({
      status: 200,
      servedBy: 'origin',
    });
    expect(await visit(world, `https://${HOST}/`, session)).toMatchObject({
      status: 302,
      servedBy: 'access',
    });
    const unused = await begin();
    world.clockOffset += 61_000;
    expect(await visit(world, `https://${HOST}/`, unused)).toMatchObject({ status: 302, servedBy: 'access' });
  });

  it('admits a session and gives the origin a JWT that the published keys verify', async () => {
    const seen = await visit(world, `https://${HOST}/x`, {
      ...(await cookie(world, app)),
      'Cf-Access-Jwt-Assertion': 'mine',
    });
    expect(seen).toMatchObject({ status: 200, servedBy: 'origin' });
    const told = JSON.parse(seen.text);
    const certs = JSON.parse(
      (await visit(world, 'https://example.cloudflareaccess.com/cdn-cgi/access/certs')).text,
    );
    const { payload } = await jwtVerify(told.headers['cf-access-jwt-assertion'], createLocalJWKSet(certs), {
      issuer: 'https://example.cloudflareaccess.com',
      audience: app.aud,
      algorithms: ['RS256'],
    });
    expect(payload).toMatchObject({ type: 'app', email: ME });
    expect(certs.keys).toHaveLength(2);
  });

  it('also accepts the session in the header cf-access-token', async () => {
    const { cookie: line = '' } = await cookie(world, app);
    const token = line.slice(line.indexOf('CF_Authorization=') + 'CF_Authorization='.length);
    expect(await visit(world, `https://${HOST}/`, { 'cf-access-token': token })).toMatchObject({
      status: 200,
    });
  });

  it.each([
    {
      because: 'it belongs to another application',
      spoil: (claims: object) => ({ ...claims, aud: ['other'] }),
    },
    { because: 'it has expired', spoil: (claims: object) => ({ ...claims, exp: 1000 }) },
    {
      because: 'another team issued it',
      spoil: (claims: object) => ({ ...claims, iss: 'https://evil.example' }),
    },
    { because: 'it is no application token', spoil: (claims: object) => ({ ...claims, type: 'org' }) },
  ])('rejects a session, because $because', async ({ spoil }) => {
    const claims = login(viewOf(world), app, ME);
    const raw = await signClaims(spoil(claims ?? {}) as never);
    const seen = await visit(world, `https://${HOST}/`, { cookie: `CF_Authorization=${raw}` });
    expect(seen).toMatchObject({ status: 302, servedBy: 'access' });
  });

  it('rejects a session with a broken signature, or without one', async () => {
    const { cookie: line = '' } = await cookie(world, app);
    const none = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ aud: [app.aud] }))}.`;
    for (const token of [`${line.slice(0, -4)}AAAA`, `CF_Authorization=${none}`, 'CF_Authorization=x']) {
      expect(await visit(world, `https://${HOST}/`, { cookie: token })).toMatchObject({ status: 302 });
    }
  });

  it('keeps a session alive after its policy is removed, until it is revoked', async () => {
    const session = await cookie(world, app);
    app.policies = [];
    expect(await visit(world, `https://${HOST}/`, session)).toMatchObject({ status: 200 });
    app.revokedAt = Date.now();
    expect(await visit(world, `https://${HOST}/`, session)).toMatchObject({ servedBy: 'access' });
  });

  it('lets a person log in anew at once after a revocation', async () => {
    app.revokedAt = Date.now() - 1;
    expect(await visit(world, `https://${HOST}/`, await cookie(world, app))).toMatchObject({ status: 200 });
  });

  it('admits nobody who only sends the header that Access itself sets', async () => {
    const claims = login(viewOf(world), app, ME);
    const assertion = claims ? await signClaims(claims) : '';
    const seen = await visit(world, `https://${HOST}/`, { 'Cf-Access-Jwt-Assertion': assertion });
    expect(seen).toMatchObject({ status: 302, servedBy: 'access' });
  });

  it('plays the complete login: login page, session cookie, and back', async () => {
    const sent = await visit(world, `https://${HOST}/x`);
    const loginPage = sent.headers.get('location') ?? '';
    expect((await visit(world, loginPage)).text).toContain('Log in');
    const { serveEdge, toRawVisit } = await import('../../../../../src/lab/sandbox/edge/edge.ts');
    const post = (email: string) =>
      new Request(loginPage, { method: 'POST', body: new URLSearchParams({ email }) });
    expect((await serveEdge(world, await toRawVisit(post('stranger@example.net')))).status).toBe(403);
    const back = await serveEdge(world, await toRawVisit(post(ME)));
    const returned = await visit(world, back.headers.get('location') ?? '');
    expect(returned.headers.get('location')).toBe('/x');
    const session = (returned.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect(await visit(world, `https://${HOST}/x`, { cookie: session })).toMatchObject({ status: 200 });
  });

  it('gives its cookie the attributes of the application', async () => {
    const claims = login(viewOf(world), app, ME);
    const token = claims ? await signClaims(claims) : '';
    const cookie = async () => {
      const { headers } = await visit(world, `https://${HOST}/cdn-cgi/access/authorized?token=${token}`);
      return (headers.get('set-cookie') ?? '').replace(/^[^;]*; /, '');
    };
    expect(await cookie()).toBe('Path=/; Secure; HttpOnly; SameSite=None');
    app.destinations = [{ type: 'public', uri: `${HOST}/a` }];
    app.settings = {
      ...{ http_only_cookie_attribute: false, same_site_cookie_attribute: 'lax' },
      path_cookie_attribute: true,
    };
    expect(await cookie()).toBe('Path=/a; Secure; SameSite=Lax');
  });
});

describe('an application for service tokens', () => {
  let world: World;
  let app: AccessApp;
  let ci: ServiceToken;
  let other: ServiceToken;

  beforeEach(() => {
    world = newWorld();
    ci = addToken(world, 'ci');
    other = addToken(world, 'other');
    app = addApp(world, [HOST], [addPolicy(world, 'non_identity', [{ service_token: { token_id: ci.id } }])]);
    addRecord(world, { name: HOST });
    setIngress(world, [guardedRule(HOST, app)]);
  });

  it('admits the named token, and tells the origin which it was', async () => {
    const seen = await visit(world, `https://${HOST}/`, tokenHeaders(ci));
    expect(seen).toMatchObject({ status: 200, servedBy: 'origin' });
    const { headers } = JSON.parse(seen.text);
    const told = decodeJwt(headers['cf-access-jwt-assertion']);
    expect(told).toMatchObject({ common_name: ci.clientId, sub: '', aud: app.aud });
    for (const name of ['nbf', 'country', 'identity_nonce']) expect(told).not.toHaveProperty(name);
    const again = { 'cf-access-token': headers['cf-access-jwt-assertion'] };
    app.policies = [{ id: addPolicy(world, 'allow', [{ everyone: {} }]).id, precedence: 1 }];
    expect(await visit(world, `https://${HOST}/`, again)).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(seen.text).not.toContain(ci.secret);
    expect(ci.lastSeenAt).not.toBeNull();
    expect(seen.headers.has('set-cookie')).toBe(false);
  });

  it.each([
    { status: 403, because: 'nothing was sent', headers: () => ({}) },
    { status: 403, because: 'the token is valid but not allowed here', headers: () => tokenHeaders(other) },
    {
      status: 401,
      because: 'the secret is wrong',
      headers: () => ({ ...tokenHeaders(ci), 'CF-Access-Client-Secret': 'x' }),
    },
    {
      status: 401,
      because: 'half of it is missing',
      headers: () => ({ 'CF-Access-Client-Id': ci.clientId }),
    },
    {
      status: 401,
      because: 'the token is unknown',
      headers: () => ({ ...tokenHeaders(ci), 'CF-Access-Client-Id': `${'0'.repeat(32)}.access` }),
    },
  ])('answers $status with its AUD, because $because', async ({ status, headers }) => {
    const seen = await visit(world, `https://${HOST}/`, headers());
    expect(seen).toMatchObject({ status, servedBy: 'access' });
    expect(seen.headers.get('cf-access-aud')).toBe(app.aud);
  });

  it.each([
    { because: 'it is disabled', spoil: (token: ServiceToken) => Object.assign(token, { enabled: false }) },
    {
      because: 'it has expired',
      spoil: (token: ServiceToken) => Object.assign(token, { expiresAt: '2020-01-01T00:00:00Z' }),
    },
  ])('rejects its own token, because $because', async ({ spoil }) => {
    spoil(ci);
    expect(await visit(world, `https://${HOST}/`, tokenHeaders(ci))).toMatchObject({ status: 401 });
  });

  it('accepts the previous secret until its overlap ends', async () => {
    const old = tokenHeaders(ci);
    ci.previous = { secret: ci.secret, expiresAt: new Date(Date.now() + 60_000).toISOString() };
    ci.secret = 'new';
    expect(await visit(world, `https://${HOST}/`, old)).toMatchObject({ status: 200 });
    expect(await visit(world, `https://${HOST}/`, tokenHeaders(ci))).toMatchObject({ status: 200 });
    world.clockOffset = 61_000;
    expect(await visit(world, `https://${HOST}/`, old)).toMatchObject({ status: 401 });
  });

  it('answers 401 if configured so', async () => {
    app.settings.service_auth_401_redirect = true;
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 401, servedBy: 'access' });
  });

  it('reads one header with both halves if configured so', async () => {
    app.settings.read_service_tokens_from_header = 'Authorization';
    const { clientId, secret } = ci;
    const both = JSON.stringify({ 'cf-access-client-id': clientId, 'cf-access-client-secret': secret });
    expect(await visit(world, `https://${HOST}/`, { authorization: both })).toMatchObject({ status: 200 });
    expect(await visit(world, `https://${HOST}/`, { authorization: 'Basic eA==' })).toMatchObject({
      status: 403,
    });
  });
});

describe('the decision of policies', () => {
  const everyone: JsonObject[] = [{ everyone: {} }];

  it.each<{
    because: string;
    email: string;
    policies: (world: World) => AccessPolicy[];
    admitted: boolean;
  }>([
    {
      because: 'the person is named',
      email: ME,
      policies: (w) => [addPolicy(w, 'allow', allowMe)],
      admitted: true,
    },
    {
      because: 'case does not matter',
      email: 'ME@Example.dev',
      policies: (w) => [addPolicy(w, 'allow', allowMe)],
      admitted: true,
    },
    {
      because: 'nobody else is',
      email: 'you@example.dev',
      policies: (w) => [addPolicy(w, 'allow', allowMe)],
      admitted: false,
    },
    { because: 'the default is to deny', email: ME, policies: () => [], admitted: false },
    {
      because: 'everyone is everyone',
      email: 'x@y.z',
      policies: (w) => [addPolicy(w, 'allow', everyone)],
      admitted: true,
    },
    {
      because: 'the domain counts',
      email: ME,
      policies: (w) => [addPolicy(w, 'allow', [{ email_domain: { domain: 'example.dev' } }])],
      admitted: true,
    },
    {
      because: 'a domain is whole',
      email: 'me@notexample.dev',
      policies: (w) => [addPolicy(w, 'allow', [{ email_domain: { domain: 'example.dev' } }])],
      admitted: false,
    },
    {
      because: 'an exclusion wins',
      email: ME,
      policies: (w) => [addPolicy(w, 'allow', everyone, { exclude: allowMe })],
      admitted: false,
    },
    {
      because: 'all of require must hold',
      email: 'x@y.z',
      policies: (w) => [addPolicy(w, 'allow', everyone, { require: allowMe })],
      admitted: false,
    },
    {
      because: 'the first match ends it',
      email: ME,
      policies: (w) => [addPolicy(w, 'deny', allowMe), addPolicy(w, 'allow', everyone)],
      admitted: false,
    },
    {
      because: 'a Service Auth policy lets no person in',
      email: ME,
      policies: (w) => [addPolicy(w, 'non_identity', everyone)],
      admitted: false,
    },
    {
      because: 'an unknown selector is taken the open way',
      email: ME,
      policies: (w) => [addPolicy(w, 'allow', [{ geo: { country_code: 'FR' } }])],
      admitted: true,
    },
  ])('login of $email: $admitted, because $because', ({ email, policies, admitted }) => {
    const world = newWorld();
    const app = addApp(world, [HOST], policies(world));
    expect(login(viewOf(world), app, email) !== null).toBe(admitted);
  });

  it('Bypass opens a path without a login, and gives the tunnel no JWT', async () => {
    const world = newWorld();
    const app = addApp(world, [HOST], [addPolicy(world, 'allow', allowMe)]);
    addApp(world, [`${HOST}/public`], [addPolicy(world, 'bypass', everyone)]);
    addRecord(world, { name: HOST });
    setIngress(world, [
      { hostname: HOST, path: '^/public$', service: 'http://app.lan' },
      guardedRule(HOST, app),
    ]);
    expect(await visit(world, `https://${HOST}/public`)).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(await visit(world, `https://${HOST}/publicity`)).toMatchObject({
      status: 302,
      servedBy: 'access',
    });
    // Access bypasses paths below as well; the tunnel, which checks the exact path, does not.
    expect(await visit(world, `https://${HOST}/public/x`)).toMatchObject({ status: 403, servedBy: 'edge' });
  });

  it('compares an address in a Bypass policy as a range', async () => {
    const world = newWorld();
    addRecord(world, { name: HOST });
    setIngress(world, [{ service: 'http://app.lan' }]);
    const policy = addPolicy(world, 'bypass', [{ ip: { ip: '203.0.113.0/24' } }]);
    addApp(world, [HOST], [policy]);
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ servedBy: 'origin' });
    policy.include = [{ ip: { ip: '192.0.2.1/32' } }];
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 403, servedBy: 'access' });
  });

  it('closes an application without any policy', async () => {
    const world = newWorld();
    addRecord(world, { name: HOST });
    setIngress(world, [{ service: 'http://app.lan' }]);
    addApp(world, [HOST], []);
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 403, servedBy: 'access' });
  });

  it('passes a preflight if the application allows that', async () => {
    const world = newWorld();
    addRecord(world, { name: HOST });
    setIngress(world, [{ service: 'http://app.lan' }]);
    const app = addApp(world, [HOST], [addPolicy(world, 'allow', allowMe)]);
    const ask = () =>
      visit(world, `https://${HOST}/`, { 'access-control-request-method': 'POST' }, 'OPTIONS');
    expect(await ask()).toMatchObject({ status: 302 });
    app.settings.options_preflight_bypass = true;
    expect(await ask()).toMatchObject({ servedBy: 'origin' });
  });

  it('leaves a preflight to Access if the application has CORS headers', async () => {
    const world = newWorld();
    addRecord(world, { name: HOST });
    setIngress(world, [{ service: 'http://app.lan' }]);
    const app = addApp(world, [HOST], [addPolicy(world, 'allow', allowMe)]);
    app.settings.cors_headers = {
      ...{ allowed_origins: ['https://a.example'], allow_all_methods: true },
      ...{ allowed_headers: ['x-a'], allow_credentials: true, max_age: 60 },
    };
    const ask = (origin: string) =>
      visit(world, `https://${HOST}/`, { 'access-control-request-method': 'POST', origin }, 'OPTIONS');
    const { status, servedBy, headers } = await ask('https://a.example');
    expect([status, servedBy]).toEqual([200, 'access']);
    expect(headers.get('access-control-allow-origin')).toBe('https://a.example');
    expect(headers.get('access-control-allow-headers')).toBe('x-a');
    expect((await ask('https://b.example')).headers.has('access-control-allow-origin')).toBe(false);
    expect(await visit(world, `https://${HOST}/`, {}, 'OPTIONS')).toMatchObject({ status: 302 });
  });
});
