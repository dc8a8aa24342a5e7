import { noticeText, units } from './notice-text.ts';
import type { ReadSecret, Receiver, ReceiverParts } from './receiver.ts';

export interface DiscordOptions extends ReceiverParts {
  /** The address of a webhook, which suffices to post. */
  readonly url: ReadSecret;
}

/** The most characters; more are refused. */
const MOST = 2_000;
/** No preview of links. */
const SUPPRESS_EMBEDS = 4;

/** A webhook of Discord. With `wait`, it answers once the message exists. */
export function discord({ url, post }: DiscordOptions): Receiver {
  return {
    name: 'discord',
    async send(notice, signal) {
      const title = (text: string) => `**${text}**`;
      const content = noticeText(notice, { literal, size: units, most: MOST, title, withTitle: true });
      const place = new URL(await url());
      place.searchParams.set('wait', 'true');
      const body = { content, allowed_mentions: { parse: [] }, flags: SUPPRESS_EMBEDS };
      await post({ url: place.href, body: JSON.stringify(body), pauseIn }, signal);
    },
  };
}

/** Escapes everything that has a meaning in Discord's markdown. */
function literal(text: string): string {
  return text.replace(/[\\*_~`|<>[\]()#@]/g, '\\$&').replace(/^-/, '\\-');
}

/** `{"message": "You are being rate limited.", "retry_after": 0.65, "global": false}`: more exact than the header. */
function pauseIn(reply: unknown): number | undefined {
  const seconds = (reply as { readonly retry_after?: unknown } | undefined)?.retry_after;
  return typeof seconds === 'number' ? Math.ceil(seconds * 1_000) : undefined;
}
