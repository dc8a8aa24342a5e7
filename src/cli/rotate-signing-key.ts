import { type RotationStep, rotateSigningKey } from '../../reconcilers/authentik/signing-key/rotation.ts';
import { keyHolders } from '../../reconcilers/cloudflare/key-holders.ts';
import type { Client, Config } from '../config/config.ts';
import type { World } from '../core/world.ts';
import { tell } from './terminal.ts';

/** Has a client sign with a new key, telling each step. */
export async function rotateClientKey(
  { name }: Client,
  { config, world, settle }: { readonly config: Config; readonly world: World; readonly settle: number },
): Promise<void> {
  await rotateSigningKey(world, {
    client: name,
    holders: keyHolders(world, hostsTrusting(name, config)),
    settle,
    onStep: (step) => tell(textOf(step)),
  });
}

/** Hosts at which API Shield checks tokens by the keys of this client. */
function hostsTrusting(client: string, { services }: Config): readonly string[] {
  return [...services.values()].flatMap(({ host, gate }) =>
    gate.type === 'jwt' && gate.at === 'edge' && 'client' in gate.keys && gate.keys.client === client
      ? [host]
      : [],
  );
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
