import type { JWK } from 'jose';
import type { Notes } from '../../core/world.ts';

/** The keys of an issuer at the last reading, and earlier ones that are still accepted for a while. */
export interface KeptKeys {
  readonly published: readonly JWK[];
  /** `until` in milliseconds since 1970. */
  readonly gone: readonly { readonly key: JWK; readonly until: number }[];
}

const noKeys: KeptKeys = { published: [], gone: [] };

const TOPIC = 'key-sets';

/** The stored keys; none if they were never read, or if the note is broken. */
export async function readKept(notes: Pick<Notes, 'text'>, url: string): Promise<KeptKeys> {
  try {
    const text = await notes.text(TOPIC, url);
    return text === undefined ? noKeys : { ...noKeys, ...(JSON.parse(text) as KeptKeys) };
  } catch {
    return noKeys;
  }
}

export function writeKept(notes: Pick<Notes, 'put'>, url: string, keys: KeptKeys): Promise<void> {
  return notes.put(TOPIC, url, JSON.stringify(keys));
}

/** Topic of the keys that were announced before they are published, one note for each address. */
export const AHEAD = 'keys-ahead';

/** A key with which an issuer will soon sign. `key` is absent while the key is not known. */
export interface HandedOver {
  readonly key?: JWK | undefined;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** The announced key; undefined also for a broken note. */
export async function handedOver(notes: Pick<Notes, 'text'>, url: string): Promise<HandedOver | undefined> {
  try {
    const text = await notes.text(AHEAD, url);
    return text === undefined ? undefined : (JSON.parse(text) as HandedOver);
  } catch {
    return undefined;
  }
}
