import type { Deliver } from '../../../src/core/record/delivery.ts';
import { deliver, readSinks, withSinks } from '../../../src/core/record/delivery.ts';
import type { Secret, World } from '../../../src/core/world.ts';
import { accountPath } from '../account/account.ts';

/** A service token as the API shows it after a creation or a rotation, the only time that it shows the secret. */
interface MadeToken {
  readonly id: string;
  readonly client_id: string;
  readonly client_secret: string;
}

/** Set in an entry during a rotation. A later run that finds it knows that the reply, with the secret, was lost. */
export const rotating = 'rotating';

/** The name in the vault, with the owner, since two owners may share a state folder and each have this key. */
export function tokenVaultName({ scope }: Pick<World, 'scope'>, key: string): string {
  return `service-token-${scope.owner}/${key}`;
}

/** The vault's entry for the token with this key and id. Undefined if there is none, or if it is for another token. */
export async function keptToken(world: World, key: string, id: string): Promise<Secret | undefined> {
  const entry = await world.vault.get(tokenVaultName(world, key));
  return entry?.id === id ? entry : undefined;
}

/** True if a rotation of the token started and its result is unknown. */
export function isUnheard(entry: Secret | undefined): boolean {
  return entry?.state === rotating;
}

/** The token that the one in the vault replaces, while its secret is still accepted. */
export async function retiringToken(
  world: World,
  key: string,
): Promise<{ readonly id: string; readonly until: Date } | undefined> {
  const { retiring, retiringUntil } = (await world.vault.get(tokenVaultName(world, key))) ?? {};
  if (retiring === undefined || retiringUntil === undefined) return undefined;
  const until = new Date(retiringUntil);
  return until.getTime() > world.clock.now().getTime() ? { id: retiring, until } : undefined;
}

/** True if the entry holds the current secret. */
export function isWhole(entry: Secret | undefined): entry is Secret {
  return entry?.clientSecret !== undefined && entry.state !== rotating;
}

/** Stores the API's only display of the secret in the vault, before anything else uses it. */
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
  /** Further fields of the vault's entry. */
  readonly beside?: Secret;
}

/** Makes a token and stores it. Names are not unique, so a repeated call would make a second one. */
export async function make(
  world: World,
  key: string,
  { name, duration, sinks, beside }: MakeOptions,
): Promise<Secret> {
  const path = `${await accountPath(world)}/access/service_tokens`;
  return keep(world, key, await world.cloudflare.post(path, { name, duration }), sinks, beside);
}

/** Writes the secret to these files, and records that they hold it, instead of any earlier files. */
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
