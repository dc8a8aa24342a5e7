import { createHash } from 'node:crypto';
import type { JsonObject, Plan, Zone } from '../../state/world.ts';
import { requireId, tokenOf } from './accounts.ts';
import { paged } from './paging.ts';
import { legacyPermissions, refuseZoneList, seesZone } from './permission.ts';
import { okEnvelope } from './reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from './router.ts';

export const zoneRoutes: readonly CloudflareRoute[] = [
  ['GET', '/zones', listZones],
  ['GET', '/zones/{zone_id}', getZone],
];

const PLAN_NAMES: { readonly [plan in Plan]: string } = {
  free: 'Free Website',
  pro: 'Pro Website',
  business: 'Business Website',
  enterprise: 'Enterprise Website',
};

/** The zone of the path; refused like in `requireId` if the token cannot see it. */
export function requireZone(call: CloudflareCall, name = 'zone_id'): Zone {
  const id = param(call, name);
  const zone = call.world.zones.find((candidate) => candidate.id === id);
  if (zone === undefined) {
    requireId(
      id,
      call.world.zones.map((candidate) => candidate.id),
      `/zones/${id}`,
    );
    throw new Error('requireId let an unknown zone through');
  }
  return zone;
}

function zoneView({ world, bearer }: CloudflareCall, zone: Zone): JsonObject {
  if (zone.details !== undefined) {
    return { id: zone.id, name: zone.name, status: zone.status, ...zone.details };
  }
  const planId = createHash('sha256').update(`plan/${zone.plan}`).digest('hex').slice(0, 32);
  return {
    id: zone.id,
    name: zone.name,
    status: zone.status,
    paused: zone.paused === true,
    type: zone.type ?? 'full',
    development_mode: 0,
    name_servers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    created_on: zone.createdOn,
    modified_on: zone.createdOn,
    activated_on: zone.status === 'active' ? zone.createdOn : null,
    meta: {
      step: zone.status === 'active' ? 4 : 2,
      custom_certificate_quota: 0,
      page_rule_quota: 3,
      phishing_detected: false,
    },
    owner: { type: 'user' },
    account: { id: world.account.id, name: world.account.name },
    permissions: legacyPermissions(tokenOf(world, bearer)),
    plan: {
      id: planId,
      name: PLAN_NAMES[zone.plan],
      legacy_id: zone.plan,
      price: 0,
      currency: 'USD',
      frequency: '',
      is_subscribed: true,
      can_subscribe: false,
      legacy_discount: false,
      externally_managed: false,
    },
  };
}

function listZones(call: CloudflareCall) {
  const { world, query } = call;
  const token = tokenOf(world, call.bearer);
  if (query.get('name') === null) refuseZoneList(token);
  const seen = world.zones.filter((zone) => seesZone(token, zone));
  const asked: [string | null, (zone: Zone) => string][] = [
    [query.get('name')?.toLowerCase() ?? null, (zone) => zone.name],
    [query.get('status'), (zone) => zone.status],
    [query.get('account.id'), () => world.account.id],
    [query.get('account.name'), () => world.account.name],
  ];
  const filters = asked.filter(([value]) => value !== null);
  const hits = (zone: Zone) => filters.map(([value, of]) => of(zone) === value);
  const any = query.get('match') === 'any' && filters.length > 0;
  const found = seen.filter((zone) => (any ? hits(zone).some(Boolean) : hits(zone).every(Boolean)));
  const sorted = sortedZones(found, query);
  const { page, info } = paged(sorted, query, { perPage: 20, max: 50, min: 5, totalPages: true });
  return okEnvelope(
    page.map((zone) => zoneView(call, zone)),
    info,
  );
}

function sortedZones(zones: readonly Zone[], query: URLSearchParams): Zone[] {
  const key = query.get('order') === 'status' ? 'status' : 'name';
  const sign = query.get('direction') === 'desc' ? -1 : 1;
  return [...zones].sort((a, b) => sign * a[key].localeCompare(b[key]));
}

function getZone(call: CloudflareCall) {
  return okEnvelope(zoneView(call, requireZone(call)));
}
