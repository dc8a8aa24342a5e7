import { createHmac, type KeyObject, sign, timingSafeEqual } from 'node:crypto';
import type { JsonObject } from '../../state/json.ts';

/** A shared secret, or a private key with its name in the key set. */
export type Signer =
  | { alg: 'HS256'; secret: string }
  | { alg: 'RS256' | 'ES256' | 'ES384' | 'ES512'; key: KeyObject; kid: string };

const DIGEST = { RS256: 'sha256', ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' } as const;

/** A compact JWS (RFC 7515). Synchronous, since an outpost and the oracle decide without waiting. */
export function signJwt(claims: JsonObject, signer: Signer): string {
  const named = signer.alg === 'HS256' ? {} : { kid: signer.kid };
  const signed = `${encoded({ alg: signer.alg, typ: 'JWT', ...named })}.${encoded(claims)}`;
  return `${signed}.${signatureOf(signed, signer).toString('base64url')}`;
}

/** The claims of a token that this secret signed by HS256, else null; times are not checked. */
export function verifyHs256(token: string, secret: string): JsonObject | null {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const wanted = signatureOf(`${header}.${payload}`, { alg: 'HS256', secret });
  const actual = Buffer.from(signature, 'base64url');
  if (actual.length !== wanted.length || !timingSafeEqual(actual, wanted)) return null;
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

function signatureOf(text: string, signer: Signer): Buffer {
  if (signer.alg === 'HS256') return createHmac('sha256', signer.secret).update(text).digest();
  return sign(DIGEST[signer.alg], Buffer.from(text), { key: signer.key, dsaEncoding: 'ieee-p1363' });
}

function encoded(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
