import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { type SigningKey, sameKeys } from '../../shared/signing-key.ts';

/**
 * The public half of an RSA key as Authentik publishes it when a provider signs with it. The name is a hash of the
 * private half as text, so the public half alone does not tell it (facts/authentik §2.4).
 * @throws Error if the text is not an RSA key.
 */
export function publicKeyOf(privateKey: string): SigningKey {
  const key = createPublicKey(createPrivateKey(privateKey));
  const { n, e } = key.export({ format: 'jwk' });
  if (key.asymmetricKeyType !== 'rsa' || n === undefined || e === undefined)
    throw new Error('not an RSA key');
  const kid = createHash('sha512').update(privateKey).digest('base64url');
  return { kid, kty: 'RSA', alg: 'RS256', n, e };
}

/** True if both are the same key under the same name. */
export function isSameKey(first: SigningKey, second: SigningKey): boolean {
  return sameKeys([first], [second]);
}
