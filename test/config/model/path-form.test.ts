import { describe, expect, it } from 'vitest';
import { overlaps, readPathForm } from '../../../src/config/model/path-form.ts';

const good: readonly [string, { form: string; prefix: string }][] = [
  ['/a', { form: 'exact', prefix: '/a' }],
  ['/a/b.json', { form: 'exact', prefix: '/a/b.json' }],
  ['/a/**', { form: 'subtree', prefix: '/a' }],
  ['/.well-known/acme/**', { form: 'subtree', prefix: '/.well-known/acme' }],
  ["/a~@:+,=!$&'()-_", { form: 'exact', prefix: "/a~@:+,=!$&'()-_" }],
];

const bad: readonly { path: string; message: string; because: string }[] = [
  { path: '', message: 'this path is the whole host', because: 'no path is every path' },
  { path: '/', message: 'this path is the whole host', because: 'the host has its own gate' },
  { path: '/**', message: 'this path is the whole host', because: 'so is its subtree' },
  { path: 'a', message: 'a path begins with a slash', because: 'it could be part of a name' },
  {
    path: '/a?x=1',
    message: 'a path has no query and no fragment',
    because: 'Access looks at the path alone',
  },
  {
    path: '/a#b',
    message: 'a path has no query and no fragment',
    because: 'a fragment never reaches a server',
  },
  {
    path: '/a/*',
    message: 'a * is possible only in /** at the end',
    because: 'systems differ on what * spans',
  },
  { path: '/a**', message: 'a * is possible only in /** at the end', because: 'it would match /ab' },
  {
    path: '/**/a',
    message: 'a * is possible only in /** at the end',
    because: 'it would match at any depth',
  },
  {
    path: '/a%2Fb',
    message: 'a path is written without percent-encoding',
    because: 'some decode, some do not',
  },
  { path: '//a', message: 'a path has no empty segment', because: 'some merge slashes, some do not' },
  { path: '/a//b/**', message: 'a path has no empty segment', because: 'in a subtree as well' },
  { path: '/a/', message: 'a path does not end with a slash', because: 'the application may treat it as /a' },
  { path: '/a/../b', message: 'a path has no . or .. segment', because: 'who resolves it first decides' },
  { path: '/..', message: 'a path has no . or .. segment', because: 'at the end as well' },
  { path: '/./a/**', message: 'a path has no . or .. segment', because: 'one dot as well' },
  {
    path: '/é',
    message: 'a path has a character that not all systems match alike',
    because: 'it is sent encoded',
  },
  {
    path: '/a;b',
    message: 'a path has a character that not all systems match alike',
    because: 'some cut at ;',
  },
  {
    path: '/a b',
    message: 'a path has a character that not all systems match alike',
    because: 'it is sent encoded',
  },
  {
    path: '/a\\b',
    message: 'a path has a character that not all systems match alike',
    because: 'some read a slash',
  },
];

describe('a path form', () => {
  it.each(good)('%s is one', (path, form) => {
    expect(readPathForm(path)).toEqual(form);
  });

  it.each(bad)('$path is invalid: $because', ({ path, message }) => {
    const read = readPathForm(path);
    expect('message' in read ? read.message : read).toBe(message);
    expect('message' in read ? read.hint.length : 0).toBeGreaterThan(0);
  });

  it.each([
    ['/a', '/a', true],
    ['/a', '/a/**', true],
    ['/a/**', '/a/b', true],
    ['/a/b/**', '/a/**', true],
    ['/a/**', '/ab', false],
    ['/a', '/a/b', false],
    ['/a/**', '/b/**', false],
  ])('%s and %s share a path: %s', (first, second, expected) => {
    const [a, b] = [readPathForm(first), readPathForm(second)];
    expect('form' in a && 'form' in b && overlaps(a, b)).toBe(expected);
  });
});
