import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { EncryptJWT, exportJWK, SignJWT } from 'jose';
import { expect, it } from 'vitest';
import type { OpenIdProvider } from '../../../../../src/lab/sandbox/edge/team/identity.ts';
import { exchangeCode } from '../../../../../src/lab/sandbox/edge/team/identity-exchange.ts';
import { newWorld } from '../scene.ts';

const CLIENT = 'access';
const SECRET = randomBytes(32);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const published = [
  { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' },
  { ...(await exportJWK(curve.publicKey)), kid: 'curve', alg: 'ES256', use: 'sig' },
];

const provider: OpenIdProvider = {
  id: 'oidc',
  clientId: CLIENT,
  authUrl: 'https://auth.example.dev/authorize',
  tokenUrl: 'https://auth.example.dev/token',
  certsUrl: 'https://auth.example.dev/jwks',
  scopes: ['openid'],
  claims: ['groups'],
  emailClaim: 'email',
  pkce: false,
};

const login = {
  state: '',
  session: '',
  provider: 'oidc',
  aud: '',
  host: '',
  returnTo: '/',
  verifier: null,
  until: 0,
};

/** The result of Access for this ID token. */
function exchanged(token: string, ahead = 0): ReturnType<typeof exchangeCode> {
  const world = newWorld();
  world.clockOffset = ahead;
  return exchangeCode(world, { provider, login, code: 'x' }, ({ path }) =>
    Promise.resolve(Response.json(path === '/token' ? { id_token: token } : { keys: published })),
  );
}

function claims(audience = CLIENT): SignJWT {
  const said = { email: 'jo@example.dev', groups: ['admins'], name: 'Jo' };
  return new SignJWT(said).setAudience(audience).setIssuedAt().setExpirationTime('1h');
}

it('Access reads the address and the configured claims, and nothing else', async () => {
  const token = await claims().setProtectedHeader({ alg: 'RS256', kid: 'rsa' }).sign(rsa.privateKey);
  expect(await exchanged(token)).toEqual({
    email: 'jo@example.dev',
    provider: 'oidc',
    amr: [],
    claims: { groups: ['admins'] },
  });
  expect(await exchanged(token, 3_700_000)).toContain('does not verify');
});

it.each<{ because: string; token: () => Promise<string>; says: string }>([
  {
    because: 'it is for another client',
    token: () => claims('wiki').setProtectedHeader({ alg: 'RS256', kid: 'rsa' }).sign(rsa.privateKey),
    says: '"aud"',
  },
  {
    because: 'another key signed it',
    token: () => claims().setProtectedHeader({ alg: 'RS256', kid: 'rsa' }).sign(other.privateKey),
    says: 'signature',
  },
  {
    because: 'a secret signed it',
    token: () => claims().setProtectedHeader({ alg: 'HS256', kid: 'rsa' }).sign(SECRET),
    says: 'not allowed',
  },
  {
    because: 'Access does not take its algorithm',
    token: () => claims().setProtectedHeader({ alg: 'RS384', kid: 'rsa' }).sign(rsa.privateKey),
    says: 'not allowed',
  },
  {
    because: 'a curve signed it',
    token: () => claims().setProtectedHeader({ alg: 'ES256', kid: 'curve' }).sign(curve.privateKey),
    says: 'not allowed',
  },
  {
    because: 'it is encrypted',
    token: () => new EncryptJWT({}).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(SECRET),
    says: 'encrypted',
  },
])('Access rejects an ID token, because $because', async ({ token, says }) => {
  expect(await exchanged(await token())).toContain(says);
});
