import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SigningKey } from '../../reconcilers/shared/signing-key.ts';

/** A key pair that exists as long as the process. */
export interface ScratchKey {
  readonly publicKey: SigningKey;
  readonly privateKey: KeyObject;
}

export function newScratchKey(kid: string): ScratchKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return { publicKey: { kid, kty: 'EC', alg: 'ES256', crv, x, y }, privateKey };
}

/** A JWT of this key. */
export function signedBy({ publicKey: { kid, alg }, privateKey }: ScratchKey, claims: object): string {
  const parts = [{ alg, kid, typ: 'JWT' }, claims].map((part) => encoded(JSON.stringify(part)));
  const signature = sign('sha256', Buffer.from(parts.join('.')), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return [...parts, signature.toString('base64url')].join('.');
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}
