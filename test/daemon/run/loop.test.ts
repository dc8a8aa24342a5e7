import { describe, expect, it } from 'vitest';
import { runLoop } from '../../../src/daemon/run/loop.ts';
import type { RunResult } from '../../../src/daemon/run/run-ending.ts';
import { type Cause, createTriggers, describeCause } from '../../../src/daemon/triggers/triggers.ts';
import { virtualClock } from '../virtual-clock.ts';

/** A loop whose runs end when the test says so. */
function loopOf() {
  const clock = virtualClock();
  const triggers = createTriggers();
  const stop = new AbortController();
  const passes: { causes: readonly string[]; end: (result: RunResult) => void }[] = [];
  const started: (() => void)[] = [];
  const loop = runLoop({
    triggers,
    clock,
    signal: stop.signal,
    random: () => 0.5,
    run: (causes) =>
      new Promise((end) => {
        passes.push({ causes: causes.map(describeCause), end });
        started.shift()?.();
      }),
  });
  /** Waits for the run with this number to begin. */
  const pass = async (number: number) => {
    while (passes[number] === undefined) await new Promise<void>((resolve) => started.push(resolve));
    return passes[number];
  };
  return { clock, triggers, stop, passes, pass, loop };
}

const push = (revision: string): Cause => ({ type: 'push', revision });
const FINE: RunResult = { retryAfter: undefined };

describe('the loop', () => {
  it('makes one run for all triggers before it begins', async () => {
    const { triggers, pass, stop, loop } = loopOf();
    triggers.request({ type: 'start' });
    triggers.request({ type: 'schedule' });
    triggers.request(push('1a2b3c4d5e'));
    expect((await pass(0)).causes).toEqual(['start', 'schedule', 'push 1a2b3c4d']);
    stop.abort();
    (await pass(0)).end(FINE);
    await loop;
  });

  it('makes one more for a hundred pushes during a run, and names the newest', async () => {
    const { triggers, pass, passes, clock } = loopOf();
    triggers.request(push('first000'));
    await pass(0);
    for (let n = 0; n < 100; n += 1) triggers.request(push(`newest${n}`));
    (await pass(0)).end(FINE);
    expect((await pass(1)).causes).toEqual(['push newest99']);
    (await pass(1)).end(FINE);
    await clock.advance(600_000);
    expect(passes).toHaveLength(2);
  });

  it('makes another at once after one that met another writer, three in a row, and then waits', async () => {
    const { triggers, pass, passes, clock } = loopOf();
    triggers.request({ type: 'schedule' });
    const met: RunResult = { retryAfter: undefined, again: true };
    for (let number = 0; number < 4; number += 1) (await pass(number)).end(met);
    await clock.advance(10_000);
    expect(passes.map(({ causes }) => causes)).toEqual([['schedule'], ['retry'], ['retry'], ['retry']]);
    await clock.advance(10_000);
    expect(passes).toHaveLength(5);
    (await pass(4)).end(FINE);
    triggers.request({ type: 'schedule' });
    (await pass(5)).end(met);
    expect((await pass(6)).causes).toEqual(['retry']);
  });

  it('ends only after the current run', async () => {
    const { triggers, pass, stop, loop } = loopOf();
    triggers.request({ type: 'start' });
    const { end } = await pass(0);
    let ended = false;
    void loop.then(() => {
      ended = true;
    });
    stop.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    end(FINE);
    await loop;
    expect(ended).toBe(true);
  });

  it('retries after a temporary failure, later each time, and not after success', async () => {
    const { triggers, pass, passes, clock } = loopOf();
    triggers.request({ type: 'start' });
    const waits = [15, 30, 60, 120, 240, 300, 300];
    for (const [number, seconds] of waits.entries()) {
      (await pass(number)).end({ retryAfter: 0 });
      await clock.advance(seconds * 1000 - 1);
      expect(passes).toHaveLength(number + 1);
      await clock.advance(1);
      expect((await pass(number + 1)).causes).toEqual(['retry']);
    }
    (await pass(waits.length)).end(FINE);
    await clock.advance(3_600_000);
    expect(passes).toHaveLength(waits.length + 1);
  });

  it('leaves the API alone for as long as it asks', async () => {
    const { triggers, pass, passes, clock } = loopOf();
    triggers.request({ type: 'start' });
    (await pass(0)).end({ retryAfter: 100_000 });
    await clock.advance(99_000);
    expect(passes).toHaveLength(1);
    await clock.advance(1_000);
    expect((await pass(1)).causes).toEqual(['retry']);
  });

  it('forgets a retry when another run comes before it', async () => {
    const { triggers, pass, passes, clock } = loopOf();
    triggers.request({ type: 'start' });
    (await pass(0)).end({ retryAfter: 0 });
    await clock.asleep(1);
    triggers.request({ type: 'signal' });
    (await pass(1)).end(FINE);
    await clock.advance(3_600_000);
    expect(passes).toHaveLength(2);
  });
});
