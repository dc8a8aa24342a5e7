import { describe, expect, it } from 'vitest';
import { misfortuneText, writeTroubles } from '../../../src/lab/rehearsal/misfortune.ts';
import type { Ran } from '../../../src/lab/rehearsal/process.ts';
import { trialsOf } from '../../../src/lab/rehearsal/schedule.ts';

const ran: Ran = {
  report: undefined,
  writes: 3,
  judged: 3,
  reads: [
    { system: 'cloudflare', path: '/zones' },
    { system: 'authentik', path: '/api/v3/core/groups/' },
  ],
  steps: [],
};
const textOf = (seed: number) =>
  trialsOf(ran, ['ask', 'do not ask'], seed).map(
    ({ misfortune, origins }) => `${misfortuneText(misfortune)}, origins ${origins}`,
  );

describe('the schedule of a rehearsal', () => {
  it('has every write in every way, every read, and random calls, in each world', () => {
    const texts = textOf(1);
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).toHaveLength((3 * writeTroubles.length + 2 + 20) * 2);
    expect(texts).toContain('killed at write 3, origins ask');
    expect(texts).toContain('stopped at write 1, origins do not ask');
    expect(texts).toContain('authentik /api/v3/core/groups/ not readable, origins ask');
    expect(texts).toContain('random faults, seed 20, origins ask');
  });

  it('has an order that the seed alone decides', () => {
    expect(textOf(1)).toEqual(textOf(1));
    expect(textOf(1)).not.toEqual(textOf(2));
    expect([...textOf(5).filter((text) => text.includes('write'))].sort()).toEqual(
      [...textOf(6).filter((text) => text.includes('write'))].sort(),
    );
  });
});
