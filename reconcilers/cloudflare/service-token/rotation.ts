import { ConfigError } from '../../../src/core/errors.ts';
import type { Deliver } from '../../../src/core/record/delivery.ts';
import { readSinks } from '../../../src/core/record/delivery.ts';
import type { World } from '../../../src/core/world.ts';
import { isUnheard, keptToken } from './kept-token.ts';
import { addSecond, renewExpiry, rotateInPlace } from './renewal.ts';
import { renewedOf, serviceToken } from './service-token.ts';

export interface Rotation {
  readonly key: string;
  /**
   * `rotated`: a new secret, the old one good until `oldUntil`. `second`: another token beside the first,
   * whose newest secret nobody knows; an apply after `oldUntil` takes the first out of the policies and removes it.
   */
  readonly way: 'rotated' | 'second';
  readonly oldUntil: Date;
  readonly delivered: readonly Deliver[];
}

/**
 * Gives the service token of this key a new secret: kept in the vault, then delivered to the files that had
 * the old one (after a lost vault: `sinks`). The old secret stays good for `overlap` milliseconds, and the token's duration
 * begins anew.
 *
 * Cloudflare keeps the current and one previous secret. Were a rotation repeated after its reply was lost, the
 * secret in use would be revoked at once; a second token is made instead, and admitted before it is delivered.
 * @throws ConfigError when there is no such token; UnreachableError when the reply was lost.
 */
export async function rotateServiceToken(
  world: World,
  key: string,
  { overlap, sinks }: { readonly overlap: number; readonly sinks?: readonly Deliver[] },
): Promise<Rotation> {
  const tokens = await world.read(serviceToken);
  const have = tokens.find(({ owner, address }) => owner === world.scope.owner && address.key === key);
  if (have === undefined) {
    throw new ConfigError('There is no service token of this name', {
      hint: 'Declare it under serviceTokens; `gates apply` makes it',
      facts: { address: `cloudflare/service-token:${key}` },
    });
  }
  const entry = await keptToken(world, key, have.id);
  const receivers = sinks ?? (entry === undefined ? [] : readSinks(entry));
  const options = { overlap, receivers };
  if (isUnheard(entry)) {
    const { oldUntil } = await addSecond(world, renewedOf(have), options);
    world.forget(serviceToken);
    return { key, way: 'second', oldUntil, delivered: receivers };
  }
  await renewExpiry(world, renewedOf(have));
  const oldUntil = await rotateInPlace(world, renewedOf(have), options);
  return { key, way: 'rotated', oldUntil, delivered: receivers };
}
