import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPost } from '../../../src/clients/notify/post.ts';
import { describeError, RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import { fakeReceiver, hastyPost, never } from './fake-receiver.ts';

const PATH = '/services/canary-path';

describe('a post', () => {
  it('follows no redirect', async () => {
    const elsewhere = await fakeReceiver({ status: 200 });
    const { url, calls } = await fakeReceiver({ status: 307, headers: { location: elsewhere.url } });
    const sent = hastyPost().post({ url, body: '{}' }, never);
    await expect(sent).rejects.toBeInstanceOf(RejectedError);
    expect([calls.length, elsewhere.calls.length]).toEqual([1, 0]);
  });

  it('does not wait longer than is sensible: the next run tries again', async () => {
    const { url, calls } = await fakeReceiver({ status: 429, headers: { 'retry-after': '3600' } });
    const { post, pauses } = hastyPost();
    await expect(post({ url, body: '{}' }, never)).rejects.toBeInstanceOf(UnreachableError);
    expect([calls.length, pauses]).toEqual([1, []]);
  });

  it('reports an unreachable or silent server without its address', async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as { readonly port: number };
    const { post } = hastyPost(50);
    for (const [url, detail] of [
      [`http://127.0.0.1:1${PATH}`, /ECONNREFUSED|no connection/],
      [`http://127.0.0.1:${port}${PATH}`, /no answer in 0\.05 s/],
      [`not an address ${PATH}`, /ERR_INVALID_URL|no connection/],
    ] as const) {
      const error = await post({ url, body: '{}' }, never).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UnreachableError);
      expect(describeError(error)).toMatch(detail);
      expect(describeError(error)).not.toContain('canary');
    }
  });

  it('ends with its signal, even while it waits', async () => {
    const { url } = await fakeReceiver({ status: 503 });
    const stop = new AbortController();
    const clock = {
      now: () => new Date(),
      sleep: async () => {
        stop.abort(new Error('stopped'));
        stop.signal.throwIfAborted();
      },
    };
    await expect(createPost({ clock })({ url, body: '{}' }, stop.signal)).rejects.toThrow('stopped');
    await expect(createPost({ clock })({ url, body: '{}' }, stop.signal)).rejects.toThrow('stopped');
  });
});
