import { createPublicKey } from 'node:crypto';
import { isObject } from '../../state/json.ts';
import type { Json, JsonObject, TokenKey } from '../../state/world.ts';
import { invalidShieldRequest } from './shield-error.ts';

/** The most keys of one configuration (facts §6). */
const MOST = 16;
const SHORTEST_RSA_BITS = 2048;
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const CURVES: { readonly [alg: string]: string } = { ES256: 'P-256', ES384: 'P-384' };
const SYMMETRIC = ['HS256', 'HS384', 'HS512'];

/** The stored members of a key in addition to `kid`, `kty` and `alg`. */
const MEMBERS: { readonly [kty: string]: readonly string[] } = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  oct: ['k'],
};

/**
 * The keys that are stored, and the reply about them. Keys of an unsupported sort are silently omitted. With the keys
 * `before`, a key with a known `alg` and `kid` keeps omitted members; without them, every key must be complete.
 */
export function storedKeys(
  credentials: Json | undefined,
  before: readonly TokenKey[] = [],
): { keys: TokenKey[]; messages: JsonObject[] } {
  const given = isObject(credentials) ? credentials.keys : undefined;
  if (!isObject(credentials) || !Array.isArray(given)) throw invalidShieldRequest("'keys' must be an array");
  const stranger = Object.keys(credentials).find((name) => name !== 'keys');
  if (stranger !== undefined) throw invalidShieldRequest(`unknown field '${stranger}'`);
  if (given.length > MOST) throw invalidShieldRequest(`more than ${MOST} keys`);
  const messages: JsonObject[] = [];
  const keys = given.flatMap((key, at) => {
    if (!isObject(key)) throw invalidShieldRequest(`keys[${at}] must be an object`);
    const { kid, kty } = key;
    const isNameless = key.alg === undefined && kty === 'RSA';
    const alg = isNameless ? 'RS256' : key.alg;
    if (typeof kid !== 'string' || kid === '') throw invalidShieldRequest(`keys[${at}].kid is missing`);
    if (!isSupported(kty, alg, key.crv, before)) return [];
    const stored = storedKey({ ...key, alg: String(alg), kty: String(kty), kid }, at, before);
    if (stored === null) return [];
    if (isNameless) messages.push(defaulted(at, kid));
    return [stored];
  });
  const names = keys.map(({ alg, kid }) => `${alg} ${kid}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalidShieldRequest(`more than one key has the alg and kid ${twice}`);
  if (keys.length === 0) throw invalidShieldRequest('at least one supported key is needed');
  return { keys, messages };
}

/** Keys in replies, without symmetric secrets. */
export function shownKeys(keys: readonly TokenKey[]): JsonObject[] {
  return keys.map(({ k: _, ...shown }) => shown);
}

function defaulted(at: number, kid: string): JsonObject {
  return { code: 110_003, message: `keys[${at}].alg was omitted and defaulted to "RS256" (kid "${kid}")` };
}

function isSupported(
  kty: Json | undefined,
  alg: Json | undefined,
  crv: Json | undefined,
  before: readonly TokenKey[],
): boolean {
  if (typeof alg !== 'string') return false;
  if (kty === 'RSA') return RSA.includes(alg);
  if (kty === 'oct') return SYMMETRIC.includes(alg);
  if (kty !== 'EC' || CURVES[alg] === undefined) return false;
  return crv === CURVES[alg] || (crv === undefined && before.length > 0);
}

/** The stored form of a key; null for an RSA key that is too short. */
function storedKey(
  given: JsonObject & { alg: string; kty: string; kid: string },
  at: number,
  before: readonly TokenKey[],
): TokenKey | null {
  const { alg, kty, kid } = given;
  const known = before.find((key) => key.alg === alg && key.kid === kid && key.kty === kty);
  const stored: TokenKey = { kid, kty, alg };
  for (const name of MEMBERS[kty] ?? []) {
    const value = given[name] === undefined ? known?.[name] : given[name];
    if (typeof value !== 'string' || value === '')
      throw invalidShieldRequest(`keys[${at}].${name} is missing`);
    stored[name] = value;
  }
  if (kty === 'oct') return stored;
  const bits = bitsOf(stored);
  if (bits === null) throw invalidShieldRequest(`keys[${at}] is no valid key`);
  return kty === 'RSA' && bits < SHORTEST_RSA_BITS ? null : stored;
}

/** The size of an RSA key, 0 for an elliptic curve; null for an invalid key. */
function bitsOf(key: TokenKey): number | null {
  try {
    return createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails?.modulusLength ?? 0;
  } catch {
    return null;
  }
}
