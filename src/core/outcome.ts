import type { Address } from './objects/address.ts';

/** The result of a change: done, failed, or skipped because something that it depends on failed. */
export interface Outcome {
  readonly change: string;
  readonly address: Address;
  readonly status: 'done' | 'failed' | 'skipped';
  /** For `failed`: the error. */
  readonly error?: Error;
  /** For `skipped`: the change that it waits for. */
  readonly reason?: string;
  /** Attributes of an object that was made or changed, for objects that refer to it. */
  readonly attributes?: Readonly<Record<string, string>>;
}
