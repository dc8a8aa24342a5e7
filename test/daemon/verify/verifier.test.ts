import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/core/world.ts';
import { createLog } from '../../../src/daemon/log/log.ts';
import { createExpectations, type Expected } from '../../../src/daemon/verify/expected.ts';
import { createKeySets } from '../../../src/daemon/verify/key-sets.ts';
import { createVerifier } from '../../../src/daemon/verify/verifier.ts';
import { memoryNotes } from '../../support/memory.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

const START = Date.parse('2026-03-01T12:00:00.000Z');
const issuer = 'https://example.cloudflareaccess.com';
const keysUrl = `${issuer}/cdn-cgi/access/certs`;
const grafana: Expected = { host: 'grafana.example.dev', issuer, audience: 'a'.repeat(64), keysUrl };
const wiki: Expected = { host: 'wiki.example.dev', issuer, audience: 'b'.repeat(64), keysUrl };
const staff: Expected = { ...wiki, path: '/staff/**', audience: 'c'.repeat(64) };

const pairs: Record<'first' | 'second' | 'stranger', Pair> = {} as never;
const jwk = async (name: 'first' | 'second' | 'stranger'): Promise<JWK> => ({
  ...(await exportJWK(pairs[name].publicKey)),
  kid: name,
  alg: 'RS256',
  use: 'sig',
});

beforeAll(async () => {
  const make = () => generateKeyPair('RS256', { extractable: true });
  [pairs.first, pairs.second, pairs.stranger] = await Promise.all([make(), make(), make()]);
});

interface World {
  doors: readonly Expected[] | 'unread';
  keys: readonly JWK[] | 'unread';
  now: number;
  reads: { doors: number; keys: number };
  /** Accounts that cannot be read. */
  down?: readonly (string | undefined)[];
}

async function verifierIn(world: World, stateDir = temporaryDirectory()) {
  const clock: Clock = { now: () => new Date(world.now), sleep: async () => undefined };
  const said: string[] = [];
  const log = createLog({
    level: 'debug',
    format: 'json',
    redact: (text) => text,
    write: (line) => said.push(line),
  });
  const expectations = createExpectations({
    stateDir,
    clock,
    log,
    read: async () => {
      world.reads.doors += 1;
      if (world.doors === 'unread') throw new Error('Cloudflare does not answer');
      const { doors, down = [] } = world;
      return {
        doors: doors.filter(({ account }) => !down.includes(account)),
        unread: down.map((account) => ({ account, error: new Error('Cloudflare does not answer') })),
      };
    },
  });
  const keySets = createKeySets({
    notes: memoryNotes(),
    clock,
    log,
    read: async () => {
      world.reads.keys += 1;
      if (world.keys === 'unread') throw new Error('Access does not answer');
      return { keys: world.keys };
    },
  });
  return { verify: createVerifier({ expectations, keySets, clock, log }), said, stateDir };
}

const worldOf = async (changes: Partial<World> = {}): Promise<World> => ({
  doors: [grafana, wiki, staff],
  keys: [await jwk('first')],
  now: START,
  reads: { doors: 0, keys: 0 },
  ...changes,
});

type Claims = { [claim in keyof JWTPayload]: JWTPayload[claim] | undefined };

const claims = (changes: Claims = {}): JWTPayload => ({
  iss: issuer,
  aud: [grafana.audience],
  email: 'me@example.dev',
  sub: 'x',
  iat: START / 1000 - 60,
  exp: START / 1000 + 3600,
  ...(changes as JWTPayload),
});

const signed = (payload: JWTPayload, by: 'first' | 'second' | 'stranger' = 'first', kid: string = by) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(pairs[by].privateKey);

