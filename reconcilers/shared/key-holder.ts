import type { SigningKey } from './signing-key.ts';

/** Something that checks tokens of a client with a copy of its public keys: a token configuration of API Shield. */
export interface KeyHolder {
  /** The name for people: the host. */
  readonly name: string;
  /** The keys that it has now; undefined if it does not exist. */
  keys(): Promise<readonly SigningKey[] | undefined>;
  /** Replaces all keys in place. Returns those that it has then, which lack any that it does not accept. */
  replace(keys: readonly SigningKey[]): Promise<readonly SigningKey[]>;
  /** Notes that the client no longer signs with this key. The first run after `until` removes it. */
  letGo(key: SigningKey, until: Date): Promise<void>;
}
