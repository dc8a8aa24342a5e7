import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { createPost, type Post } from '../../../src/clients/notify/post.ts';
import type { Notice } from '../../../src/core/record/notice.ts';

export interface Call {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the body as whoever receives it reads it.
  readonly body: any;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FakeReceiver {
  readonly url: string;
  readonly calls: Call[];
}

/** A server that gives these answers in turn, and repeats the last one. */
export async function fakeReceiver(...answers: readonly Answer[]): Promise<FakeReceiver> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { url: path = '', headers } = request;
      calls.push({ path, headers, text, body: JSON.parse(text) });
      const {
        status,
        headers: more = {},
        body,
      } = answers[calls.length - 1] ?? answers.at(-1) ?? { status: 200 };
      response.writeHead(status, more).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

/** A `Post` that sends for real, and only records its pauses. */
export function hastyPost(patience?: number): { readonly post: Post; readonly pauses: number[] } {
  const pauses: number[] = [];
  const clock = {
    now: () => new Date('2026-03-01T12:00:00.000Z'),
    sleep: async (milliseconds: number) => {
      pauses.push(milliseconds);
    },
  };
  return { post: createPost({ clock, ...(patience !== undefined && { patience }) }), pauses };
}

export const notice: Notice = {
  id: '0123456789abcdef',
  at: '2026-03-01T12:00:00.000Z',
  tone: 'trouble',
  title: 'Mistake in gates.yaml: gates applies nothing of revision bbbbbbbb by Ada',
  details: ['gates.yaml:31:11 G106: a gate that admits everybody (add `groups:`)'],
  since: 'Since 2026-03-01 13:00 Europe/Paris',
  advice: 'gates keeps revision aaaaaaaa. Push a commit that fixes it.',
};

export const never: AbortSignal = new AbortController().signal;
