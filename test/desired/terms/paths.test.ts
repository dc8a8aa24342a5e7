import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathForm } from '../../../src/config/model/path-form.ts';
import {
  accessDestinations,
  ambiguousPath,
  decodePath,
  destinationBelow,
  ingressPath,
  isPlain,
  matchesPath,
} from '../../../src/desired/terms/paths.ts';
import { expressionOf } from '../go-expression.ts';

const exact = (prefix: string): PathForm => ({ form: 'exact', prefix });
const subtree = (prefix: string): PathForm => ({ form: 'subtree', prefix });

interface Row {
  readonly path: string;
  readonly form: PathForm;
  /** True if an open exception of this form matches; `guarded` is the same for a guarded one. */
  readonly open: boolean;
  readonly guarded: boolean;
  readonly because: string;
}

const health = exact('/api/health');
const all = subtree('/public');
const rows: readonly Row[] = [
  { path: '/api/health', form: health, open: true, guarded: true, because: 'it is the path' },
  { path: '/api/healthz', form: health, open: false, guarded: false, because: 'it is another word' },
  { path: '/api', form: health, open: false, guarded: false, because: 'it is above' },
  {
    path: '/api/health/',
    form: health,
    open: false,
    guarded: true,
    because: 'servers often answer it alike',
  },
  { path: '/API/health', form: health, open: false, guarded: true, because: 'some servers ignore case' },
  { path: '/api/health/x', form: health, open: false, guarded: false, because: 'exact means nothing below' },
  { path: '/x/api/health', form: health, open: false, guarded: false, because: 'it has to begin there' },
  { path: '/public', form: all, open: true, guarded: true, because: 'a subtree covers its root' },
  { path: '/public/', form: all, open: true, guarded: true, because: 'and its root as a folder' },
  { path: '/public/a/b.css', form: all, open: true, guarded: true, because: 'and all below' },
  {
    path: '/public/größe 1.png',
    form: all,
    open: true,
    guarded: true,
    because: 'names may be of any script',
  },
  { path: '/public/.well-known/x', form: all, open: true, guarded: true, because: 'a hidden name is a name' },
  { path: '/publicx', form: all, open: false, guarded: false, because: 'it is another word' },
  { path: '/PUBLIC/a', form: all, open: false, guarded: true, because: 'some servers ignore case' },
  { path: '/public/../admin', form: all, open: false, guarded: false, because: 'it leads elsewhere' },
  { path: '/public/..', form: all, open: false, guarded: false, because: 'it leads elsewhere' },
  { path: '/public/./x', form: all, open: false, guarded: false, because: 'it is not for us to resolve' },
  { path: '/public/..;/admin', form: all, open: false, guarded: false, because: 'Tomcat drops parameters' },
  { path: '/public/..\\admin', form: all, open: false, guarded: false, because: 'some read it as a slash' },
  { path: '/public/%2e%2e/x', form: all, open: false, guarded: false, because: 'some decode a second time' },
  {
    path: '/public/.. /admin',
    form: all,
    open: false,
    guarded: false,
    because: 'Windows cuts the space off',
  },
  { path: '/public/a./b', form: all, open: false, guarded: false, because: 'Windows cuts the dot off' },
  { path: '/public//x', form: all, open: false, guarded: false, because: 'some merge slashes' },
  { path: '/public/a\u0000b', form: all, open: false, guarded: false, because: 'some stop at a zero byte' },
  { path: '/a.b', form: exact('/a.b'), open: true, guarded: true, because: 'a dot is a dot' },
  { path: '/axb', form: exact('/a.b'), open: false, guarded: false, because: 'and not any character' },
  { path: '/a+(b)$', form: exact('/a+(b)$'), open: true, guarded: true, because: 'nothing in it is special' },
];

describe('a decoded path belongs to an exception', () => {
  it.each(rows)('$path, $form: open $open, guarded $guarded, because $because', (row) => {
    const verdicts = [false, true].map((guarded) => [
      matchesPath(row.form, guarded, row.path),
      expressionOf(ingressPath(row.form, guarded)).test(row.path),
    ]);
    expect(verdicts).toEqual([
      [row.open, row.open],
      [row.guarded, row.guarded],
    ]);
  });
});

describe('a raw path is decoded as cloudflared does', () => {
  it.each([
    { raw: '/a%2Fb', decoded: '/a/b', because: 'slashes too' },
    { raw: '/%252e', decoded: '/%2e', because: 'once only' },
    { raw: '/gr%C3%B6%c3%9fe', decoded: '/größe', because: 'bytes are UTF-8' },
    { raw: '/größe', decoded: '/größe', because: 'what is not encoded stays' },
    { raw: '/%c0%ae', decoded: '/\ufffd\ufffd', because: 'an overlong dot is no text' },
    { raw: '/%zz', decoded: undefined, because: 'Go refuses a broken escape' },
    { raw: '/%2', decoded: undefined, because: 'Go refuses half an escape' },
  ])('$raw: $decoded, because $because', ({ raw, decoded }) => {
    expect(decodePath(raw)).toBe(decoded);
  });
});

const word = fc.stringMatching(/^[a-z0-9._-]{0,4}[a-z0-9]$/);
const prefix = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const form = fc.record({ form: fc.constantFrom('exact' as const, 'subtree' as const), prefix });
const odd = fc.constantFrom(
  '/',
  '//',
  '/..',
  '/.',
  '.',
  ' ',
  '%2e',
  '%',
  '\\',
  ';',
  '\t',
  'ö',
  'x',
  'X',
  '/a',
);
const tail = fc.array(odd, { maxLength: 4 }).map((parts) => parts.join(''));
const head = tail.map((parts) => (parts === '' ? '' : `/${parts}`));

describe('expressions and evaluator', () => {
  it('agree about every path, however it is spelled', () => {
    fc.assert(
      fc.property(form, fc.boolean(), head, tail, fc.boolean(), (exception, guarded, before, after, loud) => {
        const own = loud ? exception.prefix.toUpperCase() : exception.prefix;
        const path = `${before}${own}${after}`;
        expect(expressionOf(ingressPath(exception, guarded)).test(path)).toBe(
          matchesPath(exception, guarded, path),
        );
        expect(expressionOf(ambiguousPath).test(path)).toBe(!isPlain(path));
      }),
      { numRuns: 3000 },
    );
  });

  it('make a guarded exception match everything that an open one of the same form matches', () => {
    fc.assert(
      fc.property(form, tail, (exception, after) => {
        const path = `${exception.prefix}${after}`;
        if (matchesPath(exception, false, path)) expect(matchesPath(exception, true, path)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('destinations at Access', () => {
  it('name the path, and the paths below it if the form includes them', () => {
    expect(accessDestinations('h.example.dev', health)).toEqual(['h.example.dev/api/health']);
    expect(accessDestinations('h.example.dev', all)).toEqual([
      'h.example.dev/public',
      'h.example.dev/public/*',
    ]);
  });

  it('name the paths below an exact path, which Access would include', () => {
    expect(destinationBelow('h.example.dev', health)).toBe('h.example.dev/api/health/*');
  });
});
