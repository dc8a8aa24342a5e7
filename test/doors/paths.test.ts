import { describe, expect, it } from 'vitest';
import { readingsOf } from '../../src/doors/layers/path-reading.ts';
import { pathClasses } from '../../src/doors/paths.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import { application, login, name, provider, rule, served, tunnel, zone } from './parts.ts';

const host = 'app.example.dev';

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
      part: {
        part: 'operation',
        id: 'o',
        zone: 'example.dev',
        host,
        method: 'GET',
        endpoint: '/v1/{var1}/x',
      } as const,
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
      application('b', ['b.example.dev/b'], []),
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
