import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import type { AccessPolicyPart, Selector } from '../../../src/core/objects/parts/access-parts.ts';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import {
  application,
  catchAll,
  email,
  everyone,
  holding,
  me,
  name,
  openFacts,
  origin,
  policy,
  reached,
  rule,
  stranger,
  tunnel,
  you,
  zone,
} from '../parts.ts';

const host = 'app.example.dev';
const services = ['http://app.lan', 'http://admin.lan', 'http://old.lan'];
const home = (...parts: readonly Part[]): readonly Part[] => [
  ...[zone, tunnel, name('*.example.dev'), ...services.map((service) => origin(service))],
  ...parts,
];
const service = (state: readonly Part[], path: string, at = host) =>
  Object.keys(reached(state, { host: at, path }, stranger))[0]?.split(' ')[0] ?? 'nothing';

const admin = (path: string) => [
  rule(host, 'http://admin.lan', { path }),
  rule(host, 'http://app.lan'),
  catchAll,
];

describe('a tunnel', () => {
  it.each([
    {
      because: 'the first rule decides',
      rules: [rule(host, 'http://app.lan'), rule(host, 'http://old.lan'), catchAll],
      path: '/',
      is: 'http://app.lan',
    },
    {
      because: 'a rule of another host does not count',
      rules: [rule('b.example.dev', 'http://old.lan'), catchAll],
      path: '/',
      is: 'nothing',
    },
    {
      because: 'an error leads to nobody',
      rules: [rule(host, 'http_status:503'), rule(host, 'http://app.lan'), catchAll],
      path: '/',
      is: 'nothing',
    },
    {
      because: 'a wildcard counts for any number of labels (cloudflared, matchHost)',
      rules: [rule('*.dev', 'http://app.lan'), catchAll],
      path: '/',
      is: 'http://app.lan',
    },
    {
      because: 'the last rule takes the rest',
      rules: [rule('*', 'http://app.lan')],
      path: '/',
      is: 'http://app.lan',
    },
    {
      because: 'an expression is sought anywhere',
      rules: admin('admin'),
      path: '/x/admin/y',
      is: 'http://admin.lan',
    },
    {
      because: 'an expression may be anchored',
      rules: admin('^/admin$'),
      path: '/x/admin',
      is: 'http://app.lan',
    },
    {
      because: 'an expression that does not match goes on',
      rules: admin('^/admin'),
      path: '/',
      is: 'http://app.lan',
    },
    { because: 'case counts', rules: admin('^/admin'), path: '/ADMIN', is: 'http://app.lan' },
    {
      because: 'case does not count where the expression says so',
      rules: admin('(?i)^/admin'),
      path: '/ADMIN',
      is: 'http://admin.lan',
    },
    {
      because: 'a class of RE2 is read as Go reads it',
      rules: admin('^/[[:alpha:]]+$'),
      path: '/abc',
      is: 'http://admin.lan',
    },
    {
      because: 'a class of RE2 has no other letters',
      rules: admin('^/[[:alpha:]]+$'),
      path: '/:]',
      is: 'http://app.lan',
    },
    {
      because: 'a class of Unicode is read as Go reads it',
      rules: admin('^/\\pL+$'),
      path: '/abc',
      is: 'http://admin.lan',
    },
    {
      because: 'the path is decoded once',
      rules: admin('^/admin'),
      path: '/%61dmin',
      is: 'http://admin.lan',
    },
    {
      because: 'an expression that Go does not know decides nothing',
      rules: admin('(?<=a)b'),
      path: '/',
      is: 'any',
    },
  ])('$because', ({ rules, path, is }) => {
    expect(service(home(...rules), path)).toBe(is);
  });

  it.each(['/admin/%ff', '/%61dmin/%ff%fe', '/admin/%E2%82'])(
    'reads bytes that are no UTF-8 as Go does: %s',
    (path) => {
      const rules = [rule(host, 'http_status:400', { path: '%' }), ...admin('^/admin/[^%/]+$')];
      expect(service(home(...rules), path)).toBe('http://admin.lan');
    },
  );

  it('does not match a name that merely ends the same', () => {
    const evil: Part = { part: 'zone', name: 'evilexample.dev', active: true };
    const record = { ...name('evilexample.dev'), zone: 'evilexample.dev' };
    const rules = home(rule('*.example.dev', 'http://app.lan'), catchAll, evil, record);
    expect(service(rules, '/', 'evilexample.dev')).toBe('nothing');
    expect(service(rules, '/')).toBe('http://app.lan');
  });

  it('may lead anywhere if nobody can see its rules', () => {
    const local: Part = { part: 'tunnel', id: 't1', configuration: 'local' };
    const state = [zone, local, name(host), rule(host, 'http://app.lan')];
    expect(reached(state, `https://${host}/`, stranger)).toEqual({ 'any origin': 'rules of a tunnel' });
    const unread = {
      parts: home(rule(host, 'http://app.lan'), catchAll),
      unread: new Set(['tunnel-rule'] as const),
    };
    expect(reached(unread, `https://${host}/`, stranger)).toEqual({ 'any origin': 'rules of a tunnel' });
  });

  it('without rules answers with an error', () => {
    expect(service(home(), '/')).toBe('nothing');
  });

  it('leads to one of several rules if a path has two readings', () => {
    expect(reached(home(...admin('^/admin')), { host, path: '/x/../admin' }, stranger)).toEqual({
      [`http://admin.lan for ${host}`]: 'path spelling',
      [`http://app.lan for ${host}`]: 'path spelling',
    });
  });
});