describe('an account that is down', () => {
  const home = { ...grafana, account: 'home' };
  const work = { ...wiki, account: 'work' };

  it('keeps its doors, also after a start, while those of the others are read again', async () => {
    const world = await worldOf({ doors: [home, work] });
    const first = await verifierIn(world);
    const token = await signed(claims());
    const known = await first.verify({ host: home.host, token });
    expect(known.type).toBe('admitted');
    world.doors = [
      { ...home, audience: 'made again' },
      { ...work, audience: 'another' },
    ];
    world.down = ['home'];
    world.now += 10 * 60_000;
    const { verify, said } = await verifierIn(world, first.stateDir);
    expect((await verify({ host: home.host, token })).type).toBe('admitted');
    const others = await signed(claims({ aud: ['another'] }));
    expect((await verify({ host: work.host, token: others })).type).toBe('admitted');
    expect(
      (await verify({ host: work.host, token: await signed(claims({ aud: [wiki.audience] })) })).type,
    ).toBe('refused');
    expect(said.join('')).toContain('"account":"home"');
    expect(said.join('')).not.toContain('"account":"work"');
    world.down = [];
    world.now += 10 * 60_000;
    expect((await verify({ host: home.host, token })).type).toBe('refused');
  });

  it('has no doors once the file lacks it', async () => {
    const world = await worldOf({ doors: [home, work] });
    const { verify } = await verifierIn(world);
    const token = await signed(claims());
    expect((await verify({ host: home.host, token })).type).toBe('admitted');
    world.doors = [work];
    world.down = ['work'];
    world.now += 10 * 60_000;
    expect((await verify({ host: home.host, token })).type).toBe('refused');
  });
});

describe('a token of Access', () => {
  it('is admitted at its own door, and the answer says whose it is', async () => {
    const { verify } = await verifierIn(await worldOf());
    expect(await verify({ host: grafana.host, token: await signed(claims()) })).toEqual({
      type: 'admitted',
      visitor: { user: 'me@example.dev', email: 'me@example.dev' },
    });
    const machine = claims({ email: undefined, common_name: 'f'.repeat(32), sub: '' });
    expect(await verify({ host: grafana.host, token: await signed(machine) })).toEqual({
      type: 'admitted',
      visitor: { user: 'f'.repeat(32) },
    });
    const there = await signed(claims({ aud: [staff.audience] }));
    expect(await verify({ host: wiki.host, path: '/staff/**', token: there })).toMatchObject({
      type: 'admitted',
    });
  });

  const publicKeyAsSecret = async (payload: JWTPayload) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(new TextEncoder().encode(await exportSPKI(pairs.first.publicKey)));

  it.each<{
    because: string;
    token: () => Promise<string | undefined>;
    at?: { host: string; path?: string };
  }>([
    { because: 'there is none', token: async () => undefined },
    { because: 'it is empty', token: async () => '' },
    { because: 'it is garbage', token: async () => 'a.b.c' },
    { because: 'it is for another host', token: () => signed(claims({ aud: [wiki.audience] })) },
    {
      because: 'it is for a path of the host alone',
      token: () => signed(claims({ aud: [staff.audience] })),
      at: wiki,
    },
    {
      because: 'it is for the host, not for the path',
      token: () => signed(claims({ aud: [wiki.audience] })),
      at: staff,
    },
    { because: 'it is for nobody', token: () => signed(claims({ aud: undefined })) },
    { because: 'its time is over', token: () => signed(claims({ exp: START / 1000 - 31 })) },
    { because: 'its time has not come', token: () => signed(claims({ nbf: START / 1000 + 31 })) },
    { because: 'it never ends', token: () => signed(claims({ exp: undefined })) },
    {
      because: 'another team issued it',
      token: () => signed(claims({ iss: 'https://other.cloudflareaccess.com' })),
    },
    { because: 'nobody issued it', token: () => signed(claims({ iss: undefined })) },
    {
      because: 'another key signed it under a known name',
      token: () => signed(claims(), 'stranger', 'first'),
    },
    { because: 'its key is unknown', token: () => signed(claims(), 'stranger') },
    { because: 'the public key was taken for a secret', token: () => publicKeyAsSecret(claims()) },
    { because: 'nobody signed it', token: async () => new UnsecuredJWT(claims()).encode() },
    { because: 'it names nobody', token: () => signed(claims({ email: undefined })) },
    { because: 'no such host has a gate', token: () => signed(claims()), at: { host: 'other.example.dev' } },
    {
      because: 'no such path has a gate',
      token: () => signed(claims()),
      at: { host: grafana.host, path: '/a' },
    },
  ])('is refused where $because', async ({ token, at = grafana }) => {
    const { verify, said } = await verifierIn(await worldOf());
    const given = await token();
    const { host, path: where } = at;
    expect(await verify({ host, ...(where !== undefined && { path: where }), token: given })).toEqual({
      type: 'refused',
    });
    expect(said.join('')).toContain('"token refused"');
    if (given) expect(said.join('')).not.toContain(given);
  });
});

