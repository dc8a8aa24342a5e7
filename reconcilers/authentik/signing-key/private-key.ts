import { RejectedError } from '../../../src/core/errors.ts';
import type { World } from '../../../src/core/world.ts';
import { authentikOf } from '../reading/api.ts';

/** Reads the private key of a pair. Authentik logs an event `secret_view`; the key never leaves this process. */
export async function privateKey(world: World, pair: string): Promise<string> {
  const reply = await authentikOf(world).get(`/crypto/certificatekeypairs/${pair}/view_private_key/`);
  const { data } = (reply ?? {}) as { readonly data?: unknown };
  if (typeof data !== 'string' || data === '') {
    throw new RejectedError('The private key of the pair is not there', { facts: { applied: 'no' } });
  }
  return data;
}
