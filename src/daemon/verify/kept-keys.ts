import type { JWK } from 'jose';
import type { Notes } from '../../core/world.ts';

/** The keys of an issuer as they were read last, and those before them that are taken for a while. */
export interface KeptKeys {
  readonly published: readonly JWK[];
  /** `until` in milliseconds since 1970. */
  readonly gone: readonly { readonly key: JWK; readonly until: number }[];
}

const noKeys: KeptKeys = { published: [], gone: [] };

const TOPIC = 'key-sets';

/** None where they were never read, or where the note is broken. */
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

/** Topic of the keys that were handed over before they are published, a note for each address. */
export const AHEAD = 'keys-ahead';

/** A key that an issuer is about to sign with; without it, that one is, and which is not known. */
export interface HandedOver {
  readonly key?: JWK | undefined;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** A note that is broken is none. */
export async function handedOver(notes: Pick<Notes, 'text'>, url: string): Promise<HandedOver | undefined> {
  try {
    const text = await notes.text(AHEAD, url);
    return text === undefined ? undefined : (JSON.parse(text) as HandedOver);
  } catch {
    return undefined;
  }
}
