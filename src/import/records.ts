import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import type * as file from '../../schema/generated/config.ts';
import { grouped } from '../core/objects/grouped.ts';
import type { Observed } from '../core/objects/object.ts';
import type { LeftOut } from './terms/draft.ts';
import type { LiveObjects } from './terms/live-objects.ts';
import { naturalOrder } from './terms/natural-order.ts';
import type { LabelSource, ResourceLabel } from './terms/resource-label.ts';
import { inOrderOfState } from './terraform/labeled-entries.ts';

type Live = Observed<DnsRecordSpec>;

/** A record that leads into no tunnel, and what a Terraform state says of it. */
interface PlainRecord {
  readonly id: string;
  readonly record: file.DnsRecord;
  readonly label: ResourceLabel | undefined;
}

/** The plain records of a zone, as the file has them, with the id of each. */
export interface ZoneRecords {
  readonly zone: string;
  readonly records: readonly PlainRecord[];
}

/** The record that leads a host into a tunnel, by the id of the tunnel. */
export function tunnelOf({ spec }: Live): string | undefined {
  if (spec.type !== 'CNAME') return undefined;
  return /^([0-9a-f-]+)\.cfargotunnel\.com$/.exec(spec.content ?? '')?.[1];
}

interface RecordGround {
  /** Ids of records that are left out, each with the reason. */
  readonly excluded: ReadonlyMap<string, string>;
  /** The keys of the records that a file has already. */
  readonly known: ReadonlySet<string>;
  readonly labels: LabelSource;
}

/** The records that lead into no tunnel, by zone, in the order of the Terraform state, the others sorted by name. */
export function plainRecords(
  live: LiveObjects,
  { excluded, known, labels }: RecordGround,
): { readonly zones: readonly ZoneRecords[]; readonly leftovers: readonly LeftOut[] } {
  const plain = live
    .of('cloudflare/dns-record')
    .filter(
      (record) => tunnelOf(record) === undefined && !isDelegation(record) && !known.has(record.address.key),
    );
  const own = plain.filter((record) => live.otherOwnerOf(record) === undefined);
  const others = grouped(plain, (record) => live.otherOwnerOf(record));
  const zones = live.scope.zones.flatMap((zone) => {
    const sorted = own
      .filter(({ id, spec }) => spec.zone === zone && !excluded.has(id))
      .sort((left, right) => naturalOrder(sortKey(left), sortKey(right)))
      .map((each) => ({ id: each.id, record: recordOf(each.spec), label: labels.of(each) }));
    const records = inOrderOfState(sorted, ({ label }) => label);
    return records.length === 0 ? [] : [{ zone, records }];
  });
  return {
    zones,
    leftovers: [
      ...[...others].flatMap(([owner, records]) =>
        owner === undefined
          ? []
          : [leftover(`${records.length} DNS records`, `they belong to the owner ${owner}`)],
      ),
      ...own.flatMap(({ id, address }) => {
        const reason = excluded.get(id);
        return reason === undefined ? [] : [leftover(address.key, reason)];
      }),
    ],
  };
}

/** The name servers of the zone itself, which Cloudflare decides. */
function isDelegation({ spec: { type, name, zone } }: Live): boolean {
  return (type === 'NS' || type === 'SOA') && name === zone;
}

function leftover(what: string, reason: string): LeftOut {
  return { section: 'dns', what, reason };
}

function sortKey({ spec: { name, zone, type, content = '' } }: Live): string {
  return [name === zone ? '' : name, type, content].join(' ');
}

function recordOf(spec: DnsRecordSpec): file.DnsRecord {
  const { zone, type, name, content, data, priority, ttl, proxied, comment, tags = [], protect } = spec;
  return {
    name: name === zone ? '@' : name.slice(0, -zone.length - 1),
    type: type as file.DnsRecord['type'],
    ...(data === undefined ? { content: content ?? '' } : { data: { ...data } }),
    ...(priority !== undefined && { priority }),
    ...(!proxied && ttl !== 1 && { ttl }),
    ...(proxied && { proxied }),
    ...(comment !== undefined && comment !== '' && { comment }),
    ...(tags.length > 0 && { tags: [...tags] }),
    ...(protect === 'record' && { protect: true }),
  };
}
