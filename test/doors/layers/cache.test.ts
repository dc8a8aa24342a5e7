import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import { isStorable } from '../../../src/doors/layers/cache.ts';
import { application, email, me, name, policy, reached, served, stranger, weighed, zone } from '../parts.ts';

const host = 'app.example.dev';
const copies = `copies of ${host}`;
const kept = (keepsOut: boolean): Part => ({ part: 'cache-rule', zone: 'example.dev', host, keepsOut });

describe('Cloudflare by default caches', () => {
  it.each([
    { path: '/x.css', stores: true },
    { path: '/a/report.PDF', stores: true },
    { path: '/robots.txt', stores: true },
    { path: '/a.tar.gz', stores: true },
    { path: '/', stores: false },
    { path: '/css', stores: false },
    { path: '/x.html', stores: false },
    { path: '/x.json', stores: false },
    { path: '/a/robots.txt', stores: false },
    { path: '/x.css/below', stores: false },
  ])('the answer to $path: $stores (documents, Default cache behavior)', ({ path, stores }) => {
    expect(isStorable(path)).toBe(stores);
  });
});

describe('a cached copy', () => {
  const css = { host, path: '/x.css' };
  const guard = [application('a', [host], ['p']), policy('p', 'allow', [email('me@example.dev')])];

  it.each([
    {
      because: 'may be served of a file of a host that is served',
      parts: served(host),
      request: css,
      is: 'copies',
    },
    {
      because: 'may be served to HEAD',
      parts: served(host),
      request: { ...css, method: 'HEAD' },
      is: 'copies',
    },
    {
      because: 'is never served to POST',
      parts: served(host),
      request: { ...css, method: 'POST' },
      is: undefined,
    },
    {
      because: 'is not made of a page',
      parts: served(host),
      request: { host, path: '/' },
      is: undefined,
    },
    { because: 'is kept out by a rule', parts: served(host, kept(true)), request: css, is: undefined },
    {
      because: 'is kept by the rule that comes last',
      parts: served(host, kept(true), kept(false)),
      request: css,
      is: 'copies',
    },
    {
      because: 'of a page may be kept by a foreign rule',
      parts: served(host, kept(false)),
      request: { host, path: '/' },
      is: 'copies',
    },
    {
      because: 'remains after the host has gone',
      parts: [zone, name(host)],
      request: css,
      is: 'copies',
    },
    {
      because: 'of a page may be kept by a rule of somebody else, whatever its condition',
      parts: served(host, { part: 'cache-rule', zone: 'example.dev', host: undefined, keepsOut: false }),
      request: { host, path: '/' },
      is: 'copies',
    },
    {
      because: 'is kept by no rule of another zone',
      parts: served(host, { part: 'cache-rule', zone: 'example.net', host: undefined, keepsOut: false }),
      request: { host, path: '/' },
      is: undefined,
    },
    {
      because: 'is left of none after a purge',
      parts: served(host, { part: 'purge', host }),
      request: css,
      is: undefined,
    },
    { because: 'needs a proxied name', parts: [zone], request: css, is: undefined },
    {
      because: 'may be served of a path that is read as a file',
      parts: served(host),
      request: { host, path: '/x%2Ecss' },
      is: 'copies',
    },
  ])('$because', ({ parts, request, is }) => {
    expect(reached(parts, request, stranger)[copies]).toBe(is);
  });

  it('is served behind Access', () => {
    const parts = served(host, ...guard);
    expect(reached(parts, css, stranger)).toEqual({});
    expect(reached(parts, css, me)[copies]).toBe('copies');
  });

  it('is possible while the cache rules cannot be read', () => {
    const unread = new Set(['cache-rule'] as const);
    expect(reached({ parts: [zone, name(host), kept(true)], unread }, css, stranger)).toEqual({
      [copies]: 'copies',
    });
  });

  it('is explained by the last rule of the host', () => {
    const [out, inside] = [kept(true), kept(false)];
    expect(weighed('cache', served(host, inside, out), css, stranger)).toEqual([[out, 'refused']]);
    expect(weighed('cache', served(host, out, inside), css, stranger)).toEqual([[inside, 'unknown']]);
    expect(weighed('cache', served(host), css, stranger)).toEqual([]);
  });
});
