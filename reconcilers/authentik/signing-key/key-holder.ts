import type { PublicKey } from './public-key.ts';

/** Something that checks tokens of a client by a copy of its public keys: a token configuration of API Shield. */
export interface KeyHolder {
  /** As people know it: the host. */
  readonly name: string;
  /** The keys that it has now; undefined: it does not stand. */
  keys(): Promise<readonly PublicKey[] | undefined>;
  /** Replaces them all, in place; with what it has then, which is less where it does not know one. */
  replace(keys: readonly PublicKey[]): Promise<readonly PublicKey[]>;
}
