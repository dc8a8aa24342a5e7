import { describe, expect, it } from 'vitest';
import { createWindowWatch } from '../../../src/daemon/triggers/window-watch.ts';
import { virtualClock } from '../virtual-clock.ts';

const HOUR = 3_600_000;
const daily = (hour: number) => [{ schedule: `0 ${hour} * * *`, duration: 60 }];

function watching() {
  const clock = virtualClock();
  const stop = new AbortController();
  const opened: string[] = [];
  const onOpen = () => void opened.push(clock.now().toISOString());
  return { clock, stop, opened, watch: createWindowWatch(onOpen, { clock, signal: stop.signal }) };
}

describe('the start of a window', () => {
  it('fires at its instant, each time', async () => {
    const { clock, opened, watch } = watching();
    watch.set(daily(14), 'Europe/Paris');
    await clock.advance(HOUR - 1);
    expect(opened).toEqual([]);
    await clock.advance(1);
    await clock.advance(24 * HOUR);
    expect(opened).toEqual(['2026-03-01T13:00:00.000Z', '2026-03-02T13:00:00.000Z']);
  });

  it('follows the windows that were set last', async () => {
    const { clock, opened, watch } = watching();
    watch.set(daily(13), 'UTC');
    watch.set(daily(13), 'UTC');
    await clock.advance(HOUR / 2);
    watch.set(daily(15), 'UTC');
    await clock.advance(24 * HOUR);
    expect(opened).toEqual(['2026-03-01T15:00:00.000Z']);
    watch.set([], 'UTC');
    await clock.advance(24 * HOUR);
    expect(opened).toHaveLength(1);
  });

  it('does not fire once the daemon ends', async () => {
    const { clock, opened, watch, stop } = watching();
    watch.set(daily(13), 'UTC');
    stop.abort(new Error('the end'));
    await clock.advance(24 * HOUR);
    expect(opened).toEqual([]);
  });
});
