import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { organizationSetting } from '../../cloudflare/access/access-organization.ts';
import { goDurationMs } from '../../cloudflare/access/go-duration.ts';
import { fixedKey } from '../../state/fixed-keys.ts';
import { chanceHex } from '../../state/ids.ts';
import type { AccessApp, AccessClaims, Identity, ServiceToken, World } from '../../state/world.ts';
import { now } from '../../state/world.ts';
import { VISITOR_COUNTRY } from '../view/circumstances.ts';
import type { Assertion } from '../view/visit.ts';

interface TeamKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  jwk: JWK;
}

const ALGORITHM = 'RS256';
const DEFAULT_SESSION_MS = 24 * 3600 * 1000;
const TIME_DIGITS = 10;
/** A token without a duration has to reach the origin, and the browser has to come back with it from the login page. */
const ONE_REQUEST_MS = 60_000;

let keys: Promise<{ current: TeamKey; previous: TeamKey }> | undefined;

/** The signing keys of the Access team. There are two, as at Cloudflare, of which the second still verifies. */
export function teamKeys(): Promise<{ current: TeamKey; previous: TeamKey }> {
  keys ??= Promise.all([teamKey(0), teamKey(1)]).then(([current, previous]) => ({ current, previous }));
  return keys;
}

async function teamKey(number: 0 | 1): Promise<TeamKey> {
  const privateKey = createPrivateKey({ key: fixedKey(number), format: 'jwk' });
  const publicKey = createPublicKey(privateKey);
  const kid = chanceHex(64);
  return {
    kid,
    privateKey,
    publicKey,
    jwk: { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' },
  };
}

/** The JWKS as `/cdn-cgi/access/certs` shows it. */
export async function teamCerts(): Promise<{ keys: JWK[] }> {
  const { current, previous } = await teamKeys();
  return { keys: [current.jwk, previous.jwk] };
}

/** The issuer of this team's tokens; without a team, one that nobody trusts. */
export function issuerOf(world: World): string {
  return `https://${world.organization?.authDomain ?? 'no-team.invalid'}`;
}

/** A session of a person with one application; `duration` is the policy's own, else the application's applies. */
export function personClaims(
  world: World,
  app: AccessApp,
  email: string,
  duration: string | null,
  begun: number = now(world),
): AccessClaims {
  const own = duration ?? app.sessionDuration;
  const once = goDurationMs(own) === 0 ? { once: 'unused' as const } : {};
  return { ...claimsFor(world, app, own, begun), sub: `user:${email}`, email, ...once };
}

/** The claims of a service token for the origin: its client id as `common_name`, no subject (facts §4). */
export function tokenClaims(
  world: World,
  app: AccessApp,
  token: ServiceToken | undefined,
  begun: number,
): AccessClaims {
  const claims = claimsFor(world, app, app.sessionDuration, begun);
  return token ? { ...claims, common_name: token.clientId } : claims;
}

function claimsFor(world: World, app: AccessApp, duration: string, begun: number): AccessClaims {
  const iat = Math.floor(begun / 1000);
  const lasts = goDurationMs(duration) ?? DEFAULT_SESSION_MS;
  const seconds = Math.floor((lasts === 0 ? ONE_REQUEST_MS : lasts) / 1000);
  return {
    iss: issuerOf(world),
    aud: [app.aud],
    iat,
    nbf: iat,
    exp: iat + seconds,
    type: 'app',
    sub: '',
    identity_nonce: nonceFor(begun),
    country: VISITOR_COUNTRY,
  };
}

/**
 * A nonce with the start in milliseconds, opaque to others: seconds cannot distinguish a session that began just before
 * a revocation from one that began just after.
 */
function nonceFor(begun: number): string {
  return begun.toString(36).padStart(TIME_DIGITS, '0') + chanceHex(6);
}

/** The start of the session, in epoch milliseconds. */
export function begunAt(claims: AccessClaims): number {
  const begun = Number.parseInt(claims.identity_nonce.slice(0, TIME_DIGITS), 36);
  return Number.isNaN(begun) ? claims.iat * 1000 : begun;
}

export async function signClaims(claims: AccessClaims | MetaClaims | TeamClaims): Promise<string> {
  const { current } = await teamKeys();
  return new SignJWT({ ...toldOf(claims) })
    .setProtectedHeader({ alg: ALGORITHM, kid: current.kid, typ: 'JWT' })
    .sign(current.privateKey);
}

/**
 * The claims in the token. That of a service token has its only audience as text, and neither start, country nor nonce
 * (seen, beliefs §3).
 */
function toldOf(claims: AccessClaims | MetaClaims | TeamClaims): object {
  if (!('aud' in claims)) return claims;
  if (!('common_name' in claims))
    return { ...claims, identity: undefined, admission: undefined, once: undefined, approved: undefined };
  const { nbf: _nbf, country: _country, identity_nonce: _nonce, aud, ...sentClaims } = claims;
  return { ...sentClaims, aud: aud[0] };
}

/** The headers by which Access tells a visitor's identity. */
export async function accessHeaders(assertion: Assertion | null): Promise<Record<string, string>> {
  if (assertion === null) return {};
  const { raw, claims } = assertion;
  return {
    'cf-access-jwt-assertion': raw ?? (claims ? await signClaims(claims) : ''),
    ...(claims?.email ? { 'cf-access-authenticated-user-email': claims.email } : {}),
  };
}

/** The data for the login page about the visitor's request. */
export interface MetaClaims {
  iss: string;
  aud: string;
  type: 'meta';
  hostname: string;
  redirect_url: string;
  iat: number;
  exp: number;
}

/** A person's session with the complete team, which identifies them at every application while it lasts. */
export interface TeamClaims {
  iss: string;
  type: 'org';
  identity: Identity;
  iat: number;
  exp: number;
}

export function teamClaims(world: World, identity: Identity): TeamClaims {
  const iat = Math.floor(now(world) / 1000);
  const lasts = goDurationMs(String(organizationSetting(world, 'session_duration'))) ?? DEFAULT_SESSION_MS;
  return { iss: issuerOf(world), type: 'org', identity, iat, exp: iat + Math.floor(lasts / 1000) };
}

/** The person of this cookie; null if it is not valid now. */
export async function teamIdentity(world: World, raw: string): Promise<Identity | null> {
  const claims = await verified<TeamClaims>(world, raw);
  return claims?.type === 'org' ? claims.identity : null;
}

/** The claims of an application's token that this team signed and that is valid now (virtual time), else null. */
export async function verifyClaims(world: World, raw: string): Promise<AccessClaims | null> {
  const claims = await verified<Partial<AccessClaims> & { aud?: string | string[] }>(world, raw);
  if (claims?.type !== 'app' || claims.aud === undefined) return null;
  const { iat = 0 } = claims;
  const unsaid = {
    nbf: iat,
    country: VISITOR_COUNTRY,
    identity_nonce: '',
    sub: '',
    iss: issuerOf(world),
    iat,
    exp: iat,
  };
  return { ...unsaid, ...claims, type: 'app', aud: [claims.aud].flat() };
}

async function verified<Claims>(world: World, raw: string): Promise<Claims | null> {
  const { current, previous } = await teamKeys();
  try {
    const { payload } = await jwtVerify<Claims>(
      raw,
      ({ kid }) => {
        const key = [current, previous].find((candidate) => candidate.kid === kid);
        if (!key) throw new Error('unknown key');
        return key.publicKey;
      },
      { issuer: issuerOf(world), algorithms: [ALGORITHM], currentDate: new Date(now(world)) },
    );
    return payload;
  } catch {
    return null;
  }
}
