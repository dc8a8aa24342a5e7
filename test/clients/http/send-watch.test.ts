import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createSendWatch } from '../../../src/clients/http/send-watch.ts';

/** A server that records what reaches it. */
async function server() {
  const seen: string[] = [];
  const listener = createServer((request, response) => {
    seen.push(request.method ?? '');
    request.resume();
    response.end('{}');
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return { seen, url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/base` };
}

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'];

const send = (url: string, method: string) =>
  fetch(url, { method, ...(method === 'POST' && { body: '{}' }) }).then((answer) => answer.text());

it.each(methods)(
  'a watch sends not one byte of a %s after the lease has run out, on a new connection or an old one',
  async (method) => {
    const { seen, url } = await server();
    const play = { unexpired: false };
    createSendWatch().guard(url, () => play.unexpired);
    await expect(send(url, method)).rejects.toThrow();
    await send(url, 'GET');
    await expect(send(url, method)).rejects.toThrow();
    expect(seen).toEqual(['GET']);
    play.unexpired = true;
    await send(url, method);
    expect(seen).toEqual(['GET', method]);
  },
);

it('a watch ignores requests to other servers, and obeys the guard that was set last', async () => {
  const [one, other] = [await server(), await server()];
  const watch = createSendWatch();
  watch.guard(one.url, () => false);
  await send(other.url, 'POST');
  expect(other.seen).toEqual(['POST']);
  watch.guard(one.url, () => true);
  await send(one.url, 'POST');
  expect(one.seen).toEqual(['POST']);
});
