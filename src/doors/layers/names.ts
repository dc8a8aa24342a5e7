import type { RecordPart, ZonePart } from '../../core/objects/parts/edge-parts.ts';
import { type Admission, everybody, unknown } from '../admission/admission.ts';
import { everyKey, recordKey } from '../state/places.ts';
import type { View } from '../state/view.ts';

/** The target to which a name leads visitors. */
export interface Lead {
  readonly when: Admission;
  /** Through Cloudflare's edge, with all its layers, or straight to the address. */
  readonly through: 'edge' | 'nothing';
  readonly end: End;
}

export type End =
  | { readonly at: 'tunnel'; readonly id: string }
  /** `http://192.0.2.1`, or `http://other.example.net` for a name outside the account. */
  | { readonly at: 'address'; readonly service: string }
  /** The target is unknown. */
  | { readonly at: 'anywhere' };

const tunnelSuffix = '.cfargotunnel.com';

/** The zone of the account that a name belongs to: the longest one that it is or lies below. */
export function zonePartOf(view: View, name: string): ZonePart | undefined {
  const zones = view.parts('zone', everyKey, (zone) => isWithin(name, zone.name));
  return zones.reduce<ZonePart | undefined>(
    (longest, zone) => (longest === undefined || zone.name.length > longest.name.length ? zone : longest),
    undefined,
  );
}

/**
 * The targets to which a host leads visitors, along CNAME records and wildcards (RFC 4592). A host outside the
 * account's zones leads nowhere: Cloudflare refuses a CNAME from another account (error 1014).
 */
export function leadsOf(view: View, host: string): readonly Lead[] {
  if (view.unread('zone') || view.unread('record'))
    return [...unknownLeads('not read', `records of ${host}`), ...leadsToTunnels(view, host)];
  const found = follow(view, host, [], false);
  if (found === 'delegated') return unknownLeads('delegated name', host);
  return found.flatMap(({ end, proxied }): readonly Lead[] => {
    // The documents mention tunnels only behind proxied names: an unproxied one resolves to no public address.
    if (end.at === 'tunnel' && !proxied) return [];
    return [{ when: everybody, through: proxied ? 'edge' : 'nothing', end }];
  });
}

/** Unknown records may lead anywhere, even past the edge. */
function unknownLeads(reason: string, about: string): readonly Lead[] {
  return [{ when: unknown(reason, about), through: 'nothing', end: { at: 'anywhere' } }];
}

/** Unread records may lead through the edge to any tunnel, where the gates of the host still ask. */
function leadsToTunnels(view: View, host: string): readonly Lead[] {
  const tunnels = view.unread('tunnel') ? ['any tunnel'] : view.parts('tunnel', everyKey).map(({ id }) => id);
  return tunnels.map((id) => ({
    when: unknown('not read', `records of ${host}, to ${id}`),
    through: 'edge',
    end: { at: 'tunnel', id },
  }));
}

interface Found {
  readonly end: End;
  readonly proxied: boolean;
}

/**
 * Cloudflare proxies a request if a hostname on the chain is proxied, and treats all addresses of a name as proxied if
 * one of them is (documents, "Proxy status").
 */
function follow(
  view: View,
  name: string,
  chain: readonly string[],
  proxiedBefore: boolean,
): readonly Found[] | 'delegated' {
  const zone = zonePartOf(view, name);
  if (zone === undefined) {
    if (chain.length === 0) return [];
    return [{ end: { at: 'address', service: `http://${name}` }, proxied: proxiedBefore }];
  }
  if (!zone.active || chain.includes(name)) return [];
  if (isDelegated(view, name, zone.name)) return 'delegated';
  const records = answersTo(view, name, zone.name).filter(({ type }) => /^(A|AAAA|CNAME)$/.test(type));
  const proxied = proxiedBefore || records.some((record) => record.proxied);
  const ends: Found[] = [];
  for (const record of records) {
    const { type, content } = record;
    if (content === undefined) continue;
    view.weigh?.({ layer: 'name', part: record, admits: everybody });
    if (type !== 'CNAME') {
      const address = type === 'AAAA' ? `[${content}]` : content;
      ends.push({ end: { at: 'address', service: `http://${address}` }, proxied });
    } else if (content.endsWith(tunnelSuffix)) {
      ends.push({ end: { at: 'tunnel', id: content.slice(0, -tunnelSuffix.length) }, proxied });
    } else {
      const further = follow(view, content, [...chain, name], proxied);
      if (further === 'delegated') return further;
      ends.push(...further);
    }
  }
  return ends;
}

/** The records of a name, or of the wildcard below its closest existing ancestor. */
function answersTo(view: View, name: string, zone: string): readonly RecordPart[] {
  const own = view.parts('record', recordKey(name, zone), (record) => isWithin(record.name, name));
  if (own.length > 0) return own.filter((record) => record.name === name);
  for (const ancestor of ancestorsOf(name, zone)) {
    const wildcard = `*.${ancestor}`;
    const found = view.parts('record', recordKey(wildcard, zone), (record) => record.name === wildcard);
    const exists = (record: RecordPart) => isWithin(record.name, ancestor);
    if (found.length > 0) return found;
    if (ancestor !== zone && view.parts('record', recordKey(ancestor, zone), exists).length > 0) return [];
  }
  return [];
}

/** Other name servers answer for names at or below an NS record, except for the zone's own NS records. */
function isDelegated(view: View, name: string, zone: string): boolean {
  const cuts = [name, ...ancestorsOf(name, zone)].filter((ancestor) => ancestor !== zone);
  return (
    view.parts('record', recordKey(name, zone), ({ type, name: at }) => type === 'NS' && cuts.includes(at))
      .length > 0
  );
}

/** `b.example.dev` and `example.dev` of `a.b.example.dev`, the closest one first. */
function ancestorsOf(name: string, zone: string): readonly string[] {
  const found: string[] = [];
  for (let rest = name; rest !== zone && rest.includes('.'); ) {
    rest = rest.slice(rest.indexOf('.') + 1);
    found.push(rest);
  }
  return found;
}

function isWithin(name: string, ancestor: string): boolean {
  return name === ancestor || name.endsWith(`.${ancestor}`);
}
