import { dnsRecordKey } from '../../reconcilers/cloudflare/dns/dns-record.ts';
import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import type { Config } from '../config/model/config.ts';
import type { PlainRecord } from '../config/model/plain-record.ts';
import type { DesiredObject } from '../core/objects/object.ts';
import type { Linked } from '../core/objects/reference.ts';
import { zoneId } from './terms/addresses.ts';

/** The plain records of the `dns` section. */
export function compileRecords({ records }: Pick<Config, 'records'>): readonly DesiredObject[] {
  return records.map(plainRecord);
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
    ...(record.comment !== undefined && { comment: record.comment }),
    ...(record.tags !== undefined && { tags: record.tags }),
  };
  return {
    address: { kind: 'cloudflare/dns-record', key: dnsRecordKey({ type, name, ...value }) },
    spec,
    ...(record.ignore.length > 0 && { ignore: record.ignore }),
    ...(record.protect && { protect: 'record' }),
    because: `dns.${zone}`,
  };
}