describe('a rule that requires a JWT', () => {
  const mine = policy('mine', 'allow', [email('me@example.dev')]);
  const open = policy('open', 'bypass', [everyone]);
  const guarded = [application('app', [host], ['mine']), mine];
  const required = (audiences: readonly string[], ...parts: readonly Part[]) =>
    home(rule(host, 'http://app.lan', { audiences }), catchAll, ...parts);
  const admitted = { [`http://app.lan for ${host}`]: 'admitted' };
  const session = (audience: string): Credential => ({ has: 'session', audience });

  it.each([
    {
      because: 'the JWT of the guarding application counts',
      state: required(['aud-app'], ...guarded),
      who: me,
      is: admitted,
    },
    {
      because: 'the JWT of another one does not',
      state: required(['aud-other'], ...guarded),
      who: me,
      is: {},
    },
    {
      because: 'one of several audiences is enough',
      state: required(['aud-x', 'aud-app'], ...guarded),
      who: me,
      is: admitted,
    },
    { because: 'no audience is none that counts', state: required([], ...guarded), who: me, is: {} },
    {
      because: 'a stranger has none where no application guards',
      state: required(['aud-app'], application('app', ['b.example.dev'], ['mine']), mine),
      who: stranger,
      is: {},
    },
    {
      because: 'a visitor sends one of the application elsewhere',
      state: required(['aud-app'], application('app', ['b.example.dev'], ['mine']), mine),
      who: me,
      is: admitted,
    },
    {
      because: 'a bypass adds none, and leaves the visitor their own',
      state: required(
        ['aud-b'],
        application('a', [host], ['open']),
        open,
        application('b', ['b.example.dev'], ['mine']),
        mine,
      ),
      who: me,
      is: admitted,
    },
    {
      because: 'an application that lets all by gives nobody a JWT',
      state: required(['aud-a'], application('a', [host], ['open']), open),
      who: me,
      is: {},
    },
    {
      because: 'somebody whom a bypass lets past may log in all the same',
      state: required(['aud-a'], application('a', [host], ['open', 'mine']), open, mine),
      who: me,
      is: { [`http://app.lan for ${host}`]: 'login past a bypass' },
    },
    {
      because: 'nobody else may log in behind a bypass',
      state: required(['aud-a'], application('a', [host], ['open', 'mine']), open, mine),
      who: you,
      is: {},
    },
    {
      because: 'the JWT of an application that is gone counts until its end',
      state: required(['aud-gone']),
      who: holding(session('aud-gone')),
      is: admitted,
    },
    {
      because: 'nobody else has one of an application that is gone',
      state: required(['aud-gone']),
      who: you,
      is: {},
    },
  ])('$because', ({ state, who, is }) => {
    expect(reached(state, `https://${host}/`, who)).toEqual(is);
  });

  describe('of an application that looks at the place of a visitor', () => {
    const inFrance: Selector = { geo: { country_code: 'FR' } };
    const france: Credential = { has: 'country', code: 'FR' };
    const past = (more: Partial<AccessPolicyPart>, ...others: readonly AccessPolicyPart[]) => {
      const placed = policy('placed', 'allow', [email('me@example.dev')], more);
      const ids = ['placed', ...others.map(({ id }) => id)];
      return required(
        ['aud-app'],
        application('open', [`${host}/health`], ['open']),
        open,
        application('app', [host], ids),
        ...[placed, ...others],
      );
    };
    const below = { host, path: '/health/below' };
    const person = (...more: readonly Credential[]) =>
      holding({ has: 'email', address: 'me@example.dev' }, ...more);
    const somewhere = { [`http://app.lan for ${host}`]: 'place of the login' };

    it('may have been issued elsewhere', () => {
      const state = past({ require: [inFrance] });
      expect(reached(state, below, person())).toEqual(somewhere);
      expect(reached(state, below, person(france))).toEqual(admitted);
      expect(reached(state, below, you)).toEqual({});
      expect(reached(state, { host, path: '/' }, person())).toEqual({});
    });

    it('may have been issued outside of what a policy excludes or blocks', () => {
      const blocks = policy('blocks', 'deny', [inFrance]);
      for (const state of [past({ exclude: [inFrance] }), past({}, blocks)]) {
        expect(reached(state, below, person())).toEqual(admitted);
        expect(reached(state, below, you)).toEqual({});
      }
      expect(reached(past({ exclude: [inFrance] }), below, person(france))).toEqual(somewhere);
      const blocked = required(
        ['aud-app'],
        application('open', [`${host}/health`], ['open']),
        open,
        application('app', [host], ['blocks', 'mine']),
        ...[blocks, mine],
      );
      expect(reached(blocked, below, person(france))).toEqual(somewhere);
      expect(reached(blocked, { host, path: '/' }, person(france))).toEqual({});
    });

    it('may have been issued where a bypass did not apply', () => {
      const state = required(
        ['aud-app'],
        application('open', [`${host}/health`], ['open']),
        open,
        application('app', [host], ['at-home', 'mine']),
        ...[policy('at-home', 'bypass', [inFrance]), mine],
      );
      const to = `http://app.lan for ${host}`;
      const facts = 'place of the login, login past a bypass';
      expect(reached(state, below, person(france))).toEqual({ [to]: facts });
    });
  });
});

describe('the facts about a tunnel name', () => {
  it.each(['tunnel', 'tunnel-rule'] as const)(
    'the tunnel and the request, while %s cannot be read',
    (sort) => {
      const snapshot = { parts: home(rule(host, 'http://app.lan'), catchAll), unread: new Set([sort]) };
      expect(openFacts(snapshot, { host, path: '/a' }, stranger)).toEqual([
        `rules of a tunnel: t1, ${host}/a`,
      ]);
    },
  );

  it('each reading of a path that rules tell apart', () => {
    expect(openFacts(home(...admin('^/admin')), { host, path: '/x/../admin' }, stranger)).toEqual([
      `path spelling: cloudflared, ${host}/x/../admin: /x/../admin`,
    ]);
  });
});
