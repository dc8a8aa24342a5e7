import { beforeAll, describe, expect, it } from 'vitest';
import type { SigningKey } from '../../../reconcilers/shared/signing-key.ts';
import { isPending } from '../../../src/core/change.ts';
import { describeError } from '../../../src/core/errors.ts';
import type { Snapshot } from '../../../src/lab/sandbox/index.ts';
import { type RotationOptions, SigningKeyHome } from '../homes/signing-key-home.ts';
import { copyOf, type Disk } from '../stage/disk.ts';

let home: SigningKeyHome;
let before: Snapshot;
let diskBefore: Disk;
/** A token from before any rotation. */
let old: string;

beforeAll(async () => {
  home = await SigningKeyHome.make();
  old = await home.token();
  before = home.sandbox.snapshot();
  diskBefore = await copyOf(home.disk);
});

/** The systems and the state folder as they were before any rotation. */
const again = async () => {
  home.sandbox.restore(before);
  home.disk = await copyOf(diskBefore);
};
const kidsHeld = async () => (await home.configuration()).credentials.keys.map(({ kid }) => kid);
const kidsPublished = async () => (await home.published()).map(({ kid }) => kid);
/** Adds this many entries with the key in use to the key set, under other names. */
const sameKeys = async (count: number) => {
  const [key] = await home.published();
  return Array.from({ length: count }, (_, n) => ({ ...key, kid: `other ${n}` }) as SigningKey);
};
const planned = async () => {
  const changes = (await home.pass('dry run')).report?.plan?.changes ?? [];
  return changes.filter(isPending).map(({ verb, address }) => `${verb} ${address.key}`);
};

describe('a rotation of a signing key', () => {
  it('makes the pair, delivers its key next to the old one, and switches last', async () => {
    await again();
    const { id } = await home.configuration();
    const [first] = await kidsPublished();
    const { error, calls, steps } = await home.rotate();
    expect(error).toBeUndefined();
    expect(calls.filter((call) => !call.startsWith('GET '))).toEqual([
      'POST /crypto/certificatekeypairs/generate/',
      expect.stringMatching(/^PUT .*\/credentials$/),
      expect.stringMatching(/^PATCH \/providers\/oauth2\//),
      expect.stringMatching(/^PATCH .*\/token_validation\/config\//),
      expect.stringMatching(/^DELETE \/crypto\/certificatekeypairs\//),
    ]);
    expect(steps.map(({ type }) => type)).toEqual(['made', 'handed', 'waiting', 'switched', 'let go']);
    const [second] = await kidsPublished();
    expect(second).not.toBe(first);
    expect(await kidsHeld()).toEqual([first, second]);
    expect((await home.configuration()).id).toBe(id);
    for (const token of [old, await home.token()]) expect(await home.visit(token)).toBe(200);
    expect(await home.visit()).toBe(403);
    expect(await planned()).toEqual([]);
    expect(await home.pairs()).toEqual(['gates:home/api#2']);
  });

  it('can follow another one, with or without a run in between', async () => {
    await again();
    for (const pass of [true, false, true]) {
      expect((await home.rotate()).error).toBeUndefined();
      if (pass) await home.pass();
    }
    expect(await home.pairs()).toEqual(['gates:home/api#4']);
    expect((await kidsHeld()).length).toBe(4);
    for (const token of [old, await home.token()]) expect(await home.visit(token)).toBe(200);
  });

  it('reads no private key if nobody received keys', async () => {
    await again();
    const [first] = await kidsPublished();
    const { error, calls } = await home.rotate({ unheld: true });
    expect(error).toBeUndefined();
    expect(calls.filter((call) => call.includes('view_private_key'))).toEqual([]);
    expect(await kidsPublished()).not.toEqual([first]);
  });

  it('prints nothing of a private key', async () => {
    await again();
    const { error, steps } = await home.rotate();
    expect(error).toBeUndefined();
    expect(JSON.stringify([steps, [...home.disk.notes.texts], [...home.disk.vault.entries]])).not.toContain(
      'PRIVATE KEY',
    );
  });
});

describe('a rotation does not begin', () => {
  interface Row {
    readonly because: string;
    readonly options?: RotationOptions;
    readonly prepare?: () => Promise<unknown>;
    readonly says: RegExp;
  }
  const rows: readonly Row[] = [
    {
      because: 'keys have other names than Authentik gives to new ones',
      options: {
        publishes: (keys) => keys.map((key) => ({ ...key, kid: 'b94d27b9934d3e08a52e52d7da7dabfa' })),
      },
      says: /names keys otherwise.*"b94d27b9934d3e08a52e52d7da7dabfa".*docs\/signing-keys\.md/,
    },
    {
      because: 'the key set is that of another Authentik',
      options: { publishes: () => [] },
      says: /does not publish the key.*authentik\.url/,
    },
    {
      because: 'the key in use is not in the configuration',
      prepare: async () => home.replaceKeys(await sameKeys(1)),
      says: /api\.example\.dev does not have it: run `gates apply` first/,
    },
    {
      because: 'the configuration is full',
      prepare: async () => home.replaceKeys([...(await home.published()), ...(await sameKeys(15))]),
      says: /no room.*api\.example\.dev has 16 keys/,
    },
    {
      because: 'the client signs with a key of others',
      prepare: async () => {
        const stock = await home.pairOf('authentik Self-signed Certificate');
        await home.signWith(stock);
      },
      says: /not sign with a key of its own.*clients\.api `signingKey: own`/,
    },
  ];
  it.each(rows)('when $because', async ({ options, prepare, says }) => {
    await again();
    await prepare?.();
    const { error, calls } = await home.rotate(options);
    expect(describeError(error)).toMatch(says);
    expect(calls.filter((call) => !call.startsWith('GET '))).toEqual([]);
  });
});

describe('a rotation stops', () => {
  it('before the switch, if a key was not adopted', async () => {
    await again();
    const [first] = await kidsPublished();
    const { error } = await home.rotate({ takes: (keys) => keys.slice(0, -1) });
    expect(describeError(error)).toMatch(
      /not everywhere where tokens are checked.*has 1 of 2.*signs with the old key/,
    );
    expect(await kidsPublished()).toEqual([first]);
  });

  it('if the switch does not appear in the key set, and says what to do at once', async () => {
    await again();
    const first = await home.published();
    const { error } = await home.rotate({ publishes: () => first });
    expect(describeError(error)).toMatch(/was switched.*Run `gates apply` at once/);
    for (const token of [old, await home.token()]) expect(await home.visit(token)).toBe(200);
  });
});
