import { ConfigError } from '../../core/errors.ts';
import type { Notice } from '../../core/record/notice.ts';
import { bytes, cut, noticeText, oneLine } from './notice-text.ts';
import type { ReadSecret, Receiver, ReceiverParts } from './receiver.ts';

export interface NtfyOptions extends ReceiverParts {
  /** Server and topic, `https://ntfy.sh/my-topic`. */
  readonly url: string;
  readonly token: ReadSecret | undefined;
}

/** The most bytes; a longer text becomes a file that has to be opened. */
const MOST = 4_096;
const MOST_TITLE = 250;

const signs: Readonly<Record<Notice['tone'], { readonly priority: number; readonly tag: string }>> = {
  alarm: { priority: 5, tag: 'rotating_light' },
  trouble: { priority: 4, tag: 'warning' },
  good: { priority: 3, tag: 'white_check_mark' },
};

/** A topic of ntfy. Sent as JSON to the server itself, because headers carry only ASCII. */
export function ntfy({ url, token, post }: NtfyOptions): Receiver {
  return {
    name: 'ntfy',
    async send(notice, signal) {
      const { server, topic } = placeOf(url);
      const { priority, tag } = signs[notice.tone];
      const body = {
        topic,
        title: cut(oneLine(notice.title), MOST_TITLE),
        message: noticeText(notice, { literal: (text) => text, size: bytes, most: MOST, withTitle: false }),
        priority,
        tags: [tag],
      };
      const headers = token === undefined ? {} : { authorization: `Bearer ${await token()}` };
      await post({ url: server, headers, body: JSON.stringify(body) }, signal);
    },
  };
}

function placeOf(address: string): { readonly server: string; readonly topic: string } {
  const url = new URL(address);
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const topic = parts.pop();
  if (topic === undefined) {
    throw new ConfigError('The address of ntfy names no topic', {
      hint: 'Write it as https://ntfy.sh/my-topic',
    });
  }
  return {
    server: `${url.origin}/${parts.map((part) => `${part}/`).join('')}`,
    topic: decodeURIComponent(topic),
  };
}
