import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import { catchAll, name, openFacts, origin, reached, rule, stranger, tunnel, zone } from '../parts.ts';

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
