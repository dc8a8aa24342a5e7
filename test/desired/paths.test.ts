import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathForm } from '../../src/config/path-form.ts';
import {
  accessDestinations,
  destinationBelow,
  exceptionFor,
  ingressPath,
  matchesPath,
} from '../../src/desired/paths.ts';

const exact = (prefix: string): PathForm => ({ form: 'exact', prefix });
const subtree = (prefix: string): PathForm => ({ form: 'subtree', prefix });

/** As cloudflared does: unanchored, on the path decoded once. */
function tunnelMatches(form: PathForm, path: string): boolean {
  try {
    return new RegExp(ingressPath(form)).test(decodeURIComponent(path));
  } catch {
    return false;
  }
}

/** As the documentation of Access paths says it, on the path as it was sent. */
function accessMatches(form: PathForm, path: string): boolean {
  return accessDestinations('h', form).some((uri) => {
    const pattern = uri.slice(1);
    if (!pattern.endsWith('/*')) return path === pattern || path.startsWith(`${pattern}/`);
    return path.startsWith(pattern.slice(0, -1));
  });
}

interface Row {
  readonly path: string;
  readonly form: PathForm;
  readonly belongs: boolean;
  readonly because: string;
}

const rows: readonly Row[] = [
  { path: '/api/health', form: exact('/api/health'), belongs: true, because: 'it is the path' },
  {
    path: '/api/healthz',
    form: exact('/api/health'),
    belongs: false,
    because: 'a longer word is another path',
  },
  {
    path: '/api/health/',
    form: exact('/api/health'),
    belongs: false,
    because: 'a trailing slash is another path',
  },
  { path: '/api/health/x', form: exact('/api/health'), belongs: false, because: 'exact means nothing below' },
  { path: '/API/health', form: exact('/api/health'), belongs: false, because: 'case counts' },
  {
    path: '/api%2Fhealth',
    form: exact('/api/health'),
    belongs: false,
    because: 'an encoded slash is no slash',
  },
  { path: '/x/api/health', form: exact('/api/health'), belongs: false, because: 'it has to begin there' },
  { path: '/public', form: subtree('/public'), belongs: true, because: 'a subtree covers its root' },
  { path: '/public/', form: subtree('/public'), belongs: true, because: 'and its root as a folder' },
  { path: '/public/a/b.css', form: subtree('/public'), belongs: true, because: 'and all below' },
  { path: '/public/...', form: subtree('/public'), belongs: true, because: 'three dots are a name' },
  {
    path: '/public/.well-known/x',
    form: subtree('/public'),
    belongs: true,
    because: 'a hidden name is a name',
  },
  { path: '/publicx', form: subtree('/public'), belongs: false, because: 'a longer word is another path' },
  { path: '/public/../admin', form: subtree('/public'), belongs: false, because: 'it leads elsewhere' },
  {
    path: '/public/%2e%2e/admin',
    form: subtree('/public'),
    belongs: false,
    because: 'encoded, it still leads elsewhere',
  },
  {
    path: '/public/./x',
    form: subtree('/public'),
    belongs: false,
    because: 'dot segments are not for us to resolve',
  },
  {
    path: '/public/..%2Fadmin',
    form: subtree('/public'),
    belongs: false,
    because: 'a decoder may find a slash there',
  },
  {
    path: '/public/..\\admin',
    form: subtree('/public'),
    belongs: false,
    because: 'some servers read a backslash as a slash',
  },
  { path: '/a.b', form: exact('/a.b'), belongs: true, because: 'a dot is a dot' },
  { path: '/axb', form: exact('/a.b'), belongs: false, because: 'and not any character' },
];

describe('what belongs to a path exception', () => {
  it.each(rows)(
    '$path ∈ $form.prefix ($form.form): $belongs, because $because',
    ({ path, form, belongs }) => {
      expect(matchesPath(form, path)).toBe(belongs);
      expect(tunnelMatches(form, path) && accessMatches(form, path)).toBe(belongs);
    },
  );

  it('is closed for what cannot be decoded at all by the tunnel', () => {
    expect(tunnelMatches(subtree('/public'), '/public/%zz')).toBe(false);
    expect(matchesPath(subtree('/public'), '/public/%zz')).toBe(true);
  });
});

const name = fc.stringMatching(/^[a-z0-9._-]{1,6}$/).filter((part) => part !== '.' && part !== '..');
const prefix = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const form = fc.record({ form: fc.constantFrom('exact' as const, 'subtree' as const), prefix });
const odd = fc.constantFrom(
  '/',
  '//',
  '/..',
  '/.',
  '%2F',
  '%2f',
  '%2e%2e',
  '%252F',
  '\\',
  '%5c',
  'x',
  'X',
  '?',
  '%',
  '/a',
  '~',
);

describe('all matchers together', () => {
  it('never open a path that is the host’s, however it is spelt', () => {
    fc.assert(
      fc.property(
        form,
        fc.array(odd, { maxLength: 4 }),
        fc.array(odd, { maxLength: 2 }),
        (exception, after, before) => {
          const path = `${before.join('')}${exception.prefix}${after.join('')}`.split('?')[0] ?? '';
          if (matchesPath(exception, path)) return;
          expect(tunnelMatches(exception, path) && accessMatches(exception, path)).toBe(false);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('agree on every plain path', () => {
    fc.assert(
      fc.property(form, prefix, fc.boolean(), (exception, rest, below) => {
        const path = below ? `${exception.prefix}${rest}` : rest;
        const belongs = matchesPath(exception, path);
        expect(tunnelMatches(exception, path)).toBe(belongs);
        if (exception.form === 'subtree') expect(accessMatches(exception, path)).toBe(belongs);
      }),
      { numRuns: 1000 },
    );
  });

  it('choose the longest exception, and the exact one of two alike', () => {
    const exceptions = [subtree('/a'), exact('/a/b'), subtree('/a/b')];
    const chosen = (path: string) => exceptionFor(exceptions, path);
    expect(chosen('/a/x')).toEqual(subtree('/a'));
    expect(chosen('/a/b')).toEqual(exact('/a/b'));
    expect(chosen('/a/b/c')).toEqual(subtree('/a/b'));
    expect(chosen('/x')).toBeUndefined();
  });

  it('name what is below an exact path, which Access would take for part of it', () => {
    expect(destinationBelow('h.example.dev', exact('/api'))).toBe('h.example.dev/api/*');
  });
});
