import { GatesError, UnreachableError } from '../../../src/core/errors.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Deliver } from '../../../src/core/record/delivery.ts';
import type { Secret, World } from '../../../src/core/world.ts';
import { accessPolicy } from '../access/access-policy.ts';
import { tokensIn } from '../access/policy/rule.ts';
import { accountPath } from '../account/account.ts';
import { deliverTo, keep, keptToken, make, rotating, tokenVaultName } from './kept-token.ts';

/** A live token of ours that gets a new secret. */
export interface Renewed {
  readonly key: string;
  readonly id: string;
  readonly clientId: string;
  /** The live name, with the owner and, for a second token, its number. */
  readonly name: string;
  /** Go duration. */
  readonly duration: string;
}

export interface RenewOptions {
  /** Milliseconds for which the old secret is still accepted. */
  readonly overlap: number;
  readonly receivers: readonly Deliver[];
}

/** Makes the token's duration start now; a new secret alone does not. */
export async function renewExpiry(world: World, { id, name, duration }: Renewed): Promise<void> {
  if (duration === 'forever') return;
  await world.cloudflare.put(`${await accountPath(world)}/access/service_tokens/${id}`, { name, duration });
}

/**
 * Makes a new secret for the same token, stores it in the vault, and delivers it. Returns the end of the overlap, until
 * which Cloudflare accepts the old one.
 * @throws UnreachableError if the reply was lost, and the new secret with it.
 */
export async function rotateInPlace(
  world: World,
  { key, id, clientId }: Renewed,
  { overlap, receivers }: RenewOptions,
): Promise<Date> {
  const before = await keptToken(world, key, id);
  const oldUntil = new Date(world.clock.now().getTime() + overlap);
  await world.vault.put(tokenVaultName(world, key), { ...before, id, clientId, state: rotating });
  const path = `${await accountPath(world)}/access/service_tokens/${id}/rotate`;
  let reply: unknown;
  try {
    // Without an explicit time, the API revokes the old secret at once.
    reply = await world.cloudflare.post(path, { previous_client_secret_expires_at: oldUntil.toISOString() });
  } catch (error) {
    if (!(error instanceof GatesError) || error.facts.applied !== 'no') throw lostReply(key, error);
    if (before === undefined) await world.vault.remove(tokenVaultName(world, key));
    else await world.vault.put(tokenVaultName(world, key), before);
    throw error;
  }
  const { retiring, retiringUntil } = before ?? {};
  // A token that this one replaces stays for its own overlap.
  const beside = retiring === undefined || retiringUntil === undefined ? {} : { retiring, retiringUntil };
  const secret = await keep(world, key, reply, receivers, beside);
  await deliverTo(world, key, secret, receivers);
  return oldUntil;
}

function lostReply(key: string, cause: unknown): UnreachableError {
  return new UnreachableError('The reply to the rotation was lost, and the new secret with it', {
    hint: `The old secret is still good for the overlap. A second token takes its place: the next run makes it where the file has the token rotated by itself, else run \`gates rotate ${key}\` again`,
    facts: { ...(cause instanceof GatesError ? cause.facts : {}), applied: 'maybe' },
    cause,
  });
}

/**
 * Makes a second token to replace one whose newest secret nobody knows: stores it, admits it wherever the first one is
 * admitted, and then delivers it. After the overlap, the policies drop the first one, and a run removes it.
 */
export async function addSecond(
  world: World,
  first: Renewed,
  { overlap, receivers }: RenewOptions,
): Promise<{ readonly secret: Secret; readonly oldUntil: Date }> {
  const { key, duration } = first;
  const oldUntil = new Date(world.clock.now().getTime() + overlap);
  const name = markName(world.scope.owner, `${key}#${numberOf(first) + 1}`);
  const retiring = { retiring: first.id, retiringUntil: oldUntil.toISOString() };
  const secret = await make(world, key, { name, duration, sinks: receivers, beside: retiring });
  await admitBeside(world, first.id, secret.id ?? '');
  await deliverTo(world, key, secret, receivers);
  return { secret, oldUntil };
}

function numberOf({ name }: Renewed): number {
  return Number(/#(\d+)$/.exec(readName(name).key)?.[1] ?? 1);
}

/** Makes every policy of ours that admits the first token admit the second one too. */
export async function admitBeside(world: World, first: string, second: string): Promise<void> {
  world.forget(accessPolicy);
  const policies = await world.read(accessPolicy);
  const changes = policies
    .filter(({ owner, spec }) => owner === world.scope.owner && tokensIn(spec.include).includes(first))
    .filter(({ spec }) => !tokensIn(spec.include).includes(second))
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
