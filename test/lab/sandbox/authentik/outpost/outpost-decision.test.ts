import { describe, expect, it } from 'vitest';
import {
  decide,
  type OutpostRequest,
} from '../../../../../src/lab/sandbox/authentik/outpost/outpost-decision.ts';
import type {
  OutpostApp,
  OutpostLoad,
  OutpostSession,
} from '../../../../../src/lab/sandbox/state/login-rows.ts';

const AUTH = '/outpost.goauthentik.io/auth/traefik';

const SESSION: OutpostSession = {
  id: 's',
  provider: 1,
  username: 'jo',
  email: '',
  name: 'Jo',
  uid: '',
  groups: [],
  attributes: {},
  until: 0,
};

function app(more: Partial<OutpostApp> = {}): OutpostApp {
  const externalHost = more.externalHost ?? 'https://one.example.dev';
  return {
    provider: 1,
    providerName: 'one',
    application: 'one',
    clientId: 'client-one',
    cookieSecret: 'secret',
    mode: 'forward_single',
    externalHost,
    host: externalHost.replace('https://', ''),
    internalHost: '',
    skipped: [],
    cookieDomain: '',
    interceptHeaderAuth: true,
    basicAuth: null,
    scopes: ['openid'],
    sessionMs: 1000,
    ...more,
  };
}

function load(apps: OutpostApp[], embedded = true): OutpostLoad {
  return { name: 'outpost', embedded, host: 'https://auth.example.dev', browserHost: '', apps };
}

function request(given: Partial<OutpostRequest> & { headers?: Record<string, string> }): OutpostRequest {
  const { headers = {}, ...rest } = given;
  return {
    method: 'GET',
    host: 'outpost.lan',
    path: '/',
    query: '',
    header: (name) => headers[name] ?? null,
    ...rest,
  };
}

function requestFor(url: string, headers: Record<string, string> = {}): OutpostRequest {
  const [, proto = '', host = '', uri = ''] = /^(\w+):\/\/([^/]+)(.*)$/.exec(url) ?? [];
  const told = { 'x-forwarded-proto': proto, 'x-forwarded-host': host, 'x-forwarded-uri': uri };
  return request({ path: AUTH, headers: { ...told, ...headers } });
}

const nobody = () => null;

/** The kind of the decision, and the provider that answers. */
function decisionText(outpost: OutpostLoad, given: OutpostRequest, anyHost = false): string {
  const decision = decide(outpost, given, nobody, anyHost);
  return 'app' in decision ? `${decision.kind} ${decision.app.provider}` : decision.kind;
}

describe('the provider that answers', () => {
  const domain = app({ provider: 2, mode: 'forward_domain', externalHost: 'https://auth.example.dev' });
  it.each([
    { because: 'its external host', apps: [app()], url: 'https://one.example.dev/', is: 'authorize 1' },
    { because: 'a port is part of it', apps: [app()], url: 'https://one.example.dev:8443/', is: 'stranger' },
    {
      because: 'with the same port it is',
      apps: [app({ externalHost: 'https://one.example.dev:8443' })],
      url: 'https://one.example.dev:8443/',
      is: 'authorize 1',
    },
    { because: 'no other host', apps: [app()], url: 'https://two.example.dev/', is: 'stranger' },
    {
      because: 'the one loaded last wins',
      apps: [app(), app({ provider: 3 })],
      url: 'https://one.example.dev/',
      is: 'authorize 3',
    },
    {
      because: 'an external host beats a cookie domain',
      apps: [{ ...domain, cookieDomain: 'example.dev' }, app()],
      url: 'https://one.example.dev/',
      is: 'authorize 1',
    },
    {
      because: 'a cookie domain covers what ends in it',
      apps: [{ ...domain, cookieDomain: '.example.dev' }],
      url: 'https://x.example.dev/',
      is: 'authorize 2',
    },
    {
      because: 'as text: no dot is needed',
      apps: [{ ...domain, cookieDomain: 'example.dev' }],
      url: 'https://evilexample.dev/',
      is: 'authorize 2',
    },
    {
      because: 'the longer domain wins',
      apps: [
        { ...domain, cookieDomain: 'a.example.dev', provider: 4 },
        { ...domain, cookieDomain: 'example.dev' },
      ],
      url: 'https://x.a.example.dev/',
      is: 'authorize 4',
    },
    {
      because: 'an empty domain covers nothing',
      apps: [{ ...domain, cookieDomain: '' }],
      url: 'https://x.example.dev/',
      is: 'stranger',
    },
    {
      because: 'a domain counts in domain mode alone',
      apps: [app({ cookieDomain: 'example.dev' })],
      url: 'https://x.example.dev/',
      is: 'stranger',
    },
  ])('$url: $is, because $because', ({ apps, url, is }) => {
    expect(decisionText(load(apps), requestFor(url))).toBe(is);
  });

  it('is the only one for any host, in the releases that behave so', () => {
    expect(decisionText(load([app()]), requestFor('https://x.example.org/'), true)).toBe('authorize 1');
    expect(
      decisionText(load([app(), app({ provider: 2 })]), requestFor('https://x.example.org/'), true),
    ).toBe('stranger');
  });

  it('is the only one on every path of a standalone outpost, and on the embedded outpost’s own paths', () => {
    const only = [app({ mode: 'proxy' })];
    expect(decisionText(load(only, false), request({ host: 'x.example.org' }), true)).toBe('start 1');
    expect(decisionText(load(only, true), request({ host: 'x.example.org' }), true)).toBe('stranger');
  });
});

