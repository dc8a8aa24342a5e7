import { RejectedError } from '../../../src/core/errors.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { zone } from '../account/zone.ts';
import { zonesOfOurs } from '../rules/zones.ts';
import { wafRule } from '../waf/waf-rule.ts';

/** A zone with API Shield. Keyed by its name; only looked up, since the zone's plan decides what it may have. */
export interface ApiShieldSpec {
  readonly entitled: true;
}

const kind = 'cloudflare/api-shield';

/** The API's codes for a zone that is not entitled: it has no configurations, and can have none. */
const notEntitled: ReadonlySet<string | undefined> = new Set(['10403']);

export const apiShield: Reconciler<ApiShieldSpec> = {
  kind,
  title: 'API Shield',
  traits: { unmarked: true },

  async observe(world) {
    const zones = await shieldedZones(world);
    const found = await Promise.all(
      zones.map(async ({ id, address: { key } }): Promise<readonly Observed<ApiShieldSpec>[]> => {
        const configurations = await configurationsIn(world, id);
        if (configurations === undefined) return [];
        const raw = configurations;
        return [
          {
            address: { kind, key },
            id,
            owner: undefined,
            spec: { entitled: true },
            attributes: { id },
            uses: [],
            raw,
          },
        ];
      }),
    );
    return found.flat();
  },
};

/** Each relevant zone with API Shield, with its token configurations. */
export async function shields(
  world: World,
): Promise<
  readonly { readonly zone: string; readonly zoneId: string; readonly configurations: readonly unknown[] }[]
> {
  return (await world.read(apiShield)).map(({ address: { key }, id, raw }) => {
    return { zone: key, zoneId: id, configurations: raw as readonly unknown[] };
  });
}

/**
 * Zones with a host that the file guards by API Shield, and those in which such a host left something behind: by the note of this state
 * folder, and by our WAF rules, which another folder finds too.
 */
async function shieldedZones(world: World): Promise<readonly Observed<unknown>[]> {
  const { apiHosts = [], owner: us } = world.scope;
  const [zones, rules, noted] = await Promise.all([
    world.read(zone),
    world.read(wafRule),
    zonesOfOurs(world, 'api-shield', []),
  ]);
  const blocks = rules.filter(({ owner, spec }) => owner === us && spec.action === 'block');
  const left = new Set([...blocks.map(({ spec }) => spec.zoneId), ...noted.map(({ id }) => id)]);
  const inZone = (name: string) => apiHosts.some((host) => host === name || host.endsWith(`.${name}`));
  return zones.filter(({ id, address }) => left.has(id) || inZone(address.key));
}

async function configurationsIn(world: World, zoneId: string): Promise<readonly unknown[] | undefined> {
  try {
    const path = `/zones/${zoneId}/token_validation/config`;
    return await world.roster.list(world.cloudflare, path, { per_page: 50 });
  } catch (error) {
    if (error instanceof RejectedError && notEntitled.has(error.facts.code)) return undefined;
    throw error;
  }
}
