import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { identityCheckPath } from '../../../../reconcilers/cloudflare/worker/identity-script.ts';

export const team = 'example.cloudflareaccess.com';
export const audience = 'a'.repeat(64);
export const host = 'app.example.dev';

/** The settings of the Worker in these cases. */
export const env = {
  ...{ TEAM: team, AUDIENCE: audience, USER_HEADER: 'X-User', GROUPS_HEADER: 'X-Groups' },
  VERSION: '0123456789abcdef',
};

/** A request as the application got it. */
export interface PassedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Something that runs the Worker, before an application and the team's keys. */
export interface WorkerRuntime {
  ask(
    path: string,
    init?: { method?: string; headers?: [string, string][]; body?: string },
  ): Promise<Response>;
  /** The requests that reached the application since the last call. */
  taken(): readonly PassedRequest[];
}

/** The application and the team, as the Worker's `fetch` meets them. */
export interface Beyond {
  readonly passed: PassedRequest[];
  /** The certificates that the team shows; undefined: it answers 500. */
  keys: { keys: readonly JWK[] } | undefined;
}

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

async function publicKey(key: KeyObject, kid: string): Promise<JWK> {
  return { ...(await exportJWK(key)), kid, alg: 'RS256', use: 'sig' };
}

export async function beyond(): Promise<Beyond> {
  const second = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = [
    await publicKey(pair.publicKey, 'one'),
    { ...(await publicKey(second.publicKey, 'ec')), alg: 'ES256' },
  ];
  return { passed: [], keys: { keys } };
}

const now = () => Math.floor(Date.now() / 1000);

function claims(more: JWTPayload = {}): JWTPayload {
  const times = { iat: now() - 10, nbf: now() - 10, exp: now() + 600 };
  const person = {
    sub: 'user',
    email: 'ada@example.dev',
    custom: { gates_groups: ['admins', 'media team'] },
  };
  return { iss: `https://${team}`, aud: [audience], type: 'app', ...times, ...person, ...more };
}

function signed(payload: JWTPayload, key: KeyObject = pair.privateKey, kid = 'one'): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(key);
}

