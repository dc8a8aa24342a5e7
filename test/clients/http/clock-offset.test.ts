import { expect, it } from 'vitest';
import { createClockOffsets } from '../../../src/clients/http/clock-offset.ts';

const now = Date.parse('2026-11-25T12:00:00.500Z');

it('the offset tells how far another clock is ahead, by its last answer that has a date', async () => {
  const clocks = createClockOffsets(() => now);
  const answers = [
    { date: 'Wed, 25 Nov 2026 11:59:00 GMT' },
    { date: 'Wed, 25 Nov 2026 12:05:00 GMT' },
    {},
    { date: 'noon' },
  ];
  const fetch = clocks.around('cloudflare', async () => new Response('', { headers: answers.shift() ?? {} }));
  expect(clocks.ahead('cloudflare')).toBeUndefined();
  await fetch('http://a.test');
  expect(clocks.ahead('cloudflare')).toBe(-60_000);
  for (let n = 0; n < 3; n += 1) await fetch('http://a.test');
  expect(clocks.ahead('cloudflare')).toBe(300_000);
  expect(clocks.ahead('authentik')).toBeUndefined();
});
