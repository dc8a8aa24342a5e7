import type { SigningKey } from './signing-key.ts';

/** Something that checks tokens of a client by a copy of its public keys: a token configuration of API Shield. */
export interface KeyHolder {
  /** As people know it: the host. */
  readonly name: string;
  /** The keys that it has now; undefined: it does not stand. */
  keys(): Promise<readonly SigningKey[] | undefined>;
  /** Replaces them all, in place; with what it has then, which is less where it does not know one. */
  replace(keys: readonly SigningKey[]): Promise<readonly SigningKey[]>;
  /** Notes that the client signs no more with this one: it stays until then, and goes with the first run after. */
  letGo(key: SigningKey, until: Date): Promise<void>;
}
