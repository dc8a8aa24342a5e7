import { describe, expect, it } from 'vitest';
import { createChangeFeed } from '../../../src/daemon/page/change-feed.ts';
import { virtualClock } from '../virtual-clock.ts';

function feedOf(most?: number) {
  const clock = virtualClock();
  const listeners = new Set<() => void>();
  const feed = createChangeFeed({
    clock,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ...(most !== undefined && { most }),
  });
  const change = () => {
    for (const listener of listeners) listener();
  };
  return { feed, clock, change, listeners };
}

/** Collects everything that a stream sends. */
function read(stream: ReadableStream<Uint8Array> | undefined) {
  if (stream === undefined) throw new Error('a stream is free');
  const reader = stream.getReader();
  const said: string[] = [];
  const ended = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      said.push(new TextDecoder().decode(value));
    }
  })();
  return { said, ended, leave: () => reader.cancel() };
}

describe('the event stream of the page', () => {
  it('combines the changes of a moment into one event', async () => {
    const { feed, clock, change } = feedOf();
    const { said } = read(feed.open());
    for (let count = 0; count < 40; count += 1) change();
    await clock.advance(1_499);
    expect(said).toEqual(['retry: 3000\n\n']);
    await clock.advance(1);
    change();
    await clock.advance(1_500);
    expect(said.slice(1)).toEqual(['event: change\ndata: status\n\n', 'event: change\ndata: status\n\n']);
  });

  it('sends a sign of life while nothing changes', async () => {
    const { feed, clock } = feedOf();
    const { said } = read(feed.open());
    await clock.advance(60_000);
    expect(said.filter((text) => text.startsWith(':'))).toHaveLength(2);
  });

  it('does nothing while nobody watches', async () => {
    const { feed, clock, listeners } = feedOf();
    expect(listeners.size).toBe(0);
    const [first, second] = [read(feed.open()), read(feed.open())];
    expect(listeners.size).toBe(1);
    await first.leave();
    expect(listeners.size).toBe(1);
    await second.leave();
    expect(listeners.size).toBe(0);
    await clock.advance(60_000);
    expect(second.said.filter((text) => text.startsWith(':'))).toEqual([]);
    const third = read(feed.open());
    await clock.advance(25_000);
    expect([listeners.size, third.said.length]).toEqual([1, 2]);
  });

  it('has room for a fixed number of browsers, and for the next once one has left', async () => {
    const { feed } = feedOf(2);
    const first = read(feed.open());
    read(feed.open());
    expect(feed.open()).toBeUndefined();
    await first.leave();
    expect(feed.open()).toBeDefined();
  });

  it('drops a browser that reads nothing', async () => {
    const { feed, clock, listeners } = feedOf(1);
    const stream = feed.open();
    await clock.advance(25_000 * 20);
    expect(listeners.size).toBe(0);
    await expect(stream?.getReader().read()).rejects.toThrow('reads nothing');
    expect(feed.open()).toBeDefined();
  });

  it('ends every stream when the daemon stops, and opens no other', async () => {
    const { feed, listeners } = feedOf();
    const { ended } = read(feed.open());
    feed.close();
    await ended;
    expect([listeners.size, feed.open()]).toEqual([0, undefined]);
  });
});
