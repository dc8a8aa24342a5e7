import type { Clock } from '../../core/world.ts';

/** Tells browsers that something changed, never what: each requests the page again. */
export interface ChangeFeed {
  /** Opens another event stream (`text/event-stream`); undefined if the maximum is open. */
  open(): ReadableStream<Uint8Array> | undefined;
  /** Ends every stream; afterwards none can be opened. */
  close(): void;
}

interface FeedOptions {
  /** Calls the listener at every change, until the returned function is called. */
  readonly onChange: (listener: () => void) => () => void;
  readonly clock: Clock;
  /** The most streams at a time. */
  readonly most?: number;
}

/** More people than watch one homelab; a browser without a stream requests the page once a minute. */
const MOST_STREAMS = 32;
/** Milliseconds, less than proxies wait; Cloudflare waits 100 seconds. */
const HEARTBEAT = 25_000;
/** Milliseconds in which several changes become one, since a run reports each of its steps. */
const QUIET = 1_500;
/** The most messages that a client may leave unread; beyond that, it is gone or does not read. */
const MOST_UNREAD = 8;

const encoder = new TextEncoder();
const CHANGE = encoder.encode('event: change\ndata: status\n\n');
const BEAT = encoder.encode(': still here\n\n');
/** A browser reconnects after three seconds. */
const HELLO = encoder.encode('retry: 3000\n\n');

/** Creates the feed. While no stream is open, nothing runs and nobody listens for changes. */
export function createChangeFeed({ onChange, clock, most = MOST_STREAMS }: FeedOptions): ChangeFeed {
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  /** Aborted together with the last stream. */
  let watch: AbortController | undefined;

  function send(message: Uint8Array): void {
    for (const stream of [...streams]) {
      if ((stream.desiredSize ?? 0) <= -MOST_UNREAD)
        drop(stream, () => stream.error(new Error('reads nothing')));
      else stream.enqueue(message);
    }
  }

  function drop(stream: ReadableStreamDefaultController<Uint8Array>, end: () => void): void {
    if (!streams.delete(stream)) return;
    end();
    if (streams.size === 0) watch?.abort();
  }

  function begin(): void {
    const own = new AbortController();
    watch = own;
    let isDue = false;
    const stop = onChange(() => {
      if (isDue) return;
      isDue = true;
      clock.sleep(QUIET, own.signal).then(
        () => {
          isDue = false;
          send(CHANGE);
        },
        () => {},
      );
    });
    own.signal.addEventListener('abort', stop, { once: true });
    void beat(own.signal);
  }

  async function beat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const slept = await clock.sleep(HEARTBEAT, signal).then(
        () => true,
        () => false,
      );
      if (slept) send(BEAT);
    }
  }

  let closed = false;
  return {
    open() {
      if (closed || streams.size >= most) return undefined;
      let own: ReadableStreamDefaultController<Uint8Array>;
      return new ReadableStream<Uint8Array>({
        start(controller) {
          own = controller;
          streams.add(controller);
          controller.enqueue(HELLO);
          if (streams.size === 1) begin();
        },
        cancel() {
          drop(own, () => {});
        },
      });
    },
    close() {
      closed = true;
      for (const stream of [...streams]) drop(stream, () => stream.close());
    },
  };
}
