import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { OriginPart } from '../../../src/core/objects/parts/tunnel-parts.ts';
import {
  admin,
  binding,
  catchAll,
  holding,
  login,
  name,
  openFacts,
  origin,
  provider,
  reached,
  rule,
  stranger,
  tunnel,
  zone,
} from '../parts.ts';

const host = 'app.example.dev';
const to = `http://app.lan for ${host}`;
const state = (...parts: readonly Part[]) => [
  zone,
  tunnel,
  name(host),
  rule(host, 'http://app.lan'),
  catchAll,
  ...parts,
];
const outpost = { who: 'outpost', outpost: 'o1' } as const;
const itself = { who: 'authentik', outpost: 'o1' } as const;
const admins = [provider('app', `https://${host}`), ...login('app', binding('app', 'admins'))];
const account = holding({ has: 'account' });

describe('an origin', () => {
  it.each([
    { because: 'that nobody has looked at may ask somebody', parts: [], is: { [to]: 'origin' } },
    {
      because: 'that asks nobody admits everybody',
      parts: [origin('http://app.lan')],
      is: { [to]: 'admitted' },
    },
    {
      because: 'that decides by itself is not seen through',
      parts: [origin('http://app.lan', { who: 'itself' })],
      is: { [to]: 'origin' },
    },
    {
      because: 'is known for other hosts alone',
      parts: [origin('http://app.lan', { who: 'nobody' }, { hosts: ['b.example.dev'] })],
      is: { [to]: 'origin' },
    },
    {
      because: 'is known for this host first',
      parts: [origin('http://app.lan'), origin('http://app.lan', { who: 'itself' }, { hosts: [host] })],
      is: { [to]: 'origin' },
    },
    {
      because: 'that asks an outpost without a provider for the host refuses',
      parts: [origin('http://app.lan', outpost)],
      is: {},
    },
    {
      because: 'that is Authentik shows its pages to everybody',
      parts: [origin('http://app.lan', itself)],
      is: { [to]: 'admitted' },
    },
  ])('$because', ({ parts, is }) => {
    expect(reached(state(...parts), `https://${host}/`, stranger)).toEqual(is);
  });

  it('is unknown while origins cannot be read', () => {
    const snapshot = { parts: state(origin('http://app.lan')), unread: new Set(['origin'] as const) };
    expect(reached(snapshot, `https://${host}/`, stranger)).toEqual({ [to]: 'origin' });
  });

  it('is identified with the host that it is asked for', () => {
    const rules = [rule(host, 'http://app.lan', { hostHeader: 'inner.lan' }), catchAll];
    const home = [zone, tunnel, name(host), ...rules, origin('http://app.lan')];
    expect(reached(home, `https://${host}/`, stranger)).toEqual({
      'http://app.lan for inner.lan': 'admitted',
    });
  });
});

