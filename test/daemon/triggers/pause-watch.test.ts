import { describe, expect, it } from 'vitest';
import { watchPause } from '../../../src/daemon/triggers/pause-watch.ts';
import type { Cause } from '../../../src/daemon/triggers/triggers.ts';
import type { Paused } from '../../../src/report/status/status.ts';
import { quietLog } from '../quiet-log.ts';
import { virtualClock } from '../virtual-clock.ts';

async function watched(paused?: Paused) {
  const clock = virtualClock();
  const stop = new AbortController();
  const log = quietLog();
  const requests: Cause['type'][] = [];
  const play = { paused, reads: 0 };
  const look = watchPause({
    read: async () => {
      play.reads += 1;
      return play.paused;
    },
    triggers: { request: ({ type }) => void requests.push(type) },
    clock,
    log,
    signal: stop.signal,
  });
  await clock.advance(0);
  const said = () => log.lines.map(({ message, fields }) => [message, fields.reason]);
  return { clock, stop, said, asked: requests, play, look };
}

describe('a person who pauses gates', () => {
  it('and resumes is noticed within seconds, each time with a run and a line', async () => {
    const { clock, play, asked, said } = await watched();
    play.paused = { reason: 'moving house', by: 'ada@vm' };
    await clock.advance(2_000);
    expect(asked).toEqual(['pause']);
    await clock.advance(60_000);
    play.paused = undefined;
    await clock.advance(2_000);
    expect(asked).toEqual(['pause', 'resume']);
    expect(said()).toEqual([
      ['paused', 'moving house'],
      ['resumed', 'moving house'],
    ]);
  });

  it('before the daemon starts is logged, without a run besides the first one', async () => {
    const { clock, asked, said } = await watched({ reason: 'moving house' });
    await clock.advance(10_000);
    expect(asked).toEqual([]);
    expect(said()).toEqual([['paused', 'moving house']]);
  });

  it('and changes the reason is logged, without a run', async () => {
    const { clock, play, asked, said } = await watched({ reason: 'moving house' });
    play.paused = { reason: 'moving still' };
    await clock.advance(2_000);
    expect(asked).toEqual([]);
    expect(said().at(-1)).toEqual(['paused', 'moving still']);
  });

  it('for a moment is logged as resuming if a run has met the pause', async () => {
    const { clock, play, asked, look } = await watched();
    play.paused = {};
    expect(await look()).toEqual({});
    play.paused = undefined;
    await clock.advance(2_000);
    expect(asked).toEqual(['pause', 'resume']);
  });

  it('is ignored once the daemon ends', async () => {
    const { clock, play, stop } = await watched();
    stop.abort(new Error('the end'));
    await clock.advance(0);
    const { reads } = play;
    await clock.advance(60_000);
    expect(play.reads).toBe(reads);
  });
});
