import { exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { AHEAD } from '../../../src/daemon/verify/kept-keys.ts';
import { createKeySets } from '../../../src/daemon/verify/key-sets.ts';
import { memoryNotes } from '../../support/memory.ts';
import { quietLog } from '../quiet-log.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

const url = 'https://auth.example.dev/application/o/api/jwks/';
const HOUR = 3_600_000;
const pairs = new Map<string, Pair>();

beforeAll(async () => {
  for (const kid of ['first', 'second', 'third']) pairs.set(kid, await generateKeyPair('ES256'));
});

const pairOf = (kid: string) => {
  const pair = pairs.get(kid);
  if (pair === undefined) throw new Error(kid);
  return pair;
};
const jwk = async (kid: string, name = kid): Promise<JWK> => ({
  ...(await exportJWK(pairOf(kid).publicKey)),
  kid: name,
  alg: 'ES256',
});

/** An issuer that publishes some keys, and a daemon that reads them, in the test's own time. */
class Issuer {
  published: readonly string[] | 'unread' = ['first'];
  now = Date.parse('2026-03-01T12:00:00Z');
  reads = 0;
  /** The number of reported changes that gates did not make. */
  told = 0;
  readonly notes = memoryNotes();
  #sets = this.#start();

  restart(): void {
    this.#sets = this.#start();
  }

  #start() {
    return createKeySets({
      clock: { now: () => new Date(this.now), sleep: async () => {} },
      log: quietLog(),
      notes: this.notes,
      onForeignChange: () => {
        this.told += 1;
      },
      read: async () => {
        this.reads += 1;
        if (this.published === 'unread') throw new Error('no answer');
        return { keys: await Promise.all(this.published.map((kid) => jwk(kid))) };
      },
    });
  }

  /** Judges as the daemon does: with the known keys, then, if they lack the named key, with keys read again. */
  async takes(kid: string, keep = HOUR): Promise<boolean> {
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(pairOf(kid).privateKey);
    for (const unknown of [false, true]) {
      const keys = await this.#sets.of(url, unknown, keep);
      if (keys === undefined) continue;
      const isRight = await jwtVerify(token, keys).then(
        () => true,
        () => false,
      );
      if (isRight) return true;
    }
    return false;
  }
}

describe('the keys of an issuer', () => {
  it('are read at once when a token names a new one, and the previous one stays valid for its time', async () => {
    const issuer = new Issuer();
    expect(await issuer.takes('first')).toBe(true);
    issuer.now += 60_000;
    issuer.published = ['second'];
    expect(await issuer.takes('second')).toBe(true);
    expect(await issuer.takes('first')).toBe(true);
    issuer.now += HOUR - 1;
    expect(await issuer.takes('first')).toBe(true);
    issuer.now += 1;
    expect(await issuer.takes('first')).toBe(false);
    expect(await issuer.takes('second')).toBe(true);
  });

  it('stay valid for their time even across a restart after which none can be read', async () => {
    const issuer = new Issuer();
    await issuer.takes('first');
    issuer.now += 60_000;
    issuer.published = ['second'];
    await issuer.takes('second');
    issuer.published = 'unread';
    issuer.restart();
    expect(await issuer.takes('first')).toBe(true);
    expect(await issuer.takes('second')).toBe(true);
    issuer.now += HOUR;
    expect(await issuer.takes('first')).toBe(false);
    expect(await issuer.takes('second')).toBe(true);
  });

  it('are replaced if they changed while no daemon ran', async () => {
    const issuer = new Issuer();
    await issuer.takes('first');
    issuer.published = ['second'];
    issuer.restart();
    expect(await issuer.takes('second')).toBe(true);
    expect(await issuer.takes('first')).toBe(true);
  });

  it('go at once when they are not to be kept', async () => {
    const issuer = new Issuer();
    await issuer.takes('first', 0);
    issuer.now += HOUR;
    issuer.published = ['second'];
    expect(await issuer.takes('second', 0)).toBe(true);
    expect(await issuer.takes('first', 0)).toBe(false);
  });

  it('come back without an end when one is published again', async () => {
    const issuer = new Issuer();
    for (const published of [['first'], ['second'], ['first']]) {
      issuer.published = published;
      await issuer.takes(published[0] ?? '');
      issuer.now += 60_000;
    }
    // The daemon notices that the second is gone when the hour of the set is over.
    issuer.now += HOUR;
    expect(await issuer.takes('first')).toBe(true);
    issuer.now += HOUR;
    expect(await issuer.takes('first')).toBe(true);
    expect(await issuer.takes('second')).toBe(false);
  });

  it('have one for each name: a new key replaces the one with the same name', async () => {
    const issuer = new Issuer();
    await issuer.takes('first');
    issuer.now += HOUR;
    const [kept] = [...issuer.notes.texts.values()];
    expect(kept).toContain('"first"');
    pairs.set('first', await generateKeyPair('ES256'));
    expect(await issuer.takes('first')).toBe(true);
  });

  it('are read because of strangers’ tokens at most every 30 seconds', async () => {
    const issuer = new Issuer();
    await issuer.takes('first');
    for (let n = 0; n < 60; n += 1) {
      issuer.now += 1000;
      expect(await issuer.takes('third')).toBe(false);
    }
    expect(issuer.reads).toBe(3);
  });

  it('include a handed-over key at once, for its time, however lately a stranger caused a read', async () => {
    const issuer = new Issuer();
    await issuer.takes('first');
    issuer.now += HOUR;
    expect(await issuer.takes('third')).toBe(false);
    issuer.published = ['second'];
    expect(await issuer.takes('second')).toBe(false);
    const until = issuer.now + 10_000;
    await issuer.notes.put(AHEAD, url, JSON.stringify({ key: await jwk('second'), until }));
    expect(await issuer.takes('second')).toBe(true);
    expect(await issuer.takes('third')).toBe(false);
    issuer.now = until;
    expect(await issuer.takes('second')).toBe(false);
    issuer.now += 30_000;
    expect(await issuer.takes('second')).toBe(true);
    expect(await issuer.takes('first')).toBe(true);
  });

  it('report a change that nobody handed over, once, and no other', async () => {
    const issuer = new Issuer();
    await issuer.takes('first');
    issuer.now += HOUR;
    issuer.published = ['first', 'second'];
    await issuer.takes('second');
    issuer.now += HOUR;
    issuer.published = ['second'];
    await issuer.takes('second');
    expect(issuer.told).toBe(0);
    issuer.now += HOUR;
    issuer.published = ['third'];
    await issuer.takes('third');
    await issuer.takes('third');
    expect(issuer.told).toBe(1);
    issuer.now += HOUR;
    await issuer.notes.put(AHEAD, url, JSON.stringify({ key: await jwk('first'), until: issuer.now }));
    issuer.published = ['first'];
    await issuer.takes('first');
    expect(issuer.told).toBe(1);
    await issuer.notes.put(AHEAD, url, JSON.stringify({ until: issuer.now + 60_000 }));
    issuer.now += 59_999;
    issuer.published = ['second'];
    await issuer.takes('second');
    expect(issuer.told).toBe(1);
    issuer.now += HOUR;
    issuer.published = ['third'];
    await issuer.takes('third');
    expect(issuer.told).toBe(2);
  });

  it('are none when a note is damaged, and are read then', async () => {
    const issuer = new Issuer();
    await issuer.notes.put('key-sets', url, '{');
    await issuer.notes.put(AHEAD, url, '{');
    expect(await issuer.takes('first')).toBe(true);
    expect(await issuer.takes('second')).toBe(false);
  });
});