describe('forwarding headers of a visitor', () => {
  const asking = (trustsForwarded: OriginPart['trustsForwarded'], ...parts: readonly Part[]) =>
    state(origin('http://app.lan', outpost, { trustsForwarded }), ...admins, ...parts);
  const skipping = [
    provider('b', 'https://b.example.dev', { skipPaths: '^/open$' }),
    ...login('b', binding('b', 'admins')),
  ];
  const skip = (trusts: OriginPart['trustsForwarded']) =>
    reached(asking(trusts, ...skipping), `https://${host}/`, stranger);
  const elsewhere = (trusts: OriginPart['trustsForwarded']) =>
    reached(asking(trusts), `https://${host}/`, account);

  it('open every path where they are trusted and some path is skipped', () => {
    expect([false, undefined, true].map(skip)).toEqual([
      {},
      { [to]: 'forwarding headers' },
      { [to]: 'admitted' },
    ]);
  });

  it.each([
    { because: 'open no path that a provider of mode proxy skips', skipPaths: '^/open$', is: {} },
    {
      because: 'may open every path where one skips the question itself',
      skipPaths: '/auth',
      is: { [to]: 'provider of mode proxy' },
    },
  ])('$because', ({ skipPaths, is }) => {
    const proxy = provider('b', 'https://b.example.dev', { mode: 'proxy', skipPaths });
    const parts = asking(true, proxy, ...login('b', binding('b', 'admins')));
    expect(reached(parts, `https://${host}/`, stranger)).toEqual(is);
  });

  it('may suffice for a login elsewhere', () => {
    expect([false, undefined, true].map(elsewhere)).toEqual([
      {},
      { [to]: 'forwarding headers, login elsewhere' },
      { [to]: 'login elsewhere' },
    ]);
    expect(reached(asking(true), `https://${host}/`, stranger)).toEqual({});
  });

  it('do not matter for visitors who get in anyway', () => {
    expect(reached(asking(undefined), `https://${host}/`, admin)).toEqual({ [to]: 'admitted' });
  });

  it('to an origin that is asked for another host: the outpost may judge either', () => {
    const rules = [rule(host, 'http://app.lan', { hostHeader: 'b.example.dev' }), catchAll];
    const home = [zone, tunnel, name(host), ...rules, origin('http://app.lan', outpost), ...admins];
    const others = [provider('b', 'https://b.example.dev'), ...login('b', binding('b', 'family'))];
    const answer = 'http://app.lan for b.example.dev';
    expect(reached([...home, ...others], `https://${host}/`, admin)).toEqual({
      [answer]: 'host that the origin names',
    });
  });
});

describe('paths of the outpost', () => {
  const asking = state(origin('http://app.lan', outpost), ...admins);
  it('may be admitted, and lead to whatever the origin does with them', () => {
    const reason = { [to]: 'path of the outpost' };
    expect(reached(asking, { host, path: '/outpost.goauthentik.io/start' }, stranger)).toEqual(reason);
    expect(reached(asking, { host, path: '/outpost.goauthentik.io/../admin' }, stranger)).toEqual(reason);
    expect(reached(asking, { host, path: '/outpost' }, stranger)).toEqual({});
  });
});

describe('Authentik itself', () => {
  const proxy = provider('app', `https://${host}`, {
    mode: 'proxy',
    internalHost: 'http://wiki.lan',
    skipPaths: '^/open$',
  });
  const home = (trustsForwarded: OriginPart['trustsForwarded'], item: Part = proxy) =>
    state(
      origin('http://app.lan', itself, { trustsForwarded }),
      item,
      ...login('app', binding('app', 'admins')),
    );
  const wiki = `http://wiki.lan for ${host}`;

  it.each([
    { because: 'forwards members to the application', path: '/', who: admin, is: { [wiki]: 'admitted' } },
    { because: 'refuses others', path: '/', who: account, is: {} },
    {
      because: 'forwards everybody to a skipped path',
      path: '/open',
      who: stranger,
      is: { [wiki]: 'admitted' },
    },
    {
      because: 'answers paths of the outpost by itself',
      path: '/outpost.goauthentik.io/start',
      who: stranger,
      is: { [to]: 'admitted' },
    },
    {
      because: 'forwards every other path below those for members',
      path: '/outpost.goauthentik.io/auth/traefik',
      who: admin,
      is: { [to]: 'admitted', [wiki]: 'admitted' },
    },
    {
      because: 'sends everybody else there to the login',
      path: '/outpost.goauthentik.io/auth/traefik',
      who: account,
      is: { [to]: 'admitted' },
    },
    {
      because: 'may forward a path that only looks like one',
      path: '/outpost.goauthentik.io/../x',
      who: admin,
      is: { [wiki]: 'admitted' },
    },
    {
      because: 'may answer a path that may be read as one of its own',
      path: '/outpost.goauthentik.io/x/../start',
      who: admin,
      is: { [to]: 'admitted', [wiki]: 'admitted' },
    },
    ...['start', 'callback', 'sign_out', 'ping', 'static/a/b'].map((page) => ({
      because: `answers ${page} by itself also for members`,
      path: `/outpost.goauthentik.io/${page}`,
      who: admin,
      is: { [to]: 'admitted' },
    })),
    {
      because: 'forwards a path that only begins like its own',
      path: '/outpost.goauthentik.io/starting',
      who: admin,
      is: { [to]: 'admitted', [wiki]: 'admitted' },
    },
    {
      because: 'forwards a path in which another one of its own lies',
      path: '/x/outpost.goauthentik.io/start',
      who: admin,
      is: { [wiki]: 'admitted' },
    },
  ])('$because', ({ path, who, is }) => {
    expect(reached(home(false), { host, path }, who)).toEqual(is);
  });

  it('shows its own pages where a provider of another mode has the host', () => {
    expect(reached(home(false, provider('app', `https://${host}`)), `https://${host}/`, stranger)).toEqual({
      [to]: 'admitted',
    });
  });

  it('may forward to another application if a visitor names its host', () => {
    expect(reached(home(undefined), `https://${host}/`, stranger)).toEqual({
      'any origin': 'forwarding headers',
    });
  });

  it('may forward anywhere while it cannot be read', () => {
    const snapshot = { parts: home(false), unread: new Set(['outpost-entry'] as const) };
    expect(reached(snapshot, `https://${host}/`, stranger)).toEqual({
      [to]: 'admitted',
      'any origin': 'not read',
    });
  });
});

