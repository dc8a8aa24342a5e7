import { noticeText, units } from './notice-text.ts';
import type { ReadSecret, Receiver, ReceiverParts } from './receiver.ts';

export interface TelegramOptions extends ReceiverParts {
  /** The token of the bot; part of the address, so the address is a secret too. */
  readonly token: ReadSecret;
  readonly chat: string;
  /** The address of its API; default: the real one. */
  readonly api?: string;
}

/** The most characters, counted as UTF-16 units; more are refused. */
const MOST = 4_096;

/** A bot of Telegram. Without a parse mode, text is literal and needs no escaping. */
export function telegram({ token, chat, post, api = 'https://api.telegram.org' }: TelegramOptions): Receiver {
  return {
    name: 'telegram',
    async send(notice, signal) {
      const text = noticeText(notice, { literal: (line) => line, size: units, most: MOST, withTitle: true });
      const body = {
        chat_id: chat,
        text,
        link_preview_options: { is_disabled: true },
        disable_notification: notice.tone === 'good',
      };
      await post(
        { url: `${api}/bot${await token()}/sendMessage`, body: JSON.stringify(body), pauseIn },
        signal,
      );
    },
  };
}

/** `{"ok": false, "error_code": 429, "parameters": {"retry_after": 5}}`: seconds, and no header. */
function pauseIn(reply: unknown): number | undefined {
  const { parameters } = (reply ?? {}) as { readonly parameters?: { readonly retry_after?: unknown } };
  const seconds = parameters?.retry_after;
  return typeof seconds === 'number' ? seconds * 1_000 : undefined;
}
