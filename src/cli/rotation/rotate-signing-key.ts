import { type RotationStep, rotateSigningKey } from '../../../reconcilers/authentik/signing-key/rotation.ts';
import { keyHolders } from '../../../reconcilers/cloudflare/api-shield/key-holders.ts';
import type { SigningKey } from '../../../reconcilers/shared/signing-key.ts';
import type { Client } from '../../config/model/client.ts';
import type { Config } from '../../config/model/config.ts';
import type { Gate, KeySource } from '../../config/model/gate.ts';
import type { Scope } from '../../core/objects/object.ts';
import type { World } from '../../core/world.ts';
import { AHEAD, type HandedOver } from '../../daemon/verify/kept-keys.ts';
import { keyPlaceOf } from '../../gates/jwt/key-place.ts';
import { tell } from '../surroundings/terminal.ts';

/** Makes a client sign with a new key, and reports each step. */
export async function rotateClientKey(
  { name }: Client,
  { config, world, settle }: { readonly config: Config; readonly world: World; readonly settle: number },
): Promise<void> {
  await rotateSigningKey(world, {
    client: name,
    holders: keyHolders(world, hostsTrusting(name, config)),
    settle,
    announce: (key) => announce(key, { world, urls: keysUrlsOf(name, config), settle }),
    onStep: (step) => tell(textOf(step)),
  });
}

/** The scope with the keys of this client, even if nothing at the edge needs them. */
export function withKeysOf({ name }: Client, scope: Scope): Scope {
  const others = (scope.keySets ?? []).filter((place) => !('client' in place && place.client === name));
  return { ...scope, keySets: [...others, { client: name }] };
}

/** Milliseconds after which the daemon has surely read a key from the issuer. */
const found = 10 * 60_000;

/**
 * Announces the key to the daemon of this state folder. The daemon then accepts it as soon as a token names it, even if
 * a stranger's token has just made it read the key set.
 */
async function announce(
  key: SigningKey | undefined,
  {
    world,
    urls,
    settle,
  }: { readonly world: World; readonly urls: readonly string[]; readonly settle: number },
): Promise<void> {
  const until = world.clock.now().getTime() + settle + found;
  for (const url of urls)
    await world.notes.put(AHEAD, url, JSON.stringify({ key, until } satisfies HandedOver));
}

/** Hosts at which API Shield checks tokens with the keys of this client. */
function hostsTrusting(client: string, config: Config): readonly string[] {
  return gatesTrusting(client, config).flatMap(({ host, gate }) =>
    gate.enforcedBy === 'shield' ? [host] : [],
  );
}

/** The addresses at which the daemon reads the keys of this client, for the hosts that use them. */
function keysUrlsOf(client: string, config: Config): readonly string[] {
  const urls = gatesTrusting(client, config).flatMap(({ gate, keys }) =>
    gate.enforcedBy === 'origin' ? (keyPlaceOf(keys, config)?.keysUrl ?? []) : [],
  );
  return [...new Set(urls)];
}

function gatesTrusting(
  client: string,
  { services }: Config,
): readonly { readonly host: string; readonly gate: Gate; readonly keys: KeySource }[] {
  return [...services.values()].flatMap(({ host, gate }) => {
    const { keys } = gate;
    return keys !== undefined && 'client' in keys && keys.client === client ? [{ host, gate, keys }] : [];
  });
}

function textOf(step: RotationStep): string {
  switch (step.type) {
    case 'made':
      return `made the key pair ${step.pair}`;
    case 'handed':
      return `${step.holder} takes tokens of the new key beside those of the old one`;
    case 'waiting':
      return `waiting ${step.milliseconds / 1000} s, until the edge has it everywhere`;
    case 'switched':
      return `switched: new tokens are signed with ${step.pair}`;
    case 'let go':
      return `tokens of the old key are good until they end, ${step.until.toISOString()} at the latest`;
  }
}