describe('forward auth', () => {
  it.each([
    { because: 'it matches', skip: '^/api/health$', url: 'https://one.example.dev/api/health', pass: true },
    { because: 'it is not anchored', skip: '/health', url: 'https://one.example.dev/x/healthy', pass: true },
    { because: 'it is', skip: '^/health$', url: 'https://one.example.dev/x/health', pass: false },
    { because: 'the query is not part of it', skip: '^/a$', url: 'https://one.example.dev/a?b', pass: true },
    { because: 'one of them matches', skip: ['^/a$', '^/b$'], url: 'https://one.example.dev/b', pass: true },
    { because: 'escapes are decoded', skip: '^/a/b$', url: 'https://one.example.dev/a%2Fb', pass: true },
    { because: 'flags stand in front', skip: '(?i)^/A$', url: 'https://one.example.dev/a', pass: true },
    { because: 'what does not compile is none', skip: '(', url: 'https://one.example.dev/(', pass: false },
  ])('of $url with $skip passes: $pass, because $because', ({ skip, url, pass }) => {
    const decision = decide(load([app({ skipped: [skip].flat() })]), requestFor(url), nobody, false);
    expect(decision.kind).toBe(pass ? 'pass' : 'authorize');
  });

  it('matches the complete URL in domain mode', () => {
    const domain = app({ mode: 'forward_domain', cookieDomain: 'example.dev' });
    const url = 'https://x.example.dev/open';
    expect(decisionText(load([{ ...domain, skipped: ['^/open'] }]), requestFor(url))).toBe('authorize 1');
    expect(
      decisionText(load([{ ...domain, skipped: ['^https://x\\.example\\.dev/open$'] }]), requestFor(url)),
    ).toBe('pass 1');
  });

  it('admits a session, and passes on its person', () => {
    const decision = decide(load([app()]), requestFor('https://one.example.dev/x'), () => SESSION, false);
    expect(decision).toMatchObject({ kind: 'pass', session: { username: 'jo' } });
  });

  it('sends others to the login, and back to their requested page', () => {
    const decision = decide(load([app()]), requestFor('https://one.example.dev/x?y=1'), nobody, false);
    expect(decision).toMatchObject({ kind: 'authorize', returnTo: 'https://one.example.dev/x?y=1' });
  });

  it.each([
    { missing: 'x-forwarded-uri', is: 'misconfigured' },
    { missing: 'x-forwarded-proto', is: 'misconfigured' },
  ])('without $missing is $is', ({ missing, is }) => {
    expect(decisionText(load([app()]), requestFor('https://one.example.dev/', { [missing]: '' }))).toBe(is);
  });

  it('recognizes a callback by the requested URL', () => {
    const url =
      'https://one.example.dev/outpost.goauthentik.io/callback?X-authentik-auth-callback=true&code=1';
    expect(decisionText(load([app()]), requestFor(url))).toBe('callback 1');
  });
});

describe('the endpoint for Caddy', () => {
  it('answers as the one for Traefik does', () => {
    const path = '/outpost.goauthentik.io/auth/caddy';
    const skipping = load([app({ skipped: ['^/a/b$'] })]);
    expect(decisionText(skipping, { ...requestFor('https://one.example.dev/a%2Fb'), path })).toBe('pass 1');
    expect(decisionText(skipping, { ...requestFor('https://one.example.dev/'), path })).toBe('authorize 1');
  });
});

