import type { TunnelSpec } from '../../../reconcilers/cloudflare/account/tunnel.ts';
import type { ZoneSpec } from '../../../reconcilers/cloudflare/account/zone.ts';
import type { Config, Tunnel } from '../../config/model/config.ts';
import { namedVariable } from '../../core/named-variable.ts';
import { markTag } from '../../core/objects/marker.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { organizationKey } from './addresses.ts';

/**
 * The objects on which the file depends and that gates does not make: account, zones, the Zero Trust organization,
 * tunnels.
 */
export function compileLookups(config: Config, usesAccess: boolean): readonly DesiredObject[] {
  const { account, zones, zoneTokens, tunnels } = config.cloudflare;
  const lookups: DesiredObject[] = [
    {
      address: { kind: 'cloudflare/account', key: account },
      spec: {},
      mustExist:
        'no such account is visible to the token: check `cloudflare.account` and the permissions of the token',
      because: 'cloudflare.account',
    },
    ...zones.map((name) => zone(name, zoneTokens.get(name))),
    ...[...tunnels.values()].map(tunnel),
  ];
  return usesAccess ? [...lookups, organizationLookup(config.cloudflare.access.team)] : lookups;
}

function zone(name: string, token: string | undefined): DesiredObject<ZoneSpec> {
  return {
    address: { kind: 'cloudflare/zone', key: name },
    spec: { status: 'active' },
    mustExist:
      token === undefined
        ? 'the zone is not in this account, or the token may not read it: add it in the dashboard, or give the token Zone Read'
        : `the zone is not in this account, or its token may not read it: add it in the dashboard, or give the token of ${namedVariable('CLOUDFLARE_ZONE_TOKEN', token)} Zone Read for this zone`,
    because: 'cloudflare.zones',
  };
}

function tunnel({ name, create, deliver }: Tunnel): DesiredObject<TunnelSpec> {
  const spec: TunnelSpec = { name, configSource: 'cloudflare' };
  const created: TunnelSpec = {
    ...spec,
    token: 'kept',
    deliver: deliver.map(({ file, names }) => ({ file, names })),
  };
  return {
    address: { kind: 'cloudflare/tunnel', key: name },
    spec: create ? created : spec,
    ...(!create && {
      mustExist: `there is no tunnel of this name: write \`${name}: { create: true }\` to have it made`,
    }),
    because: `cloudflare.tunnels.${name}`,
  };
}

/** The Zero Trust organisation, which everything of Access needs. */
export function organizationLookup(team: string | undefined): DesiredObject {
  return {
    address: { kind: 'cloudflare/organization', key: organizationKey },
    spec: team === undefined ? {} : { team },
    mustExist:
      'Zero Trust is not set up for this account: choose a team name in the dashboard, under Zero Trust',
    because: 'cloudflare.access',
  };
}

/** The tag that marks our Access applications. */
export function ownerTag(owner: string): DesiredObject {
  const name = markTag(owner);
  return { address: { kind: 'cloudflare/access-tag', key: name }, spec: { name }, because: 'services' };
}
