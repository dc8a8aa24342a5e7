import { createHmac, randomUUID } from 'node:crypto';
import type { Forge } from '../../daemon/forge.ts';
import type { Pushed } from './pushes.ts';
import type { WatchedDaemon } from './watched-daemon.ts';

export const webhookSecret = 'webhook-secret-of-the-month';

/** A person who pushes to the repository; the forge announces each push to the daemon with a signed webhook. */
export class Author {
  readonly pushes: Pushed[] = [];
  readonly #forge: Forge;
  readonly #daemon: WatchedDaemon;
  #valid = '';

  constructor(forge: Forge, daemon: WatchedDaemon) {
    this.#forge = forge;
    this.#daemon = daemon;
  }

  /** The last revision without mistakes. */
  get valid(): string {
    return this.#valid;
  }

  get isHeadWrong(): boolean {
    return this.pushes.at(-1)?.revision !== this.#valid;
  }

  /** `silently`: without a webhook, while there is no daemon yet. */
  async push(text: string, silently = false): Promise<void> {
    this.#valid = this.#forge.push({ 'gates.yaml': text });
    await this.#announce(this.#valid, silently);
  }

  async pushMistake(text: string, message: string): Promise<void> {
    await this.#announce(this.#forge.push({ 'gates.yaml': text }, message));
  }

  async #announce(revision: string, silently = false): Promise<void> {
    const at = this.#daemon.now();
    if (!silently) await this.#post(revision);
    this.pushes.push({ revision, at, told: this.#daemon.now(), isGood: revision === this.#valid });
  }

  async #post(revision: string): Promise<void> {
    const body = JSON.stringify({ ref: 'refs/heads/main', after: revision });
    const headers = {
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', webhookSecret).update(body).digest('hex')}`,
    };
    const { status } = await fetch(`${this.#daemon.hooks()}/hooks/git`, { method: 'POST', body, headers });
    if (status !== 202) throw new Error(`the webhook answers ${status}`);
  }
}
