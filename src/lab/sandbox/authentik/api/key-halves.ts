import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** Both halves of a key pair. */
export interface KeyHalves {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The most keys that are kept; a process uses a handful again and again. */
const MOST_KEYS = 100;
const halves = new Map<string, KeyHalves>();

/** Reads a private key in PEM. Kept, since reading takes longer than most calls, and worlds share their keys. */
export function halvesOf(pem: string): KeyHalves {
  const known = halves.get(pem);
  if (known !== undefined) return known;
  const privateKey = createPrivateKey(pem);
  const read = { privateKey, publicKey: createPublicKey(privateKey) };
  if (halves.size >= MOST_KEYS) halves.clear();
  halves.set(pem, read);
  return read;
}
