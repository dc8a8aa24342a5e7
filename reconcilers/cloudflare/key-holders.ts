import type { World } from '../../src/core/world.ts';
import type { KeyHolder } from '../authentik/signing-key/key-holder.ts';
import type { PublicKey } from '../authentik/signing-key/public-key.ts';
import { zone } from './zone.ts';

interface ConfigurationReply {
  readonly id: string;
  readonly description?: string;
  readonly credentials?: { readonly keys?: readonly PublicKey[] };
}

/** A host whose tokens API Shield checks, and the zone that it is in. */
export interface ShieldedHost {
  readonly host: string;
  readonly zone: string;
}

/** Our token configurations of these hosts; one that does not stand holds no keys. */
export function keyHolders(world: World, hosts: readonly ShieldedHost[]): readonly KeyHolder[] {
  return hosts.map((host) => keyHolder(world, host));
}

function keyHolder(world: World, { host, zone: zoneName }: ShieldedHost): KeyHolder {
  const collection = async () => {
    const found = (await world.read(zone)).find(({ address }) => address.key === zoneName);
    return `/zones/${found?.id}/token_validation/config`;
  };
  /** Read anew each time: what is written is the whole set. */
  const find = async () => {
    const all = await world.cloudflare.list(await collection(), { per_page: 50 });
    return (all as readonly ConfigurationReply[]).find(
      ({ description = '' }) => description.split(';')[0] === `gates:${world.scope.owner}/${host}`,
    );
  };
  const keysOf = (found: ConfigurationReply | undefined) => found && (found.credentials?.keys ?? []);
  return {
    name: host,
    keys: async () => keysOf(await find()),
    async replace(keys) {
      const path = `${await collection()}/${(await find())?.id}/credentials`;
      await world.cloudflare.put(path, { keys });
      // The answer has the keys now beside the result, now in it: what stands is what a read says.
      return keysOf(await find()) ?? [];
    },
  };
}
