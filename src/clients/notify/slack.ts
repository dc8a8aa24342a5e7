import { noticeText, units } from './notice-text.ts';
import type { ReadSecret, Receiver, ReceiverParts } from './receiver.ts';

export interface SlackOptions extends ReceiverParts {
  /** The address of an incoming webhook, which suffices to post. */
  readonly url: ReadSecret;
}

/** The most characters; Slack accepts ten times as many, but nobody reads them. */
const MOST = 4_000;

/** An incoming webhook of Slack. */
export function slack({ url, post }: SlackOptions): Receiver {
  return {
    name: 'slack',
    async send(notice, signal) {
      const text = noticeText(notice, { literal, size: units, most: MOST, withTitle: true });
      // Without mrkdwn, only text in angle brackets has a meaning, for example `<!channel>`.
      const body = { text, mrkdwn: false, unfurl_links: false, unfurl_media: false };
      await post({ url: await url(), body: JSON.stringify(body) }, signal);
    },
  };
}

function literal(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
