import { createHmac } from 'node:crypto';
import type { Clock } from '../../core/world.ts';
import { cut, noticeText, units } from './notice-text.ts';
import type { ReadSecret, Receiver, ReceiverParts } from './receiver.ts';

export interface WebhookOptions extends ReceiverParts {
  readonly url: string;
  readonly secret: ReadSecret | undefined;
  readonly clock: Clock;
}

/** The most characters of the text and of each detail, and the most details. */
const MOST = 8_192;
const MOST_DETAIL = 1_000;
const MOST_DETAILS = 50;

/**
 * Any receiver of JSON: the notice itself, and its text. With a secret, it is signed like gates' own hooks,
 * `HMAC-SHA256(secret, timestamp + "." + body)`. The id identifies a notice that arrives twice.
 */
export function webhook({ url, secret, post, clock }: WebhookOptions): Receiver {
  return {
    name: 'webhook',
    async send(notice, signal) {
      const text = noticeText(notice, { literal: (line) => line, size: units, most: MOST, withTitle: true });
      const details = notice.details.slice(0, MOST_DETAILS).map((detail) => cut(detail, MOST_DETAIL));
      const body = JSON.stringify({ version: 1, ...notice, details, text });
      const headers = {
        'x-gates-delivery': notice.id,
        ...(secret !== undefined && { 'x-gates-signature': signatureOf(body, await secret(), clock) }),
      };
      await post({ url, headers, body }, signal);
    },
  };
}

function signatureOf(body: string, secret: string, clock: Clock): string {
  const at = Math.floor(clock.now().getTime() / 1_000);
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}
