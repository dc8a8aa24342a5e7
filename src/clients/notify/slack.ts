import { noticeText, units } from './notice-text.ts';
import type { ReadSecret, Receiver, ReceiverParts } from './receiver.ts';

export interface SlackOptions extends ReceiverParts {
  /** The address of an incoming webhook, which is all that it takes to post. */
  readonly url: ReadSecret;
}

/** Characters; Slack takes ten times as many, and cuts what nobody reads. */
const MOST = 4_000;

/** An incoming webhook of Slack. */
export function slack({ url, post }: SlackOptions): Receiver {
  return {
    name: 'slack',
    async send(notice, signal) {
      const text = noticeText(notice, { literal, size: units, most: MOST, withTitle: true });
      // Without mrkdwn only what stands in angle brackets means anything, `<!channel>` for one.
      const body = { text, mrkdwn: false, unfurl_links: false, unfurl_media: false };
      await post({ url: await url(), body: JSON.stringify(body) }, signal);
    },
  };
}

function literal(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
