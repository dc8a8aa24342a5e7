import type { DnsRecord, World, Zone } from '../../state/world.ts';

/** The answer of the zone's name servers and the edge for a host. */
export type Resolution =
  | { kind: 'unresolved' }
  | { kind: 'tunnel'; record: DnsRecord; tunnelId: string }
  | { kind: 'address'; record: DnsRecord; content: string; proxied: boolean };

/** The records of a world by name; valid as long as no record changes. */
export interface RecordIndex {
  byName: Map<string, DnsRecord[]>;
  /** Names that exist: every name with a record, and all its ancestors (RFC 4592 §2.2.2). */
  existing: Set<string>;
}

const UNRESOLVED: Resolution = { kind: 'unresolved' };
const TUNNEL_SUFFIX = '.cfargotunnel.com';
const LONGEST_CHAIN = 8;

export function indexRecords(world: World): RecordIndex {
  const byName = new Map<string, DnsRecord[]>();
  const existing = new Set<string>(world.zones.map((zone) => zone.name));
  for (const record of world.records) {
    const same = byName.get(record.name);
    if (same) same.push(record);
    else byName.set(record.name, [record]);
    for (let name = record.name; name.includes('.') && !existing.has(name); name = parentOf(name)) {
      existing.add(name);
    }
  }
  return { byName, existing };
}

/**
 * Resolves `host` (lower case, no port) like the zone's own name servers, wildcards by RFC 4592, and says whether the
 * edge is in front of it. A zone that is not active answers nothing.
 */
export function resolveHost(world: World, index: RecordIndex, host: string): Resolution {
  return follow(world, index, host, false, LONGEST_CHAIN);
}

function follow(world: World, index: RecordIndex, host: string, proxied: boolean, hops: number): Resolution {
  const zone = zoneOf(world, host);
  if (zone?.status !== 'active' || hops === 0) return UNRESOLVED;
  const records = recordsFor(index, zone, host);
  const record =
    records.find((candidate) => candidate.type === 'CNAME') ??
    records.find((candidate) => candidate.type === 'A' || candidate.type === 'AAAA');
  if (!record) return UNRESOLVED;
  const throughEdge = proxied || record.proxied;
  if (record.type !== 'CNAME') {
    return { kind: 'address', record, content: record.content, proxied: throughEdge };
  }
  const target = record.content.toLowerCase();
  if (target.endsWith(TUNNEL_SUFFIX)) {
    // Such names have addresses only inside Cloudflare, so nothing reaches them except through the edge.
    if (!throughEdge) return UNRESOLVED;
    return { kind: 'tunnel', record, tunnelId: target.slice(0, -TUNNEL_SUFFIX.length) };
  }
  if (zoneOf(world, target)) return follow(world, index, target, throughEdge, hops - 1);
  return { kind: 'address', record, content: record.content, proxied: throughEdge };
}

function zoneOf(world: World, host: string): Zone | undefined {
  let best: Zone | undefined;
  for (const zone of world.zones) {
    const inside = host === zone.name || host.endsWith(`.${zone.name}`);
    if (inside && (!best || zone.name.length > best.name.length)) best = zone;
  }
  return best;
}

/** The records for `host`: its own, or those of the wildcard at its closest existing ancestor. */
function recordsFor(index: RecordIndex, zone: Zone, host: string): DnsRecord[] {
  if (isDelegated(index, zone, host)) return [];
  const own = index.byName.get(host);
  if (own) return own;
  if (index.existing.has(host)) return [];
  for (let parent = parentOf(host); parent.length >= zone.name.length; parent = parentOf(parent)) {
    const wildcard = index.byName.get(`*.${parent}`);
    if (wildcard) return wildcard;
    if (index.existing.has(parent)) return [];
  }
  return [];
}

/** True if other name servers answer, below an NS record that is not the zone's own; the sandbox has none. */
function isDelegated(index: RecordIndex, zone: Zone, host: string): boolean {
  for (let name = host; name.length > zone.name.length; name = parentOf(name)) {
    if (index.byName.get(name)?.some((record) => record.type === 'NS')) return true;
  }
  return false;
}

function parentOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}
