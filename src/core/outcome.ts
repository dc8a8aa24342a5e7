import type { Address } from './objects/address.ts';

/** The result of a change: done, failed, or skipped because something that it depends on failed. */
export interface Outcome {
  readonly change: string;
  readonly address: Address;
  readonly status: 'done' | 'failed' | 'skipped';
  /** For `failed`: what went wrong. */
  readonly error?: Error;
  /** For `skipped`: what it waits for. */
  readonly reason?: string;
  /** Attributes of an object that was made or changed, for those that refer to it. */
  readonly attributes?: Readonly<Record<string, string>>;
}