describe('the facts about an origin name', () => {
  const asking = (more: Partial<OriginPart> = {}) => [origin('http://app.lan', outpost, more), ...admins];
  const skipping = provider('app', `https://${host}`, { skipPaths: '^/open' });

  it.each([
    {
      what: 'it and the path, since nobody has looked at it',
      parts: [],
      path: '/a',
      who: stranger,
      is: [`origin: ${to}/a`],
    },
    {
      what: 'the path of the outpost that it may answer',
      parts: asking(),
      path: '/outpost.goauthentik.io/start',
      who: stranger,
      is: [`path of the outpost: http://app.lan, ${host}/outpost.goauthentik.io/start`],
    },
    {
      what: 'the path that it may refuse to hand on',
      parts: [origin('http://app.lan', outpost), skipping, ...login('app')],
      path: '/open%2Fa',
      who: stranger,
      is: [`path spelling: http://app.lan, ${host}/open%2Fa`],
    },
    {
      what: 'the headers that it may believe, and the outpost at which somebody may log in elsewhere',
      parts: asking({ trustsForwarded: undefined }),
      path: '/',
      who: account,
      is: [`forwarding headers: http://app.lan for ${host}`, 'login elsewhere: outpost o1'],
    },
    {
      what: 'the headers by which Authentik may hear of another host',
      parts: [origin('http://app.lan', itself, { trustsForwarded: undefined }), ...admins],
      path: '/',
      who: stranger,
      is: [`forwarding headers: http://app.lan for ${host}`],
    },
  ])('$what', ({ parts, path, who, is }) => {
    expect(openFacts(state(...parts), { host, path }, who)).toEqual(is);
  });

  it('the host that it may name to the outpost', () => {
    const rules = [rule(host, 'http://app.lan', { hostHeader: 'b.example.dev' }), catchAll];
    const home = [zone, tunnel, name(host), ...rules, ...asking()];
    const others = [provider('b', 'https://b.example.dev'), ...login('b', binding('b', 'family'))];
    expect(openFacts([...home, ...others], `https://${host}/`, admin)).toEqual([
      `host that the origin names: http://app.lan for ${host}: ${host}`,
    ]);
  });

  it('what of Authentik gates could not read', () => {
    const unread = new Set(['outpost-entry'] as const);
    expect(openFacts({ parts: state(...asking()), unread }, { host, path: '/a' }, stranger)).toEqual([
      `not read: Authentik for ${host}/a`,
    ]);
    const parts = state(origin('http://app.lan', itself), ...admins);
    expect(openFacts({ parts, unread }, { host, path: '/a' }, stranger)).toEqual([
      `not read: Authentik for ${host}`,
    ]);
  });
});
