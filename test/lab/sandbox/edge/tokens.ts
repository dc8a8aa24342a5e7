import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { TokenKey } from '../../../../src/lab/sandbox/state/world.ts';

/** A signing key, with its public half in the form of a configuration. */
export interface SigningKey {
  alg: string;
  kid: string;
  privateKey: KeyObject | string;
  jwk: TokenKey;
}

const rsaPairs = new Map<string, { privateKey: KeyObject; publicKey: KeyObject }>();

/** An RSA pair, one for each name, since generating one takes a moment. */
function rsaPair(kid: string): { privateKey: KeyObject; publicKey: KeyObject } {
  const pair = rsaPairs.get(kid) ?? generateKeyPairSync('rsa', { modulusLength: 2048 });
  rsaPairs.set(kid, pair);
  return pair;
}

/** A new key for an RS, PS, ES or HS algorithm. RSA keys are the same for the same name. */
export function newSigningKey(alg: string, kid: string = alg): SigningKey {
  if (alg.startsWith('HS')) {
    const k = Buffer.from(`secret of ${kid}`).toString('base64url');
    return { alg, kid, privateKey: `secret of ${kid}`, jwk: { kid, kty: 'oct', alg, k } };
  }
  const { privateKey, publicKey } = alg.startsWith('ES')
    ? generateKeyPairSync('ec', { namedCurve: alg === 'ES384' ? 'P-384' : 'P-256' })
    : rsaPair(kid);
  return { alg, kid, privateKey, jwk: { ...(publicKey.export({ format: 'jwk' }) as TokenKey), kid, alg } };
}

/** A token in compact form; `header` overrides parts of its header. */
export function signed(key: SigningKey, claims: object, header: object = {}): string {
  const text = [{ alg: key.alg, kid: key.kid, typ: 'JWT', ...header }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${signature(key, text).toString('base64url')}`;
}

function signature({ alg, privateKey }: SigningKey, text: string): Buffer {
  const digest = `sha${alg.slice(2)}`;
  if (typeof privateKey === 'string') return createHmac(digest, privateKey).update(text).digest();
  const padding = alg.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {};
  return sign(digest, Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363', ...padding });
}
