import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expressionOf } from '../../../src/doors/layers/expression.ts';
import { mayMatchBeyond } from '../../../src/doors/layers/expression-head.ts';

const text = 'https://a.example.dev/x?';

describe('a text with a query of any sort', () => {
  it.each([
    // The form that gates writes.
    { expression: '^https?://a\\.example\\.dev(:[0-9]+)?/x(\\?.*)?$', is: true },
    { expression: '^https?://a\\.example\\.dev(:[0-9]+)?/y(\\?.*)?$', is: false },
    { expression: '(?i)^https?://A\\.example\\.dev(:[0-9]+)?/X(\\?.*)?$', is: true },
    { expression: '(?i)^https?://A\\.example\\.dev(:[0-9]+)?/Y(\\?.*)?$', is: false },
    { expression: '^https://b', is: false },
    { expression: '^(https://b)?https://a', is: true },
    { expression: '^(?:https://b)*https://c', is: false },
    { expression: '^(https://)+c', is: true },
    { expression: '^https://a\\.example\\.dev/x$', is: false },
    { expression: '^https://a\\.example\\.dev/x\\?$', is: true },
    { expression: '^https://[^/]+/y', is: true },
    { expression: '/open', is: true },
    { expression: '^https://b|/open', is: true },
    { expression: '^(https://b|/open)', is: true },
    { expression: '^(?i)HTTPS', is: true },
    { expression: '^b{0,1}https', is: true },
    { expression: '^b\\Q(\\E|https', is: true },
    { expression: '^b[[:alpha:](]|https', is: true },
    { expression: '^ht+ps://a', is: true },
    { expression: '^ht*ps://a', is: true },
    { expression: '^h(t)+ps://a', is: true },
    { expression: '^h(t)*ps://a', is: true },
    { expression: '^(b)https', is: false },
    { expression: '^(https)://b.*', is: false },
    { expression: '^(https://b){0}https', is: true },
    { expression: '^b[x|]', is: false },
    { expression: '^b[]|]', is: false },
    { expression: '^b[^]|]', is: false },
  ])('may match $expression: $is', ({ expression, is }) => {
    expect(mayMatchBeyond(expression, text)).toBe(is);
  });
});

it('reads many optional characters in no time', () => {
  expect(mayMatchBeyond(`^${'a?'.repeat(300)}b`, `${'a'.repeat(300)}c`)).toBe(false);
});

/** Parts of expressions, among them those that the reading gives up on. */
const part = fc.constantFrom(
  ...[
    'a',
    'b',
    'A',
    '/',
    '\\.',
    '.',
    '[ab]',
    '[^a]',
    '|',
    '(',
    ')',
    '(?:',
    '(?i)',
    '$',
    '^',
    '\\b',
    'é',
    's',
    'ſ',
  ],
  ...['?', '*', '+', '??', '*?', '{2}', '{0,1}'],
);
const expression = fc
  .tuple(fc.constantFrom('^', '(?i)^', ''), fc.array(part, { maxLength: 9 }))
  .map(([begin, parts]) => `${begin}${parts.join('')}`)
  .filter((source) => expressionOf(source) !== undefined);
const letters = fc.array(fc.constantFrom('a', 'b', 'A', 'B', '/', '.', 'é', 's', 'S', 'ſ'), { maxLength: 5 });

it('never denies a match that Go would find', () => {
  let denied = 0;
  fc.assert(
    fc.property(
      expression,
      letters,
      fc.array(letters, { minLength: 6, maxLength: 6 }),
      (source, begin, ends) => {
        if (mayMatchBeyond(source, begin.join(''))) return;
        denied += 1;
        for (const end of [[], ...ends])
          expect([source, expressionOf(source)?.matches([...begin, ...end].join(''))]).toEqual([
            source,
            false,
          ]);
      },
    ),
    { numRuns: 5_000, seed: 1 },
  );
  expect(denied).toBeGreaterThan(300);
});
