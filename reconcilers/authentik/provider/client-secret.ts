import type { Deliver } from '../../../src/core/record/delivery.ts';
import { deliver, readSinks, withSinks } from '../../../src/core/record/delivery.ts';
import type { Secret, World } from '../../../src/core/world.ts';
import type { Oauth2Reply } from './oauth2-row.ts';

/**
 * The vault's entry for a client, `client-<key>`: fields `clientId` and `clientSecret`. The API shows a secret at any
 * time, but a provider that replaces one removed by hand needs the secret that was delivered.
 */
export function clientVaultName(key: string): string {
  return `client-${key}`;
}

/** The keys of clients that the vault has apart from these, by their client ids. */
export async function otherClients(
  known: ReadonlySet<string>,
  { vault }: Pick<World, 'vault'>,
): Promise<ReadonlyMap<string, string>> {
  const prefix = clientVaultName('');
  const names = (await vault.list()).filter((name) => name.startsWith(prefix));
  const keys = names.map((name) => name.slice(prefix.length)).filter((key) => !known.has(key));
  const entries = keys.map(
    async (key) => [(await vault.get(clientVaultName(key)))?.clientId ?? '', key] as const,
  );
  return new Map(await Promise.all(entries));
}

/** True if the vault holds the id and secret that the server has now. */
export function isKept(entry: Secret | undefined, reply: Oauth2Reply): entry is Secret {
  return entry?.clientId === reply.client_id && entry.clientSecret === reply.client_secret;
}

/** The id and secret in a request: those that were delivered before. Without an entry, the server makes new ones. */
export function credentials(entry: Secret | undefined): Readonly<Record<string, string>> {
  if (entry?.clientId === undefined || entry.clientSecret === undefined) return {};
  return { client_id: entry.clientId, client_secret: entry.clientSecret };
}

/** Keeps the server's id and secret in the vault, writes them to these files, and remembers the files. */
export async function keepAndDeliver(
  world: World,
  key: string,
  reply: Oauth2Reply,
  sinks: readonly Deliver[],
): Promise<void> {
  const before = await world.vault.get(clientVaultName(key));
  const secret: Secret = { clientId: reply.client_id, clientSecret: reply.client_secret };
  const known = before === undefined ? [] : readSinks(before);
  if (!isKept(before, reply)) await world.vault.put(clientVaultName(key), withSinks(secret, known));
  await deliver(sinks, secret, world);
  const entry = withSinks(secret, sinks);
  if (before?.sinks !== entry.sinks) await world.vault.put(clientVaultName(key), entry);
}
