import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import { isStorable } from '../../src/doors/layers/cache.ts';
import { readingsOf } from '../../src/doors/layers/path-reading.ts';
import { pathClasses } from '../../src/doors/paths.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import { application, login, name, provider, rule, served, tunnel, zone } from './parts.ts';

const host = 'app.example.dev';

const route = (pattern: string): Part => {
  return { part: 'worker-route', zone: 'example.dev', pattern, script: 'w', failsOpen: false };
};
const operation = (endpoint: string): Part => {
  return { part: 'operation', id: endpoint, zone: 'example.dev', host, method: 'GET', endpoint };
};

/** The paths that the tests distinguish: one representative for each combination of their results. */
function combinations(
  classes: readonly string[],
  ...tests: readonly ((path: string) => boolean)[]
): ReadonlySet<string> {
  return new Set(classes.map((path) => tests.map((test) => (test(path) ? '1' : '0')).join('')));
}

describe('the classes of paths', () => {
  it('are two if nothing names a path: pages, and files that Cloudflare caches', () => {
    expect(pathClasses(PartStore.of({ parts: served(host) }), host)).toEqual(['/', '/gates-other.css']);
  });

  it.each([
    {
      because: 'a path of Access, with what lies below',
      part: application('a', [`${host}/a`], []),
      tests: [/^\/a(\/|$)/],
    },
    { because: 'what lies below alone', part: application('a', [`${host}/a/*`], []), tests: [/^\/a\//] },
    {
      because: 'a path with a wildcard',
      part: application('a', [`${host}/a*/b`], []),
      tests: [/^\/a.*\/b$/],
    },
    {
      because: 'a path of a wildcard host',
      part: application('a', ['*.example.dev/a'], []),
      tests: [/^\/a(\/|$)/],
    },
    {
      because: 'an expression of a tunnel',
      part: rule(host, 'http://b.lan', { path: '^/hooks/(git|actions/[a-z]+)$' }),
      tests: [/^\/hooks\/(git|actions\/[a-z]+)$/],
    },
    {
      because: 'an unanchored expression',
      part: rule(host, 'http://b.lan', { path: 'admin' }),
      tests: [/admin/],
    },
    {
      because: 'an escaped expression',
      part: rule(host, 'http://b.lan', { path: '^/a\\.b/.*x$' }),
      tests: [/^\/a\.b\/.*x$/],
    },
    {
      because: 'an operation',
      part: operation('/v1/{var1}/x'),
      tests: [/^\/v1\/[^/]+\/x$/],
    },
    {
      because: 'a skipped path',
      part: provider('p', `https://${host}`, { skipPaths: '^/open$' }),
      tests: [/^\/open$/],
    },
    {
      because: 'a skipped URL',
      part: provider('p', 'https://auth.example.dev', {
        mode: 'forward_domain',
        cookieDomain: 'example.dev',
        skipPaths: `^https?://app\\.example\\.dev/open`,
      }),
      tests: [/^\/open/],
    },
  ])('show $because', ({ part, tests }) => {
    const classes = pathClasses(PartStore.of({ parts: served(host, part) }), host);
    const found = combinations(classes, ...tests.map((test) => (path: string) => test.test(path)));
    expect(found).toEqual(new Set(['0', '1']));
    expect(classes.every((path) => path.startsWith('/'))).toBe(true);
  });

  it.each([
    { expression: '^/[a-z]+/x$', test: /^\/[a-z]+\/x$/ },
    { expression: '^/[^/]+/x$', test: /^\/[^/]+\/x$/ },
    { expression: '^/\\w+/x$', test: /^\/\w+\/x$/ },
    { expression: '^/a.+b$', test: /^\/a.+b$/ },
    { expression: '^/a{1,1}b$', test: /^\/ab$/ },
    { expression: '^/(?:xy)z$', test: /^\/xyz$/ },
    { expression: '(?i)^/open$', test: /^\/open$/i },
    { expression: '^/(a)bc$', test: /^\/abc$/ },
    { expression: '^/(a)?b$', test: /^\/a?b$/ },
    { expression: '^/a$|^/b$', test: /^\/[ab]$/ },
  ])('show what an expression matches: $expression', ({ expression, test }) => {
    const parts = served(host, rule(host, 'http://b.lan', { path: expression }));
    const classes = pathClasses(PartStore.of({ parts }), host);
    expect(combinations(classes, (path) => test.test(path))).toEqual(new Set(['0', '1']));
  });

  it.each([
    {
      because: 'destinations of Access',
      parts: [application('a', [`${host}/a`, `${host}/b`], [])],
      tests: [/^\/a(\/|$)/, /^\/b(\/|$)/],
    },
    {
      because: 'routes of Workers',
      parts: [route(`${host}/a*`), route(`*.example.dev/b*`)],
      tests: [/^\/a/, /^\/b/],
    },
    {
      because: 'routes of Workers for one path',
      parts: [route(`${host}/a`), route(`${host}/b`)],
      tests: [/^\/a$/, /^\/b$/],
    },
    {
      because: 'operations',
      parts: [operation('/a/{var1}'), operation('/b/{var1}')],
      tests: [/^\/a\/[^/]+$/, /^\/b\/[^/]+$/],
    },
    {
      because: 'rules of tunnels',
      parts: ['^/a', '^/b'].map((path) => rule(host, 'http://b.lan', { path })),
      tests: [/^\/a/, /^\/b/],
    },
    {
      because: 'alternatives of two expressions',
      parts: [rule(host, 'http://b.lan', { path: '^/(a|b)$' }), application('b', [`${host}/b`], [])],
      tests: [/^\/[ab]$/, /^\/b(\/|$)/],
      are: ['00', '10', '11', '01'],
    },
    {
      because: 'skipped paths, line by line',
      parts: [provider('p', `https://${host}`, { skipPaths: '^/a\n\n^/b' })],
      tests: [/^\/a/, /^\/b/],
    },
  ])('tell two apart: $because', ({ parts, tests, are = ['00', '10', '01'] }) => {
    const classes = pathClasses(PartStore.of({ parts: served(host, ...parts) }), host);
    const found = combinations(classes, ...tests.map((test) => (path: string) => test.test(path)));
    expect(found).toEqual(new Set(are));
  });

  it.each([
    {
      because: 'of a path with what lies below',
      part: application('a', [`${host}/a`], []),
      test: /^\/a(\/|$)/,
    },
    {
      because: 'of an expression for one segment',
      part: rule(host, 'http://b.lan', { path: '^/a[^/]*$' }),
      test: /^\/a[^/]*$/,
    },
  ])('show files that Cloudflare stores inside and outside $because', ({ part, test }) => {
    const classes = pathClasses(PartStore.of({ parts: served(host, part) }), host);
    const found = combinations(classes, (path) => test.test(path), isStorable);
    expect(found).toEqual(new Set(['00', '01', '10', '11']));
  });

  it('are paths, whatever a destination or an expression says', () => {
    const parts = served(
      host,
      application('a', [host, `${host}/*x`], []),
      rule(host, 'http://b.lan', { path: '^/' }),
      rule(host, 'http://b.lan', { path: '^$' }),
    );
    const classes = pathClasses(PartStore.of({ parts }), host);
    expect(classes.filter((path) => !path.startsWith('/'))).toEqual([]);
  });

  it('show nothing of an expression that Go does not compile', () => {
    const parts = served(host, rule(host, 'http://b.lan', { path: '^/a(?!b)' }));
    expect(pathClasses(PartStore.of({ parts }), host)).toEqual(['/', '/gates-other.css']);
  });

  it('distinguish each combination of tests in use, and nothing else', () => {
    const parts = served(
      host,
      application('a', [`${host}/a`], []),
      rule(host, 'http://b.lan', { path: '^/a/b' }),
    );
    const classes = pathClasses(PartStore.of({ parts }), host);
    const inside = (path: string) => /^\/a(\/|$)/.test(path);
    const routed = (path: string) => path.startsWith('/a/b');
    expect(combinations(classes, inside, routed)).toEqual(new Set(['00', '10', '11']));
    expect(classes).toHaveLength(6);
  });

  it('ignore tests in use at other hosts', () => {
    const others = [
      ...[application('b', ['b.example.dev/b', '*.example.net/c'], []), route('b.example.dev/d*')],
      ...[application('c', ['*.c.example.dev/e'], []), route('*.c.example.dev/f*')],
      provider('d', 'https://auth.example.net', {
        ...({ mode: 'forward_domain', cookieDomain: 'example.net' } as const),
        skipPaths: '/g',
      }),
      rule('b.example.dev', 'http://b.lan', { path: '^/b' }),
    ];
    expect(
      pathClasses(
        PartStore.of({
          parts: served(host, ...others, provider('b', 'https://b.example.dev', { skipPaths: '^/b' })),
        }),
        host,
      ),
    ).toHaveLength(2);
  });

  it('count every value of a choice', () => {
    const values = [[], [application('a', [`${host}/a`], [])]];
    const snapshot = {
      parts: served(host),
      choices: [{ name: 'write 1', reason: 'not applied yet', values }],
    };
    expect(pathClasses(PartStore.of(snapshot), host)).toContain('/a');
  });

  it('have one class for the paths of an outpost', () => {
    const classes = pathClasses(PartStore.of({ parts: [zone, tunnel, name(host), ...login('p')] }), host);
    expect(classes.some((path) => path.startsWith('/outpost.goauthentik.io/'))).toBe(true);
  });
});

describe('the readings of a path', () => {
  it.each([
    { path: '/', readings: ['/'] },
    { path: '/a/b.css', readings: ['/a/b.css'] },
    { path: '/a%2Fb', readings: ['/a%2Fb', '/a/b'] },
    { path: '/a/../b', readings: ['/a/../b', '/b'] },
    { path: '/a/./b', readings: ['/a/./b', '/a/b'] },
    { path: '/a//b', readings: ['/a//b', '/a/b'] },
    { path: '/a/..', readings: ['/a/..', '/'] },
    { path: '/../a', readings: ['/../a', '/a'] },
    { path: '/a\\b', readings: ['/a\\b', '/a/b'] },
    { path: '/a;v=1/b', readings: ['/a;v=1/b', '/a/b'] },
    { path: '/a/%2e%2e/b', readings: ['/a/%2e%2e/b', '/a/../b', '/b'] },
    { path: '/a%', readings: ['/a%'] },
  ])('$path', ({ path, readings }) => {
    expect([...readingsOf(path)].sort()).toEqual([...readings].sort());
  });
});
