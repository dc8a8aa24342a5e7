import { describe, expect, it } from 'vitest';
import { isWildcard, matchesHost } from '../../src/desired/live/host-pattern.ts';

describe("a destination's host", () => {
  it.each([
    { because: 'it is the host', pattern: 'app.example.dev', host: 'app.example.dev', matches: true },
    { because: 'it is another', pattern: 'app.example.dev', host: 'apps.example.dev', matches: false },
    { because: 'a star is a whole label', pattern: '*.example.dev', host: 'app.example.dev', matches: true },
    {
      because: 'a star is several labels: the stricter reading',
      pattern: '*.example.dev',
      host: 'a.b.example.dev',
      matches: true,
    },
    { because: 'a star needs its dot', pattern: '*.example.dev', host: 'example.dev', matches: false },
    {
      because: 'a star is the end of a label',
      pattern: 'app*.example.dev',
      host: 'app2.example.dev',
      matches: true,
    },
    { because: 'a star is nothing', pattern: 'app*.example.dev', host: 'app.example.dev', matches: true },
    { because: 'parts do not overlap', pattern: 'ab*ba.dev', host: 'aba.dev', matches: false },
    { because: 'two stars, in order', pattern: 'a*b*c.dev', host: 'a1b2c.dev', matches: true },
    { because: 'two stars, out of order', pattern: 'a*c*b.dev', host: 'a1b2c.dev', matches: false },
    { because: 'it begins otherwise', pattern: 'x*.dev', host: 'app.dev', matches: false },
  ])('stands for a host or not: $because', ({ pattern, host, matches }) => {
    expect(matchesHost(pattern, host)).toBe(matches);
    expect(isWildcard(pattern)).toBe(pattern.includes('*'));
  });
});
