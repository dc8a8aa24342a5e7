import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { type BearerDoor, createBearers, type ReadClientId } from '../../../src/daemon/verify/bearers.ts';
import { createKeySets } from '../../../src/daemon/verify/key-sets.ts';
import { isOperation } from '../../../src/daemon/verify/operations.ts';
import { memoryNotes } from '../../support/memory.ts';
import { quietLog } from '../quiet-log.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const issuer = 'https://auth.example.dev/application/o/api/';
const operations = [
  { method: 'GET', path: '/v1/items' },
  { method: 'GET', path: '/v1/items/{id}' },
  { method: 'POST', path: '/v1/items' },
];
const door: BearerDoor = {
  ...{ host: 'api.example.dev', issuer, audience: 'api', keysUrl: `${issuer}jwks/`, operations },
  keep: 3_600_000,
  from: [{ header: 'authorization' }, { header: 'x-token' }, { cookie: 'token' }],
};
const pairs = {
  one: await generateKeyPair('RS256', { extractable: true }),
  two: await generateKeyPair('ES256', { extractable: true }),
  stranger: await generateKeyPair('RS256', { extractable: true }),
};
const algorithms = { one: 'RS256', two: 'ES256', stranger: 'RS256' } as const;
type Name = keyof typeof pairs;
const publicKey = async (name: Name) => ({
  ...(await exportJWK(pairs[name].publicKey)),
  ...{ kid: name, alg: algorithms[name] },
});

const claims: JWTPayload = { iss: issuer, aud: 'api', sub: 'ci', exp: NOW / 1000 + 60 };
const signed = (payload: object = {}, by: Name = 'one', kid: string = by) =>
  new SignJWT({ ...claims, ...payload })
    .setProtectedHeader({ alg: algorithms[by], kid })
    .sign(pairs[by].privateKey);

interface Judging {
  readonly of?: BearerDoor;
  readonly keys?: readonly Name[] | 'unread';
  readonly method?: string;
  readonly uri?: string;
}

async function judged(
  headers: Readonly<Record<string, string>>,
  { of = door, keys = ['one', 'two'], method = 'GET', uri = '/v1/items' }: Judging = {},
) {
  const bearers = bearersAt(of, { keys });
  return bearers({ host: 'api.example.dev', method, uri, header: (name) => headers[name] });
}

const noClient: ReadClientId = async () => {
  throw new Error('no door means a client');
};

function bearersAt(
  of: BearerDoor,
  {
    keys = ['one', 'two'],
    clientId = noClient,
  }: Pick<Judging, 'keys'> & { readonly clientId?: ReadClientId },
) {
  const clock = { now: () => new Date(NOW), sleep: async () => {} };
  const log = quietLog();
  const read = async () => {
    if (keys === 'unread') throw new Error('nobody answers');
    return { keys: await Promise.all(keys.map(publicKey)) };
  };
  const keySets = createKeySets({ clock, log, read, notes: memoryNotes() });
  return createBearers({ doors: async () => [of], clientId, keySets, clock, log });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('the token of a caller', () => {
  it('is admitted with any key of the set, and the answer says whose it is', async () => {
    for (const by of ['one', 'two'] as const)
      expect(await judged(bearer(await signed({}, by)))).toEqual({ type: 'admitted', subject: 'ci' });
  });

  it('is read from the first place that has one, with or without `Bearer`', async () => {
    const token = await signed();
    for (const headers of [
      { 'x-token': token },
      { cookie: `a=b; token=${token}; c=d` },
      { authorization: `bearer ${token}`, 'x-token': 'garbage' },
    ])
      expect((await judged(headers as Record<string, string>))?.type).toBe('admitted');
    expect((await judged({ authorization: 'garbage', 'x-token': token }))?.type).toBe('refused');
    expect((await judged({ cookie: `xtoken=${token}` }))?.type).toBe('refused');
  });

  it.each<{ because: string; token: () => Promise<string> | string }>([
    { because: 'it is for another audience', token: () => signed({ aud: 'other' }) },
    {
      because: 'another issued it',
      token: () => signed({ iss: 'https://auth.example.dev/application/o/b/' }),
    },
    { because: 'it is over', token: () => signed({ exp: NOW / 1000 - 31 }) },
    { because: 'it never ends', token: () => signed({ exp: undefined }) },
    { because: 'it is not good yet', token: () => signed({ nbf: NOW / 1000 + 60 }) },
    { because: 'a stranger signed it', token: () => signed({}, 'stranger') },
    { because: 'a stranger signed it under our name', token: () => signed({}, 'stranger', 'one') },
    { because: 'nobody signed it', token: () => new UnsecuredJWT(claims).encode() },
    {
      because: 'the public key is no secret that could sign it',
      token: async () => {
        const secret = new TextEncoder().encode(await exportSPKI(pairs.one.publicKey));
        return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret);
      },
    },
    { because: 'it is garbage', token: () => 'gates-probe' },
  ])('is refused with a constant message when $because', async ({ token }) => {
    expect(await judged(bearer(await token()))).toEqual({
      type: 'refused',
      challenge: 'Gates realm="verify", host="api.example.dev", asked="GET /v1/items"',
    });
  });

  it('is refused when it is missing, and unknown while the keys were never read', async () => {
    expect((await judged({}))?.type).toBe('refused');
    expect((await judged(bearer(await signed()), { keys: 'unread' }))?.type).toBe('unknown');
  });

  it('needs no issuer when the file knows none', async () => {
    const of = { ...door, issuer: undefined };
    expect((await judged(bearer(await signed({ iss: undefined })), { of }))?.type).toBe('admitted');
  });

  it('is not judged at another host', async () => {
    expect(await judged({}, { of: { ...door, host: 'other.example.dev' } })).toBeUndefined();
  });

  it('admits to the operations only, and a refusal names the judged request in one line', async () => {
    const headers = bearer(await signed());
    const refused = await judged(headers, { method: 'DELETE', uri: '/v1/items?x="y"' });
    expect(refused).toMatchObject({ challenge: expect.stringContaining('asked="DELETE /v1/items"') });
    const odd = await judged(headers, { method: 'get\n', uri: '/a"\r\nb: c' });
    expect(odd).toMatchObject({ challenge: expect.stringMatching(/asked="\? \/ab:c"$/) });
  });
});

