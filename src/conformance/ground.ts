import { type OrganizationSpec, organization } from '../../reconcilers/cloudflare/account/organization.ts';
import { tunnel } from '../../reconcilers/cloudflare/account/tunnel.ts';
import { ConfigError } from '../core/errors.ts';
import type { Scope } from '../core/objects/object.ts';
import type { Wire, World } from '../core/world.ts';
import { scratchHost } from './scratch-owner.ts';

/** The place of a run: one zone and one tunnel that a person named. */
export interface Ground {
  readonly accountId: string;
  readonly zone: ZoneOfGround;
  readonly tunnel: { readonly id: string; readonly name: string };
  readonly organization: OrganizationSpec;
}

interface ZoneOfGround {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly type: string;
  readonly paused: boolean;
  readonly plan: string;
}

interface ZoneReply {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly type?: string;
  readonly paused?: boolean;
  readonly plan?: { readonly legacy_id?: string };
  readonly account?: { readonly id: string };
}

/** The scope of a world that works on this ground for an owner. */
export function scopeOf(zone: string, tunnelName: string, accountId: string, owner: string): Scope {
  return {
    owner,
    account: accountId,
    zones: [zone],
    tunnels: [tunnelName],
    wafZones: [zone],
    cacheZones: [zone],
    apiHosts: [scratchHost(owner, zone)],
    accessLogin: true,
  };
}

/**
 * Finds the zone by its name, and the account by the zone.
 * @throws ConfigError if the token sees no such zone.
 */
export async function findZone(
  wire: Wire,
  name: string,
): Promise<{ readonly accountId: string; readonly zone: ZoneOfGround }> {
  const replies = (await wire.list('/zones', { name, per_page: 50 })) as readonly ZoneReply[];
  const found = replies.find((reply) => reply.name === name);
  if (found?.account === undefined) {
    throw new ConfigError(`The token sees no zone ${name}`, {
      hint: 'Name a zone of the account in full, and give the token the permission "Zone / Zone / Read" for it',
    });
  }
  const { id, status, type = 'full', paused = false, plan } = found;
  const zone = { id, name, status, type, paused, plan: plan?.legacy_id ?? 'free' };
  return { accountId: found.account.id, zone };
}

/** @throws ConfigError if the account has no such tunnel that accepts rules from the API, or no Zero Trust. */
export async function findGround(
  world: World,
  found: Awaited<ReturnType<typeof findZone>>,
  name: string,
): Promise<Ground> {
  const own = (await world.read(tunnel)).find(({ address }) => address.key === name);
  if (own === undefined) {
    throw new ConfigError(`The account has no tunnel ${name}`, {
      hint: 'Name one as the dashboard shows it: Networks, Tunnels',
    });
  }
  if (own.spec.configSource === 'local') {
    throw new ConfigError(
      `The tunnel ${name} reads its own config.yml, so rules of the API do nothing there`,
      {
        hint: 'Name a tunnel that is managed in the dashboard',
      },
    );
  }
  const [settings] = await world.read(organization);
  if (settings === undefined) {
    throw new ConfigError('The account has no Zero Trust organization', {
      hint: 'Open Zero Trust in the dashboard once: it asks for a team name',
    });
  }
  return { ...found, tunnel: { id: own.id, name }, organization: settings.spec };
}
