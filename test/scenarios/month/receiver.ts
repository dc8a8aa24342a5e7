import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A notice in the webhook's form. */
export interface Heard {
  readonly id: string;
  readonly at: string;
  readonly tone: 'alarm' | 'trouble' | 'good';
  readonly title: string;
  readonly details: readonly string[];
  /** The remark that it was held back, or that others are. */
  readonly more?: string;
}

export interface Receiver {
  readonly url: string;
  /** The webhooks that arrived, each as often as it came. */
  readonly webhook: readonly Heard[];
  /** The titles that ntfy received. */
  readonly ntfy: readonly string[];
  /** Rejects this many calls from now on. */
  refuse(times: number): void;
  stop(): Promise<void>;
}

/** A server on loopback that plays ntfy and a webhook. */
export async function startReceiver(): Promise<Receiver> {
  const webhook: Heard[] = [];
  const ntfy: string[] = [];
  let refused = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isRefused = refused > 0;
      if (isRefused) refused -= 1;
      else {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        if (request.url === '/webhook') webhook.push(body);
        else ntfy.push(body.title);
      }
      response.writeHead(isRefused ? 503 : 200).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    webhook,
    ntfy,
    refuse: (times) => {
      refused = times;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
