import { discord } from '../../clients/notify/discord.ts';
import { ntfy } from '../../clients/notify/ntfy.ts';
import { createPost } from '../../clients/notify/post.ts';
import type { ReadSecret, Receiver } from '../../clients/notify/receiver.ts';
import { slack } from '../../clients/notify/slack.ts';
import { telegram } from '../../clients/notify/telegram.ts';
import { webhook } from '../../clients/notify/webhook.ts';
import type { Redactor } from '../../clients/redaction.ts';
import { ownFilesOf } from '../../clients/state/own-files.ts';
import { createSecretReader } from '../../clients/state/secret-source.ts';
import type { Notification } from '../../config/model/config.ts';
import type { SecretSource } from '../../config/model/secret-source.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Clock } from '../../core/world.ts';

export interface ReceiverSettings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stateDir: string;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

/** The pattern of a path part that makes an address secret, unlike a word such as `webhooks`. */
const TELLING = /^(?=.*[0-9A-Z]).{8,}$/;

/** Makes receivers of the entries under `notify`. Secrets are read only when there is something to send. */
export function receiverMaker(settings: ReceiverSettings): (notification: Notification) => Receiver {
  const { environment, stateDir, clock, redactor } = settings;
  const own = [stateDir, ...ownFilesOf(environment)];
  const read = createSecretReader({ environment, own, redactor });
  const post = createPost({ clock });
  const secret = (source: SecretSource | undefined) => source && (() => read(source));
  const address = (source: SecretSource) => () => readAddress(() => read(source), redactor);
  return (notification) => {
    switch (notification.type) {
      case 'ntfy':
        return ntfy({ url: notification.url, token: secret(notification.token), post });
      case 'slack':
        return slack({ url: address(notification.url), post });
      case 'discord':
        return discord({ url: address(notification.url), post });
      case 'telegram':
        return telegram({ token: () => read(notification.token), chat: notification.chat, post });
      case 'webhook':
        return webhook({ url: notification.url, secret: secret(notification.secret), post, clock });
    }
  };
}

/** An address that is a secret: its secret parts are redacted in every output too. */
async function readAddress(read: ReadSecret, redactor: Redactor): Promise<string> {
  const value = await read();
  if (!/^https?:/.test(value) || !URL.canParse(value)) {
    throw new ConfigError('A secret that should be an address is none', {
      hint: 'It begins with https://: copy the whole address of the webhook',
    });
  }
  const { href, pathname } = new URL(value);
  for (const part of [href, ...pathname.split('/').filter((word) => TELLING.test(word))])
    redactor.register(part);
  return value;
}
