import type { OriginPart } from '../../../../src/core/objects/parts/tunnel-parts.ts';
import { loginHost } from '../../../../src/lab/sandbox/edge/origin/traefik-origin.ts';
import type { Origin, World } from '../../../../src/lab/sandbox/state/world.ts';

/** The parts of a world's origins, as if each had been checked from outside. */
export function originParts(world: World): readonly OriginPart[] {
  const services = new Set(
    world.tunnels.flatMap(({ versions }) =>
      versions.flatMap(({ config }) => (config.ingress ?? []).map(({ service }) => service)),
    ),
  );
  const addresses = world.records.filter(({ type }) => ['A', 'AAAA', 'CNAME'].includes(type));
  for (const { content } of addresses)
    if (!content.endsWith('.cfargotunnel.com')) services.add(addressOf(content));
  const urls = [...services].filter((service) => !service.startsWith('http_status:'));
  return urls.flatMap((service) => partsOfOrigin(world, service));
}

/** The target of a record, as the model writes it. */
export function addressOf(content: string): string {
  return `http://${content.includes(':') ? `[${content}]` : content}`.toLowerCase();
}

function partsOfOrigin(world: World, service: string): readonly OriginPart[] {
  const url = service.toLowerCase().replace(/\/+$/, '').replace(/:80$/, '');
  const told = world.origins.find((origin) => origin.url.replace(/:80$/, '') === url);
  const { hostname } = URL.canParse(service) ? new URL(service) : { hostname: '' };
  const kind = told?.kind ?? kindByName(hostname);
  const trusts = told?.trustForwarded ?? false;
  const base = { part: 'origin', service, trustsForwarded: trusts } as const;
  const outpost = outpostId(world, told?.outpost);
  const logins = [...new Set(world.zones.map(({ name }) => loginHost(world, name)))];
  const asksAuthentik = { who: 'authentik', outpost } as const;
  if (kind === 'authentik') return [{ ...base, hosts: undefined, asks: asksAuthentik }];
  // Authentik answers at its own host, whatever else the origin is.
  const own: OriginPart = { ...base, hosts: logins, asks: asksAuthentik };
  if (told?.hooks !== undefined || hostname.startsWith('gates'))
    return [{ ...base, hosts: undefined, asks: { who: 'itself' } }];
  return [own, ...forwarding(base, outpost, told), { ...base, hosts: undefined, asks: { who: 'nobody' } }];
}

function forwarding(
  base: Pick<OriginPart, 'part' | 'service' | 'trustsForwarded'>,
  outpost: string,
  told: Origin | undefined,
): readonly OriginPart[] {
  if (told?.kind !== 'traefik') return [];
  const verified = Object.keys(told.verify ?? {});
  const itself: OriginPart = { ...base, hosts: verified, asks: { who: 'itself' } };
  const asks = { who: 'outpost', outpost } as const;
  const hosts = told.forwardAuth === 'all' ? undefined : told.forwardAuth;
  return [...(verified.length > 0 ? [itself] : []), ...(hosts === 'none' ? [] : [{ ...base, hosts, asks }])];
}

function kindByName(hostname: string): Origin['kind'] {
  return (['traefik', 'authentik'] as const).find((name) => hostname.startsWith(name)) ?? 'application';
}

function outpostId({ authentik }: World, name: string | undefined): string {
  const found =
    name === undefined ? authentik.outposts[0] : authentik.outposts.find((row) => row.name === name);
  return found?.pk ?? '';
}
