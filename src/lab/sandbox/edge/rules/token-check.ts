import { constants, createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import type { FoundToken } from '../../expressions/fields.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import type { TokenConfiguration, TokenKey } from '../../state/world.ts';
import type { Visit } from '../view/visit.ts';
import { headerValues } from '../view/visit.ts';

/** Seconds by which clocks may differ (facts §6). */
const LEEWAY = 60;
const PREFIX = 'Bearer ';
const SOURCE = /^http\.request\.(headers|cookies)\["([^"]+)"\]\[0\]$/;
const NOTHING: FoundToken = { present: false, claims: null };

/**
 * The token that a configuration finds in a visit, with its claims if one of the configuration's keys signed it and it
 * is in time. API Shield ignores the issuer and the audience (facts §6). The first source with a value counts.
 */
export function tokenFound(configuration: TokenConfiguration, visit: Visit, now: number): FoundToken {
  const text = configuration.tokenSources
    .map((source) => valueAt(source, visit))
    .find((value) => value !== undefined);
  if (text === undefined) return NOTHING;
  const token = parsed(text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text);
  if (token === null) return NOTHING;
  const { header, claims } = token;
  const key = configuration.keys.find(({ kid, alg }) => kid === header.kid && alg === header.alg);
  const isValid = key !== undefined && isInTime(claims, now / 1000) && isSignedBy(key, token);
  return { present: true, claims: isValid ? claims : null };
}

function valueAt(source: string, visit: Visit): string | undefined {
  const [, place, name = ''] = SOURCE.exec(source) ?? [];
  if (place === 'headers') return headerValues(visit, name.toLowerCase())[0];
  return headerValues(visit, 'cookie')
    .flatMap((line) => line.split(/;\s*/))
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

interface Token {
  text: string;
  header: JsonObject;
  claims: JsonObject;
}

const read = new Map<string, Token | null>();

/** Parses a token. Cached, like the verification below: the oracle shows the same few tokens after every write. */
function parsed(text: string): Token | null {
  const known = read.get(text);
  if (known !== undefined) return known;
  const token = parse(text);
  if (read.size > 10_000) read.clear();
  read.set(text, token);
  return token;
}

function parse(text: string): Token | null {
  const parts = text.trim().split('.');
  if (parts.length !== 3) return null;
  const [header, claims] = parts.slice(0, 2).map(decoded);
  return isObject(header) && isObject(claims) ? { text: text.trim(), header, claims } : null;
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

/** True if the token is in time. A time that is no number cannot be met. */
function isInTime({ exp, nbf }: JsonObject, seconds: number): boolean {
  const ends = exp === undefined || (typeof exp === 'number' && seconds <= exp + LEEWAY);
  const begins = nbf === undefined || (typeof nbf === 'number' && seconds >= nbf - LEEWAY);
  return ends && begins;
}

const signed = new Map<string, boolean>();
const written = new WeakMap<TokenKey, string>();

function isSignedBy(key: TokenKey, { text }: Token): boolean {
  const keyText = written.get(key) ?? JSON.stringify(key);
  written.set(key, keyText);
  const name = `${keyText} ${text}`;
  const known = signed.get(name);
  if (known !== undefined) return known;
  const at = text.lastIndexOf('.');
  const isRight = verified(key, text.slice(0, at), Buffer.from(text.slice(at + 1), 'base64url'));
  if (signed.size > 10_000) signed.clear();
  signed.set(name, isRight);
  return isRight;
}

function verified(key: TokenKey, message: string, signature: Buffer): boolean {
  const { alg = '' } = key;
  const digest = `sha${alg.slice(2)}`;
  if (alg.startsWith('HS')) {
    const wanted = createHmac(digest, Buffer.from(key.k ?? '', 'base64url'))
      .update(message)
      .digest();
    return wanted.length === signature.length && timingSafeEqual(wanted, signature);
  }
  const how = {
    key: publicKeyOf(key),
    dsaEncoding: 'ieee-p1363' as const,
    ...(alg.startsWith('PS')
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}),
  };
  return verify(digest, Buffer.from(message), how, signature);
}

function publicKeyOf(key: TokenKey): KeyObject {
  return createPublicKey({ key, format: 'jwk' });
}