describe('a token for a door whose audience is a client of Authentik', () => {
  const id = 'b2f8c1d4';
  const ofClient: BearerDoor = { ...door, audience: { client: 'api' } };
  const asked = async (bearers: ReturnType<typeof bearersAt>, token: string) => {
    const header = (name: string) => bearer(token)[name as 'authorization'];
    return (await bearers({ host: 'api.example.dev', method: 'GET', uri: '/v1/items', header }))?.type;
  };

  it('is admitted for the id of this client, even among others, and refused for its name', async () => {
    const bearers = bearersAt(ofClient, { clientId: async (client) => (client === 'api' ? id : undefined) });
    for (const [aud, verdict] of [
      [id, 'admitted'],
      [['other', id], 'admitted'],
      ['api', 'refused'],
      [undefined, 'refused'],
    ] as const)
      expect([aud, await asked(bearers, await signed({ aud }))]).toEqual([aud, verdict]);
  });

  it('is not judged while the id is unknown, and the next token is once it is known', async () => {
    let known: string | undefined;
    const bearers = bearersAt(ofClient, { clientId: async () => known });
    for (const aud of [id, 'api', undefined])
      expect(await asked(bearers, await signed({ aud }))).toBe('unknown');
    known = id;
    expect(await asked(bearers, await signed({ aud: id }))).toBe('admitted');
    known = 'another';
    expect(await asked(bearers, await signed({ aud: id }))).toBe('refused');
  });

  it('is not judged where the id cannot be read', async () => {
    const bearers = bearersAt(ofClient, { clientId: () => Promise.reject(new Error('damaged')) });
    expect(await asked(bearers, await signed({ aud: id }))).toBe('unknown');
  });
});

describe('an operation', () => {
  it.each([
    { method: 'GET', uri: '/v1/items', is: true },
    { method: 'GET', uri: '/v1/items?page=2', is: true },
    { method: 'GET', uri: '/v1/items/7', is: true },
    { method: 'GET', uri: '/v1/items/%C3%B6', is: true },
    { method: 'POST', uri: '/v1/items', is: true },
    { method: 'POST', uri: '/v1/items/7', is: false },
    { method: 'HEAD', uri: '/v1/items', is: false },
    { method: 'get', uri: '/v1/items', is: false },
    { method: 'GET', uri: '/v1/items/', is: false },
    { method: 'GET', uri: '/V1/items', is: false },
    { method: 'GET', uri: '/v1/items/7/x', is: false },
    { method: 'GET', uri: '/v1/items/7%2Fx', is: false },
    { method: 'GET', uri: '/v1/items/..', is: false },
    { method: 'GET', uri: '/v1/items/%2e%2e', is: false },
    { method: 'GET', uri: '/v1/items/..;a', is: false },
    { method: 'GET', uri: '/v1//items', is: false },
    { method: 'GET', uri: '/v1/items/%', is: false },
    { method: 'GET', uri: '/v1/items/%c0%af..%c0%afadmin', is: false },
    { method: 'GET', uri: '/v1/items/%c0%ae%c0%ae', is: false },
    { method: 'GET', uri: '/v1/items/%ff', is: false },
    { method: 'GET', uri: 'https://api.example.dev/v1/items', is: false },
    { method: 'GET', uri: '', is: false },
    { method: '', uri: '', is: false },
  ])('$method $uri: $is', ({ method, uri, is }) => {
    expect(isOperation(operations, { method, uri })).toBe(is);
  });
});
