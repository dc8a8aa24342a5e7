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
   * `rotated`: a new secret; the old one is accepted until `oldUntil`. `second`: a token that replaces the first, whose
   * newest secret nobody knows; an apply after `oldUntil` removes the first.
   */
  readonly way: 'rotated' | 'second';
  readonly oldUntil: Date;
  readonly delivered: readonly Deliver[];
}

/**
 * Makes a new secret for the service token of this key, stores it in the vault, and delivers it to the files that had
 * the old one (after a lost vault: `sinks`). The old secret is accepted for `overlap` milliseconds, and the token's
 * duration starts anew.
 *
 * Cloudflare accepts the current and one previous secret. A second rotation after a lost reply would revoke the secret
 * in use at once, so gates instead makes a second token, which it admits before it delivers it.
 * @throws ConfigError if there is no such token; UnreachableError if the reply was lost.
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
