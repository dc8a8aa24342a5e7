import { createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose';
import type { Clock, Notes } from '../../core/world.ts';
import type { Log } from '../log/log.ts';
import { handedOver, type KeptKeys, readKept, writeKept } from './kept-keys.ts';

export interface KeySets {
  /**
   * Keys of an issuer; undefined if none were ever read. `unknown`: a token names a key that was not among them.
   * `keep`: milliseconds for which an unpublished key is still accepted, for the tokens that it signed.
   */
  of(url: string, unknown?: boolean, keep?: number): Promise<JWTVerifyGetKey | undefined>;
}

/** The document at an address, as JSON. */
export type ReadDocument = (url: string) => Promise<unknown>;

interface Parts {
  readonly read: ReadDocument;
  /** Notes in which keys outlive the process, and which announce a key before it is published. */
  readonly notes: Pick<Notes, 'text' | 'put'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Called if an issuer signs with a new key that nobody announced. */
  readonly onForeignChange?: () => void;
}

/** Milliseconds. Access changes keys every six weeks, and accepts old ones for seven days (facts/cloudflare §9). */
const FRESH = 60 * 60_000;
/** Milliseconds between two readings that a stranger's token can cause. */
const SOONEST = 30_000;

interface Known extends KeptKeys {
  readonly readAt: number;
  readonly resolve: JWTVerifyGetKey | undefined;
}

/**
 * Key sets by address, read when they are needed. If a set cannot be read, or is empty, the previous one stays, also
 * after a restart.
 */
export function createKeySets({ read, notes, clock, log, onForeignChange = () => {} }: Parts): KeySets {
  const sets = new Map<string, Known>();
  const reading = new Map<string, Promise<void>>();
  const now = () => clock.now().getTime();

  async function knownOf(url: string): Promise<Known> {
    const kept = sets.get(url) ?? known(await readKept(notes, url), Number.NEGATIVE_INFINITY);
    const { published, gone } = kept;
    const unexpired = gone.filter(({ until }) => until > now());
    const next = unexpired.length === gone.length ? kept : known({ published, gone: unexpired }, kept.readAt);
    sets.set(url, next);
    return next;
  }

  async function readAgain(url: string, keep: number): Promise<void> {
    const before = await knownOf(url);
    let after: KeptKeys = before;
    try {
      const { keys } = (await read(url)) as JSONWebKeySet;
      if (keys.length === 0) throw new Error('the set is empty');
      after = replaced(before, keys, now() + keep);
      await tellOfChange(url, before, keys);
      if (JSON.stringify(after) !== JSON.stringify({ published: before.published, gone: before.gone }))
        await writeKept(notes, url, after);
    } catch (error) {
      log.warn('keys not read', { url, error });
    }
    sets.set(url, known(after, now()));
  }

  /** Reports a new key that replaces another and that nobody announced. It counts nevertheless. */
  async function tellOfChange(url: string, { published }: KeptKeys, keys: readonly JWK[]): Promise<void> {
    const isIn = (set: readonly JWK[]) => (key: JWK) => set.some(({ kid }) => kid === key.kid);
    const added = keys.filter((key) => !isIn(published)(key));
    if (published.every(isIn(keys)) || added.length === 0) return;
    const { key, until = 0 } = (await handedOver(notes, url)) ?? {};
    const isMeant = key === undefined ? until > now() : added.every(({ kid }) => kid === key.kid);
    if (isMeant) return;
    log.warn('the keys of an issuer have changed, and not by `gates rotate`', { url });
    onForeignChange();
  }

  /** Adds a key that `gates rotate` has announced, no matter when the set was last read. */
  async function takeHandedOver(url: string): Promise<void> {
    const { published, gone, readAt } = await knownOf(url);
    const { key, until = 0 } = (await handedOver(notes, url)) ?? {};
    if (key === undefined || until <= now()) return;
    if ([...published, ...gone.map((one) => one.key)].some(({ kid }) => kid === key.kid)) return;
    sets.set(url, known({ published, gone: [...gone, { key, until }] }, readAt));
  }

  return {
    async of(url, unknown = false, keep = 0) {
      const { readAt, resolve } = await knownOf(url);
      const wanted = unknown || resolve === undefined ? SOONEST : FRESH;
      if (now() - readAt >= wanted) {
        const under =
          reading.get(url) ??
          readAgain(url, keep).finally(() => {
            reading.delete(url);
          });
        reading.set(url, under);
        await under;
      }
      if (unknown) await takeHandedOver(url);
      return (await knownOf(url)).resolve;
    },
  };
}

function known({ published, gone }: KeptKeys, readAt: number): Known {
  const keys = [...published, ...gone.map(({ key }) => key)];
  return { published, gone, readAt, resolve: keys.length === 0 ? undefined : createLocalJWKSet({ keys }) };
}

/**
 * The key set after a new read. A key that is no longer published stays until its time, unless another key has its
 * name now.
 */
function replaced({ published, gone }: KeptKeys, keys: readonly JWK[], until: number): KeptKeys {
  const names = new Set(keys.map(({ kid }) => kid));
  const leaving = published.map((key) => ({ key, until }));
  return {
    published: keys,
    gone: [...gone, ...leaving].filter(
      ({ key }, at, all) => !names.has(key.kid) && all.findIndex((other) => other.key.kid === key.kid) === at,
    ),
  };
}