describe('the keys of Access', () => {
  it('are read again when a token names a new one, at most every 30 seconds', async () => {
    const world = await worldOf();
    const { verify } = await verifierIn(world);
    const ask = async (by: 'first' | 'second' | 'stranger') =>
      (await verify({ host: grafana.host, token: await signed(claims(), by) })).type;
    expect(await ask('first')).toBe('admitted');
    world.keys = [await jwk('second'), await jwk('first')];
    for (let i = 0; i < 20; i += 1) expect(await ask('second')).toBe('refused');
    expect(world.reads.keys).toBe(1);
    world.now += 30_000;
    expect(await ask('second')).toBe('admitted');
    expect(await ask('first')).toBe('admitted');
    expect(world.reads.keys).toBe(2);
    for (let i = 0; i < 20; i += 1) expect(await ask('stranger')).toBe('refused');
    expect(world.reads.keys).toBe(2);
  });

  it.each<World['keys']>(['unread', []])('stay when the answer is %j', async (keys) => {
    const world = await worldOf();
    const { verify, said } = await verifierIn(world);
    const token = await signed(claims({ exp: START / 1000 + 7 * 86_400 }));
    const ask = async () => (await verify({ host: grafana.host, token })).type;
    expect(await ask()).toBe('admitted');
    world.keys = keys;
    world.now += 60 * 60_000;
    expect(await ask()).toBe('admitted');
    expect(world.reads.keys).toBe(2);
    expect(said.join('')).toContain('keys not read');
  });

  it('that were never read make a token unknown, not admitted', async () => {
    const world = await worldOf({ keys: 'unread' });
    const { verify } = await verifierIn(world);
    const token = await signed(claims());
    expect(await verify({ host: grafana.host, token })).toEqual({ type: 'unknown' });
    world.keys = [await jwk('first')];
    expect(await verify({ host: grafana.host, token })).toEqual({ type: 'unknown' });
    world.now += 30_000;
    expect(await verify({ host: grafana.host, token })).toMatchObject({ type: 'admitted' });
  });
});

describe('the requirements of a door', () => {
  it('are read again when its application was created anew, at most every 30 seconds', async () => {
    const world = await worldOf();
    const { verify } = await verifierIn(world);
    const anew = { ...grafana, audience: 'd'.repeat(64) };
    const ask = async (aud: string) =>
      (await verify({ host: grafana.host, token: await signed(claims({ aud: [aud] })) })).type;
    expect(await ask(grafana.audience)).toBe('admitted');
    world.doors = [anew];
    for (let i = 0; i < 20; i += 1) expect(await ask(anew.audience)).toBe('refused');
    expect(world.reads.doors).toBe(1);
    world.now += 30_000;
    expect(await ask(anew.audience)).toBe('admitted');
    expect(await ask(grafana.audience)).toBe('refused');
    expect(world.reads.doors).toBe(2);
  });

  it('are known after a restart while the system does not answer', async () => {
    const world = await worldOf();
    const first = await verifierIn(world);
    const token = await signed(claims());
    expect((await first.verify({ host: grafana.host, token })).type).toBe('admitted');
    expect(readFileSync(path.join(first.stateDir, 'expected.json'), 'utf8')).toContain(grafana.audience);
    world.doors = 'unread';
    const second = await verifierIn(world, first.stateDir);
    expect((await second.verify({ host: grafana.host, token })).type).toBe('admitted');
    expect(second.said.join('')).toContain('checks of tokens could not be read from the file');
  });

  it('leave with the gate', async () => {
    const world = await worldOf();
    const { verify } = await verifierIn(world);
    const token = await signed(claims());
    expect((await verify({ host: grafana.host, token })).type).toBe('admitted');
    world.doors = [wiki];
    world.now += 5 * 60_000;
    expect((await verify({ host: grafana.host, token })).type).toBe('refused');
  });
});
