import type { Deliver } from '../../../src/core/record/delivery.ts';
import { deliver, readSinks, withSinks } from '../../../src/core/record/delivery.ts';
import type { Secret, World } from '../../../src/core/world.ts';
import { accountPath } from '../account/account.ts';

/** A service token as the API shows it when it is made or rotated: the only time that it shows the secret. */
interface MadeToken {
  readonly id: string;
  readonly client_id: string;
  readonly client_secret: string;
}

/** Set in an entry while a rotation is under way: found later, its reply was lost and the secret with it. */
export const rotating = 'rotating';

/** Two owners may share a state directory, and each may have a token of this key. */
export function tokenVaultName({ scope }: Pick<World, 'scope'>, key: string): string {
  return `service-token-${scope.owner}/${key}`;
}

/** The vault's entry for the token with this key and id; undefined when it is of another token, or not there. */
export async function keptToken(world: World, key: string, id: string): Promise<Secret | undefined> {
  const entry = await world.vault.get(tokenVaultName(world, key));
  return entry?.id === id ? entry : undefined;
}

/** A token whose secret was to be changed, and nobody knows whether it was. */
export function isUnheard(entry: Secret | undefined): boolean {
  return entry?.state === rotating;
}

/** The token beside the one that the vault holds for this key, while its secret is still to be taken. */
export async function retiringToken(
  world: World,
  key: string,
): Promise<{ readonly id: string; readonly until: Date } | undefined> {
  const { retiring, retiringUntil } = (await world.vault.get(tokenVaultName(world, key))) ?? {};
  if (retiring === undefined || retiringUntil === undefined) return undefined;
  const until = new Date(retiringUntil);
  return until.getTime() > world.clock.now().getTime() ? { id: retiring, until } : undefined;
}

/** True when the entry holds the secret that the API takes now. */
export function isWhole(entry: Secret | undefined): entry is Secret {
  return entry?.clientSecret !== undefined && entry.state !== rotating;
}

/** Puts what the API shows once into the vault, before anything else is done with it. */
export async function keep(
  world: World,
  key: string,
  reply: unknown,
  sinks: readonly Deliver[] = [],
  beside: Secret = {},
): Promise<Secret> {
  const { id, client_id: clientId, client_secret: clientSecret } = reply as MadeToken;
  const rotatedAt = world.clock.now().toISOString();
  const secret = withSinks({ id, clientId, clientSecret, rotatedAt, ...beside }, sinks);
  await world.vault.put(tokenVaultName(world, key), secret);
  return secret;
}

interface MakeOptions {
  readonly name: string;
  readonly duration: string;
  readonly sinks?: readonly Deliver[];
  /** Kept with it. */
  readonly beside?: Secret;
}

/** Makes a token and keeps it. Names are not unique, so nothing would stop a second one: never repeated blindly. */
export async function make(
  world: World,
  key: string,
  { name, duration, sinks, beside }: MakeOptions,
): Promise<Secret> {
  const path = `${await accountPath(world)}/access/service_tokens`;
  return keep(world, key, await world.cloudflare.post(path, { name, duration }), sinks, beside);
}

/** Sees to it that these files, and of files before them no others, are known to hold the secret. */
export async function deliverTo(
  world: World,
  key: string,
  secret: Secret,
  sinks: readonly Deliver[] = readSinks(secret),
): Promise<void> {
  await deliver(sinks, secret, world);
  const entry = withSinks(secret, sinks);
  if (entry.sinks !== secret.sinks) await world.vault.put(tokenVaultName(world, key), entry);
}
