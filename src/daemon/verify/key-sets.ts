import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../core/world.ts';
import type { Log } from '../log.ts';

export interface KeySets {
  /** Keys of an issuer; undefined while none were ever read. `unknown`: a token names one that was not among them. */
  of(url: string, unknown?: boolean): Promise<JWTVerifyGetKey | undefined>;
}

/** The document at an address, as JSON. */
export type ReadDocument = (url: string) => Promise<unknown>;

interface Parts {
  readonly read: ReadDocument;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds: Access changes keys every six weeks and takes the one before for seven days (facts/cloudflare §9). */
const FRESH = 60 * 60_000;
/** Between two reads that a token of a stranger can cause. */
const SOONEST = 30_000;

interface Kept {
  readonly keys: JWTVerifyGetKey | undefined;
  readonly readAt: number;
}

/** Key sets by address, read when they are needed. What cannot be read, or is empty, leaves what was there. */
export function createKeySets({ read, clock, log }: Parts): KeySets {
  const sets = new Map<string, Kept>();
  const reading = new Map<string, Promise<void>>();

  async function readAgain(url: string): Promise<void> {
    let keys = sets.get(url)?.keys;
    try {
      const document = (await read(url)) as JSONWebKeySet;
      if (document.keys.length === 0) throw new Error('the set is empty');
      keys = createLocalJWKSet(document);
    } catch (error) {
      log.warn('keys not read', { url, error });
    }
    sets.set(url, { keys, readAt: clock.now().getTime() });
  }

  return {
    async of(url, unknown = false) {
      const kept = sets.get(url);
      const wanted = unknown || kept?.keys === undefined ? SOONEST : FRESH;
      if (kept === undefined || clock.now().getTime() - kept.readAt >= wanted) {
        const under =
          reading.get(url) ??
          readAgain(url).finally(() => {
            reading.delete(url);
          });
        reading.set(url, under);
        await under;
      }
      return sets.get(url)?.keys;
    },
  };
}
