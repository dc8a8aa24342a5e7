import type { Deliver } from '../../../src/core/delivery.ts';
import { readSinks } from '../../../src/core/delivery.ts';
import { ConfigError, GatesError, UnreachableError } from '../../../src/core/errors.ts';
import { markName, readName } from '../../../src/core/marker.ts';
import type { Observed } from '../../../src/core/object.ts';
import type { World } from '../../../src/core/world.ts';
import { tokensIn } from '../access/rule.ts';
import { accessPolicy } from '../access-policy.ts';
import { accountPath } from '../account.ts';
import { type ServiceTokenSpec, serviceToken } from '../service-token.ts';
import { deliverTo, keep, keptToken, make, rotating, vaultName } from './kept-token.ts';

export interface Rotation {
  readonly key: string;
  /**
   * `rotated`: a new secret, the old one good until `oldUntil`. `second`: another token beside the first,
   * whose newest secret nobody knows; the next apply takes the first out of the policies and removes it.
   */
  readonly way: 'rotated' | 'second';
  readonly oldUntil?: Date;
  readonly delivered: readonly Deliver[];
}

/**
 * Gives the service token of this key a new secret: kept in the vault, then delivered to the files that had
 * the old one (after a lost vault: `sinks`). The old secret stays good for `overlap` milliseconds.
 *
 * Cloudflare keeps the current and one previous secret. Were a rotation repeated after its reply was lost, the
 * secret in use would be revoked at once; a second token is made instead, and admitted before it is delivered.
 * @throws ConfigError when there is no such token; UnreachableError when the reply was lost.
 */
export async function rotate(
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
  return entry?.state === rotating
    ? addSecond(world, have, receivers)
    : rotateInPlace(world, have, { overlap, receivers });
}

async function rotateInPlace(
  world: World,
  have: Observed<ServiceTokenSpec>,
  { overlap, receivers }: { readonly overlap: number; readonly receivers: readonly Deliver[] },
): Promise<Rotation> {
  const { key } = have.address;
  const before = await keptToken(world, key, have.id);
  await world.vault.put(vaultName(world, key), { ...before, ...have.attributes, state: rotating });
  const oldUntil = new Date(world.clock.now().getTime() + overlap);
  const path = `${await accountPath(world)}/access/service_tokens/${have.id}/rotate`;
  let reply: unknown;
  try {
    // Without an explicit time the API revokes the old secret at once.
    reply = await world.cloudflare.post(path, { previous_client_secret_expires_at: oldUntil.toISOString() });
  } catch (error) {
    if (!(error instanceof GatesError) || error.facts.applied !== 'no') throw lostReply(key, error);
    if (before === undefined) await world.vault.remove(vaultName(world, key));
    else await world.vault.put(vaultName(world, key), before);
    throw error;
  }
  const secret = await keep(world, key, reply, receivers);
  await deliverTo(world, key, secret, receivers);
  return { key, way: 'rotated', oldUntil, delivered: receivers };
}

function lostReply(key: string, cause: unknown): UnreachableError {
  return new UnreachableError('The reply to the rotation was lost, and the new secret with it', {
    hint: `The old secret is still good for the overlap: run \`gates rotate ${key}\` again, which makes a second token, then \`gates apply\``,
    facts: { ...(cause instanceof GatesError ? cause.facts : {}), applied: 'maybe' },
    cause,
  });
}

async function addSecond(
  world: World,
  first: Observed<ServiceTokenSpec>,
  receivers: readonly Deliver[],
): Promise<Rotation> {
  const { key } = first.address;
  const name = markName(world.scope.owner, `${key}#${numberOf(first) + 1}`);
  const { duration } = first.spec;
  const secret = await make(world, key, { name, duration, sinks: receivers });
  world.forget(serviceToken);
  await admitBeside(world, first.id, secret.id ?? '');
  await deliverTo(world, key, secret, receivers);
  return { key, way: 'second', delivered: receivers };
}

function numberOf({ raw }: Observed<ServiceTokenSpec>): number {
  const { key } = readName((raw as { readonly name: string }).name);
  return Number(/#(\d+)$/.exec(key)?.[1] ?? 1);
}

/** Every policy of ours that admits the first token admits the second one too. */
async function admitBeside(world: World, first: string, second: string): Promise<void> {
  const policies = await world.read(accessPolicy);
  const changes = policies
    .filter(({ owner, spec }) => owner === world.scope.owner && tokensIn(spec.include).includes(first))
    .map((have) => ({
      id: `admit ${second} in ${have.id}`,
      verb: 'update' as const,
      address: have.address,
      have,
      want: { ...have.spec, include: [...have.spec.include, { service_token: { token_id: second } }] },
      drift: ['include'],
    }));
  const outcomes = (await accessPolicy.write?.(changes, world)) ?? [];
  world.forget(accessPolicy);
  for (const { error } of outcomes) if (error !== undefined) throw error;
}
