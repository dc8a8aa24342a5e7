import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import type { Observed } from '../core/objects/object.ts';
import { type HostGround, type ImportedHost, importedHost } from './hosts.ts';
import { tunnelOf } from './records.ts';
import { type Expressed, expressed } from './terms/inexpressible.ts';
import type { LiveObjects } from './terms/live-objects.ts';
import { naturalOrder } from './terms/natural-order.ts';
import type { ResourceLabel } from './terms/resource-label.ts';
import { inOrderOfState } from './terraform/labeled-entries.ts';

/** A record that leads a host into a tunnel. */
type HostRecord = Observed<DnsRecordSpec>;

/** A host of a record, as the file would have it. */
export interface ReadHost {
  readonly record: HostRecord;
  readonly host: string;
  /** The name of its service. */
  readonly name: string;
  readonly result: Expressed<ImportedHost>;
  /** The reason why it is left out, whatever was read. */
  readonly reason: string | undefined;
}

/** The records that lead hosts into tunnels, in the order of the Terraform state, the others sorted by zone and name. */
export function hostRecords(
  live: LiveObjects,
  knownRecords: ReadonlySet<string>,
  labelsAt: ReadonlyMap<string, readonly ResourceLabel[]>,
): readonly HostRecord[] {
  const sorted = live
    .of('cloudflare/dns-record')
    .filter((record) => tunnelOf(record) !== undefined && !knownRecords.has(record.address.key))
    .sort(
      ({ spec: left }, { spec: right }) =>
        naturalOrder(left.zone, right.zone) || naturalOrder(left.name, right.name),
    );
  return inOrderOfState(sorted, ({ spec }) => labelsAt.get(spec.name)?.[0]);
}

/** Reads the host of each record. `services` has the name of the service at each host, `excluded` the reasons of checks. */
export function readHosts(
  records: readonly HostRecord[],
  ground: HostGround,
  services: ReadonlyMap<string, string>,
  excluded: ReadonlyMap<string, string>,
): readonly ReadHost[] {
  return records.map((record) => {
    const host = record.spec.name;
    const other = ground.live.otherOwnerOf(record);
    const reason = other === undefined ? excluded.get(host) : `it belongs to the owner ${other}`;
    const result = expressed(() => importedHost(record, ground));
    return { record, host, name: services.get(host) ?? host, result, reason };
  });
}
