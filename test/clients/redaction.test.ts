import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/clients/redaction.ts';

const hex = 'a1'.repeat(32);

describe('a registered secret', () => {
  it.each([
    { because: 'as it is', text: (secret: string) => `token ${secret}!` },
    { because: 'twice', text: (secret: string) => `${secret}${secret}` },
    { because: 'in JSON', text: (secret: string) => JSON.stringify({ secret }) },
    { because: 'in a URL', text: (secret: string) => `?s=${encodeURIComponent(secret)}` },
  ])('is replaced $because', ({ text }) => {
    const redactor = createRedactor();
    const secret = 'pass"word /1';
    redactor.register(secret);
    const clean = redactor.redact(text(secret));
    expect(clean).not.toMatch(/pass|word/);
    expect(clean).toContain('[redacted]');
  });

  it('that contains another is replaced as one', () => {
    const redactor = createRedactor();
    redactor.register('inner-secret');
    redactor.register('outer-inner-secret-outer');
    expect(redactor.redact('outer-inner-secret-outer')).toBe('[redacted]');
  });

  it('that is too short to tell from words is not replaced', () => {
    const redactor = createRedactor();
    redactor.register('a');
    redactor.register('');
    expect(redactor.redact('a cat')).toBe('a cat');
  });
});

describe('a secret that nobody registered', () => {
  it.each([
    ['a client secret of today', `cfast_${'Ab1'.repeat(16)}`],
    ['an Authorization header', `Authorization: Bearer ${'x'.repeat(40)}`],
    ['an age identity', 'AGE-SECRET-KEY-1QQPQQZ9TESTTESTTEST'],
    ['a JWT', 'eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl'],
    ['a tunnel token', `eyJhIjoi${'Zm9v'.repeat(20)}==`],
    ['a client secret of old, by its name', `"client_secret":"${hex}"`],
    ['a header, by its name', `CF-Access-Client-Secret: ${hex}`],
  ])('is recognized by its form: %s', (_, text) => {
    const clean = createRedactor().redact(`before ${text} after`);
    expect(clean).toMatch(/^before .*\[redacted\].* after$/);
    expect(clean).not.toContain(hex);
    expect(clean).not.toMatch(/Ab1Ab1|xxxx|QQPQQ|c2lnbm|Zm9vZm9v/);
  });

  it.each([
    ['an audience tag, which people have to see', `"aud":"${hex}"`],
    ['an id', 'f174e90a-fafe-4643-bbbc-4a0ed4fc8415'],
    ['an expression', '^/hooks/(git|actions/[a-z0-9-]+)$'],
  ])('is not found in %s', (_, text) => {
    expect(createRedactor().redact(text)).toBe(text);
  });
});