describe('the endpoint for nginx', () => {
  const one = 'https://one.example.dev';
  const url = (path: string) => ({ 'x-original-url': `${one}${path}` });
  it.each([
    { headers: url('/'), is: 'unauthorized', because: 'nobody is logged in' },
    { headers: url('/api/health?x'), is: 'pass 1', because: 'the path is skipped' },
    { headers: url('/api%2Fhealth'), is: 'pass 1', because: 'escapes are decoded' },
    { headers: url('/admin?/api/health'), is: 'unauthorized', because: 'the query is no path' },
    { headers: {}, is: 'misconfigured', because: 'nothing is said' },
    { headers: { 'x-original-url': '/a' }, is: 'misconfigured', because: 'that is no URL' },
    { headers: url('/%zz'), is: 'misconfigured', because: 'an escape is broken' },
    {
      headers: { ...url('/admin'), 'x-original-uri': '/api/health' },
      is: 'pass 1',
      because: 'the other header comes first',
    },
    { headers: { ...url('/'), 'x-original-uri': '' }, is: 'unauthorized', because: 'an empty one is none' },
    {
      headers: { 'x-original-uri': '/api%2Fhealth' },
      is: 'unauthorized',
      because: 'nothing of that one is decoded',
    },
    {
      headers: { ...url('/'), 'x-original-uri': '/outpost.goauthentik.io/x' },
      is: 'pass 1',
      because: 'the path is its own',
    },
    {
      headers: url('/outpost.goauthentik.io/../admin'),
      is: 'pass 1',
      because: 'dots are not resolved',
    },
    { headers: url('/outpost.goauthentik.io%2F..%2Fadmin'), is: 'pass 1', because: 'nor are encoded ones' },
  ])('of $headers is $is, because $because', ({ headers, is }) => {
    const path = '/outpost.goauthentik.io/auth/nginx';
    const given = request({ host: 'one.example.dev', path, headers });
    expect(decisionText(load([app({ skipped: ['^/api/health$'] })]), given)).toBe(is);
  });

  it('compares the complete URL in domain mode', () => {
    const domain = app({ mode: 'forward_domain', cookieDomain: 'example.dev', skipped: [`^${one}/open$`] });
    const path = '/outpost.goauthentik.io/auth/nginx';
    const at = (where: string) => request({ host: 'one.example.dev', path, headers: url(where) });
    expect(decisionText(load([domain]), at('/open'))).toBe('pass 1');
    expect(decisionText(load([domain]), at('/opened'))).toBe('unauthorized');
  });
});

describe('mode proxy', () => {
  const proxy = app({ mode: 'proxy' });
  const here = { host: 'one.example.dev', path: '/x', query: '?y' };
  const reported = {
    ...{ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'one.example.dev', 'x-forwarded-uri': '/x' },
  };
  it.each([
    { because: 'nobody is logged in', given: request(here), is: 'start 1' },
    {
      because: 'a client with credentials is told no',
      given: request({ ...here, headers: { authorization: 'Bearer x' } }),
      is: 'unauthorized',
    },
    { because: 'the path is skipped', given: request({ ...here, path: '/open' }), is: 'pass 1' },
    {
      because: 'Host decides here, not what a visitor claims',
      given: request({ ...here, headers: { 'x-forwarded-host': 'two.example.dev' } }),
      is: 'start 1',
    },
    { because: 'it is another host', given: request({ ...here, host: 'two.example.dev' }), is: 'stranger' },
    {
      because: 'only start, callback and sign_out are its own paths',
      given: request({ ...here, path: '/outpost.goauthentik.io/nothing' }),
      is: 'start 1',
    },
    {
      because: 'a question of forward auth is for the application, whatever path it reports',
      given: request({ path: AUTH, headers: { ...reported, 'x-forwarded-uri': '/open' } }),
      is: 'start 1',
    },
    {
      because: 'the question itself is skipped',
      given: request({ path: '/outpost.goauthentik.io/auth/nginx', headers: reported }),
      is: 'pass 1',
    },
  ])('is $is, because $because', ({ given, is }) => {
    expect(decisionText(load([{ ...proxy, skipped: ['^/open$', '/nginx$'] }]), given)).toBe(is);
  });

  it('passes a question of forward auth on for a visitor with a session', () => {
    const given = request({ path: AUTH, headers: reported });
    expect(decide(load([proxy]), given, () => SESSION, false)).toMatchObject({
      kind: 'pass',
      session: SESSION,
    });
  });
});

describe('the start of a login', () => {
  it.each([
    { rd: 'https://one.example.dev/x', to: 'https://one.example.dev/x', because: 'it is served here' },
    { rd: 'https://evil.example.org/', to: 'https://one.example.dev', because: 'it is not' },
    { rd: 'javascript:alert(1)', to: 'https://one.example.dev', because: 'that is no address' },
    { rd: '', to: 'https://one.example.dev/', because: 'nothing is said' },
  ])('with rd=$rd returns to $to, because $because', ({ rd, to }) => {
    const query = `?rd=${encodeURIComponent(rd)}`;
    const given = request({ host: 'one.example.dev', path: '/outpost.goauthentik.io/start', query });
    expect(decide(load([app()]), given, nobody, false)).toMatchObject({ kind: 'authorize', returnTo: to });
  });

  it('at any host answers a ping', () => {
    expect(decisionText(load([]), request({ path: '/outpost.goauthentik.io/ping' }))).toBe('ping');
  });
});
