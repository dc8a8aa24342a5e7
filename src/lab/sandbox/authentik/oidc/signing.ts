import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import type { AuthentikState, KeyPairRow } from '../../state/authentik-state.ts';
import type { JsonObject } from '../../state/json.ts';
import type { ProviderRow } from '../../state/provider-row.ts';
import type { Signer } from '../api/jwt.ts';
import { halvesOf } from '../api/key-halves.ts';

const EC_ALGORITHM = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' } as const;

/**
 * The signer of this provider's tokens: its key pair, else its client secret by HS256. Throws if the server cannot sign
 * with that sort of key (facts §2.4).
 */
export function signerOf(state: AuthentikState, provider: ProviderRow): Signer {
  const pair = pairOf(state, provider.signing_key);
  if (pair === undefined) return { alg: 'HS256', secret: provider.client_secret };
  const { privateKey: key } = halvesOf(pair.key_data);
  return { alg: algorithmOf(key), key, kid: kidOf(pair) };
}

/** The key set as it is published: `{}` without any key (facts §2.4). */
export function keySetOf(state: AuthentikState, provider: ProviderRow): JsonObject {
  const keys = [
    ...publishedKey(pairOf(state, provider.signing_key), 'sig'),
    ...publishedKey(pairOf(state, provider.encryption_key), 'enc'),
  ];
  return keys.length === 0 ? {} : { keys };
}

function publishedKey(pair: KeyPairRow | undefined, use: 'sig' | 'enc'): JsonObject[] {
  if (pair === undefined) return [];
  const { privateKey, publicKey } = halvesOf(pair.key_data);
  const certificate = new X509Certificate(pair.certificate_data).raw;
  return [
    {
      ...(publicKey.export({ format: 'jwk' }) as JsonObject),
      alg: algorithmOf(privateKey),
      kid: kidOf(pair),
      use,
      x5c: [certificate.toString('base64')],
      x5t: createHash('sha1').update(certificate).digest('base64url'),
      'x5t#S256': createHash('sha256').update(certificate).digest('base64url'),
    },
  ];
}

function pairOf(state: AuthentikState, pk: string | null): KeyPairRow | undefined {
  return pk === null ? undefined : state.keyPairs.find((row) => row.pk === pk);
}

function algorithmOf(key: KeyObject): 'RS256' | 'ES256' | 'ES384' | 'ES512' {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  if (curve in EC_ALGORITHM) return EC_ALGORITHM[curve as keyof typeof EC_ALGORITHM];
  throw new TypeError(`no token is signed with a key of type ${String(key.asymmetricKeyType)}`);
}

function kidOf(pair: KeyPairRow): string {
  return createHash('sha512').update(pair.key_data).digest('base64url');
}