/** The token of a person. */
export function validToken(): Promise<string> {
  return signed(claims());
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Each spelling in which a visitor may write an identity header. */
const forged: readonly [string, string][] = [
  ['X-User', 'root'],
  ['x_user', 'root'],
  ['X_USER', 'root'],
  ['x-GROUPS', 'wheel'],
  ['X_Groups', 'wheel'],
];

const refused: readonly (readonly [string, () => Promise<string> | string])[] = [
  ['no token', () => ''],
  ['a word', () => 'token'],
  ['two dots', () => '..'],
  ['a token for another application', () => signed(claims({ aud: ['b'.repeat(64)] }))],
  ['a token without an audience', () => signed(claims({ aud: undefined as never }))],
  ['a token of another team', () => signed(claims({ iss: 'https://other.cloudflareaccess.com' }))],
  ['an expired token', () => signed(claims({ exp: now() - 1 }))],
  ['a token without an end', () => signed(claims({ exp: undefined as never }))],
  ['a token of the future', () => signed(claims({ nbf: now() + 3600 }))],
  ['the token of a login page', () => signed(claims({ type: 'meta' }))],
  ['the token of a session with the team', () => signed(claims({ type: 'org' }))],
  ['a token signed by somebody else', () => signed(claims(), other.privateKey)],
  ['a token with an unknown key', () => signed(claims(), pair.privateKey, 'two')],
  ['a token with a key of another type', () => signed(claims(), pair.privateKey, 'ec')],
  ['a token without a signature', () => `${part({ alg: 'none', kid: 'one' })}.${part(claims())}.`],
  [
    'a token that says `none` and has a signature',
    async () => {
      const [, body = '', signature = ''] = (await signed(claims())).split('.');
      return `${part({ alg: 'none', kid: 'one' })}.${body}.${signature}`;
    },
  ],
  [
    'a token whose claims were changed',
    async () => {
      const [head = '', , signature = ''] = (await signed(claims())).split('.');
      return `${head}.${part(claims({ email: 'root@example.dev' }))}.${signature}`;
    },
  ],
  ['a token with a fourth part', async () => `${await signed(claims())}.x`],
];

/** Every runtime must pass these cases. `start` is called for each of them. */
export function identityCases(start: (beyond: Beyond) => Promise<WorkerRuntime>): void {
  const asToken = (token: string): [string, string][] =>
    token === '' ? [] : [['cf-access-jwt-assertion', token]];
  const identityOf = ({ headers }: PassedRequest) =>
    Object.entries(headers).filter(([name]) => /^x[-_](user|groups)$/.test(name));

  describe('a request with a valid token', () => {
    it('reaches the application with the identity, and without what the visitor forged', async () => {
      const runtime = await start(await beyond());
      const token = await signed(claims());
      const answer = await runtime.ask('/a/b?c=d', {
        headers: [...forged, ...asToken(token), ['x-users', 'stays'], ['cookie', 'a=b']],
      });
      expect(answer.status).toBe(200);
      const [request, ...more] = runtime.taken();
      expect(more).toEqual([]);
      expect(request).toMatchObject({ method: 'GET', url: '/a/b?c=d' });
      expect(request && identityOf(request).sort()).toEqual([
        ['x-groups', 'admins,media team'],
        ['x-user', 'ada@example.dev'],
      ]);
      // cloudflared asks for the same token behind the Worker.
      expect(request?.headers).toMatchObject({
        'cf-access-jwt-assertion': token,
        'x-users': 'stays',
        cookie: 'a=b',
      });
    });

    it('keeps its method and its body, and the application its redirect', async () => {
      const runtime = await start(await beyond());
      const answer = await runtime.ask('/redirect', {
        method: 'POST',
        headers: asToken(await signed(claims())),
        body: 'content',
      });
      expect([answer.status, answer.headers.get('location')]).toEqual([
        302,
        'https://elsewhere.example.dev/',
      ]);
      expect(runtime.taken()).toMatchObject([{ method: 'POST', body: 'content' }]);
    });

    it.each([
      [
        'of a machine',
        { email: undefined as never, custom: undefined, common_name: 'x.access', sub: '', aud: audience },
      ],
      [
        'whose names fit into no header',
        { email: 'ådà@example.dev', custom: { gates_groups: ['a,b', 'a\nb', ''] } },
      ],
      ['whose names are no texts', { email: 7, custom: { gates_groups: [7, null, {}] } }],
    ])('%s has no identity at the application', async (_, more) => {
      const runtime = await start(await beyond());
      await runtime.ask('/', { headers: [...forged, ...asToken(await signed(claims(more as JWTPayload)))] });
      expect(runtime.taken().map(identityOf)).toEqual([[]]);
    });

    it('gets an answer of the Worker itself at the path of the check', async () => {
      const runtime = await start(await beyond());
      const headers = [
        ...forged,
        ...asToken(await signed(claims({ email: undefined as never, custom: {} }))),
      ];
      const answer = await runtime.ask(identityCheckPath, { headers });
      const { VERSION: version, TEAM, AUDIENCE } = env;
      expect([answer.status, await answer.json()]).toEqual([
        200,
        {
          gates: 'identity',
          version,
          team: TEAM,
          audience: AUDIENCE,
          removes: ['x-user', 'x-groups'],
          passes: [],
        },
      ]);
      expect(runtime.taken()).toEqual([]);
    });
  });

  it.each(refused)('%s is refused, and reaches no application', async (_, token) => {
    const runtime = await start(await beyond());
    for (const path of ['/', identityCheckPath]) {
      const answer = await runtime.ask(path, { headers: [...forged, ...asToken(await token())] });
      expect([answer.status, await answer.json()]).toEqual([
        403,
        { gates: 'identity', refused: 'no valid token of Access' },
      ]);
    }
    expect(runtime.taken()).toEqual([]);
  });

  it('nobody passes while the keys of the team cannot be read', async () => {
    const place = await beyond();
    place.keys = undefined;
    const runtime = await start(place);
    const answer = await runtime.ask('/', { headers: asToken(await signed(claims())) });
    expect(answer.status).toBe(403);
    expect(runtime.taken()).toEqual([]);
  });
}
