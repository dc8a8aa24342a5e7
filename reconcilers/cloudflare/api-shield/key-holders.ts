import type { Observed } from '../../../src/core/objects/object.ts';
import type { World } from '../../../src/core/world.ts';
import type { KeyHolder } from '../../shared/key-holder.ts';
import { apiShield } from './api-shield.ts';
import { shortKeyName } from './configuration-text.ts';
import {
  describeConfiguration,
  type TokenConfigurationSpec,
  tokenConfiguration,
} from './token-configuration.ts';

/** Our token configurations of these hosts as key holders. One that does not exist holds no keys. */
export function keyHolders(world: World, hosts: readonly string[]): readonly KeyHolder[] {
  return hosts.map((host) => keyHolder(world, host));
}

function keyHolder(world: World, host: string): KeyHolder {
  /** Read before each write, which replaces the complete set. */
  const find = async (): Promise<Observed<TokenConfigurationSpec> | undefined> => {
    world.forget(apiShield, tokenConfiguration);
    const all = await world.read(tokenConfiguration);
    return all.find(({ owner, address }) => owner === world.scope.owner && address.key === host);
  };
  return {
    name: host,
    keys: async () => (await find())?.spec.keys,
    async replace(keys) {
      const found = await find();
      if (found === undefined) return [];
      await world.cloudflare.put(`${pathOf(found)}/credentials`, { keys });
      return (await find())?.spec.keys ?? [];
    },
    async letGo({ kid }, until) {
      const found = await find();
      if (found === undefined) return;
      const end = until.toISOString().replace(/\.\d+Z$/, 'Z');
      const leaving = { ...found.spec.leaving, [shortKeyName(kid)]: end };
      const description = describeConfiguration(host, { ...found.spec, leaving }, world);
      await world.cloudflare.patch(pathOf(found), { description });
    },
  };
}

function pathOf({ id, spec: { zoneId } }: Observed<TokenConfigurationSpec>): string {
  return `/zones/${zoneId}/token_validation/config/${id}`;
}
