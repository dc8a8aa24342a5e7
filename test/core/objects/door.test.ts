import { describe, expect, it } from 'vitest';
import { isAtHost } from '../../../src/core/objects/door.ts';

describe('an effect is at a host', () => {
  it.each([
    { because: 'it is the same', pattern: 'a.example.dev', host: 'a.example.dev', at: true },
    { because: 'it is another', pattern: 'a.example.dev', host: 'b.example.dev', at: false },
    { because: 'it lies below the domain', pattern: '*.example.dev', host: 'a.example.dev', at: true },
    { because: 'it lies deeper', pattern: '*.example.dev', host: 'a.b.example.dev', at: true },
    {
      because: 'a cookie of a domain counts for its own name',
      pattern: '*.example.dev',
      host: 'example.dev',
      at: true,
    },
    { because: 'it only ends alike', pattern: '*.example.dev', host: 'evilexample.dev', at: false },
    { because: 'it is the pattern itself', pattern: '*.example.dev', host: '*.example.dev', at: true },
    { because: 'a host stands for no other', pattern: 'a.example.dev', host: '*.example.dev', at: false },
  ])('or not: $because', ({ pattern, host, at }) => {
    expect(isAtHost(pattern, host)).toBe(at);
  });
});
