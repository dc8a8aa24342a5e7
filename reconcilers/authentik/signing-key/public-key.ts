import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';

/** One key of a key set (RFC 7517), with the members that tell a signature; Authentik has more, which say nothing here. */
export interface PublicKey {
  readonly kid: string;
  readonly kty: string;
  readonly alg: string;
  readonly n?: string;
  readonly e?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
}

/**
 * The public half of an RSA key as Authentik publishes it once a provider signs with it: the name is a hash of the
 * private half as text, so that nobody knows it who has the public half alone (facts/authentik §2.4).
 * @throws Error when the text is no RSA key.
 */
export function publicKeyOf(privateKey: string): PublicKey {
  const key = createPublicKey(createPrivateKey(privateKey));
  const { n, e } = key.export({ format: 'jwk' });
  if (key.asymmetricKeyType !== 'rsa' || n === undefined || e === undefined)
    throw new Error('not an RSA key');
  const kid = createHash('sha512').update(privateKey).digest('base64url');
  return { kid, kty: 'RSA', alg: 'RS256', n, e };
}

/** Whether both are the same key under the same name. */
export function isSameKey(one: PublicKey, other: PublicKey): boolean {
  const members = ['kid', 'kty', 'alg', 'n', 'e', 'crv', 'x', 'y'] as const;
  return members.every((name) => one[name] === other[name]);
}
