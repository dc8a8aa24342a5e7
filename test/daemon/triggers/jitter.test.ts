import { describe, expect, it } from 'vitest';
import { createJitter } from '../../../src/daemon/triggers/jitter.ts';
import { virtualClock } from '../virtual-clock.ts';

function shaking(chance: number) {
  const clock = virtualClock();
  const stop = new AbortController();
  const jitter = createJitter({ clock, random: () => chance, signal: stop.signal });
  let done = 0;
  const act = jitter.before(() => {
    done += 1;
  });
  return { clock, stop, jitter, act, done: () => done };
}

describe('a scheduled run', () => {
  it('begins at once without jitter', () => {
    const { act, done } = shaking(0.5);
    act();
    expect(done()).toBe(1);
  });

  it.each([
    { chance: 0, delay: 0, because: 'nobody has to wait' },
    { chance: 0.5, delay: 15_000, because: 'half of it' },
    { chance: 0.999, delay: 29_970, because: 'it is never longer' },
  ])('begins after a part of the jitter: $delay ms', async ({ chance, delay, because }) => {
    const { clock, jitter, act, done } = shaking(chance);
    jitter.set(30);
    act();
    if (delay > 0) await clock.advance(delay - 1);
    expect(done(), because).toBe(0);
    await clock.advance(1);
    expect(done()).toBe(1);
  });

  it('begins once if it is due again meanwhile, and again after that', async () => {
    const { clock, jitter, act, done } = shaking(0.5);
    jitter.set(30);
    act();
    act();
    await clock.advance(60_000);
    expect(done()).toBe(1);
    act();
    await clock.advance(60_000);
    expect(done()).toBe(2);
  });

  it('does not begin once the daemon ends', async () => {
    const { clock, jitter, act, done, stop } = shaking(0.5);
    jitter.set(30);
    act();
    stop.abort(new Error('the end'));
    await clock.advance(60_000);
    expect(done()).toBe(0);
  });
});
