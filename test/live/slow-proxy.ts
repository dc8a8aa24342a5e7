import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fetch } from '../../src/conformance/authentik/person.ts';
import { connectTo, type LiveServer } from './live-server.ts';

/** The same server behind a proxy on loopback that delays each call by so many milliseconds. */
export async function delayed(server: LiveServer, milliseconds: number): Promise<LiveServer> {
  const url = await slowProxy(server, () => sleep(milliseconds));
  const fetch: Fetch = (input, init) => globalThis.fetch(input, init);
  return {
    ...server,
    name: `${server.name}, ${milliseconds} ms a call`,
    url,
    fetch,
    connect: connectTo({ ...server, url }, server.clock),
  };
}

/** Starts a proxy that lives as long as the process, and returns its address. It awaits `hold` before each call. */
export async function slowProxy(
  { url, fetch }: Pick<LiveServer, 'url' | 'fetch'>,
  hold: () => Promise<unknown>,
): Promise<string> {
  const proxy = createServer(async (request, response) => {
    try {
      const body = await bodyOf(request);
      await hold();
      const { authorization = '', accept = '*/*', 'content-type': type } = request.headers;
      const headers = { authorization, accept, ...(type !== undefined && { 'content-type': type }) };
      const init = { method: request.method ?? 'GET', headers, redirect: 'manual' as const };
      const reply = await fetch(`${url}${request.url}`, body === '' ? init : { ...init, body });
      const kept = [...reply.headers].filter(
        ([name]) => !/^(content-encoding|content-length|transfer-encoding)$/.test(name),
      );
      response.writeHead(reply.status, Object.fromEntries(kept)).end(await reply.text());
    } catch {
      response.writeHead(502).end();
    }
  });
  proxy.listen(0, '127.0.0.1').unref();
  await once(proxy, 'listening');
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
