import { type DnsRecordSpec, dnsRecordKey } from '../../reconcilers/cloudflare/dns-record.ts';
import type { Config, PlainRecord, RecordType } from '../config/config.ts';
import type { DesiredObject } from '../core/object.ts';
import type { Linked } from '../core/reference.ts';
import { zoneId } from './addresses.ts';

const built: ReadonlySet<RecordType> = new Set(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT']);

/** The plain records of the `dns` section, and a warning for each whose type is not built. */
export function compileRecords({ records }: Pick<Config, 'records'>): {
  readonly objects: readonly DesiredObject[];
  readonly warnings: readonly string[];
} {
  return {
    objects: records.filter(({ type }) => built.has(type)).map(plainRecord),
    warnings: records
      .filter(({ type }) => !built.has(type))
      .map(({ type, name }) => `dns: ${type} records are not built in this version, ${name} is left out`),
  };
}

function plainRecord(record: PlainRecord): DesiredObject {
  const { zone, type, name, content, data, priority, ttl, proxied } = record;
  const value = { ...(content !== undefined && { content }), ...(data !== undefined && { data }) };
  const spec: Linked<DnsRecordSpec> = {
    zone,
    zoneId: zoneId(zone),
    type,
    name,
    ...value,
    ...(priority !== undefined && { priority }),
    ttl: proxied ? 1 : ttl,
    proxied,
    comment: record.comment ?? '',
  };
  return {
    address: { kind: 'cloudflare/dns-record', key: dnsRecordKey({ type, name, ...value }) },
    spec,
    because: `dns.${zone}`,
  };
}
