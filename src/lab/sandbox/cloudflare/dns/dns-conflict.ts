import type { DnsRecord, Zone } from '../../state/world.ts';
import { CloudflareApiError } from '../api/reply.ts';
import { DNS_QUOTAS } from './dns-quota.ts';
import { dnsMistake } from './dns-record.ts';

const ADDRESS_TYPES = ['A', 'AAAA', 'CNAME'];
/** The code for an identical record. */
export const IDENTICAL = 81058;
/** The most characters of all TXT records with one name. */
const TXT_TOTAL = 8192;

/** Refuses a record that conflicts with others of its zone (facts §2); `others` does not contain it. */
export function refuseConflict(record: DnsRecord, others: readonly DnsRecord[]): void {
  const beside = others.filter((other) => other.zoneId === record.zoneId && other.name === record.name);
  const identical = beside.some((other) => other.type === record.type && other.content === record.content);
  if (identical) throw conflict(IDENTICAL, 'An identical record already exists.');
  if (record.type === 'CNAME' && beside.some((other) => ADDRESS_TYPES.includes(other.type))) {
    throw conflict(81053, 'An A, AAAA, or CNAME record with that host already exists.');
  }
  if (ADDRESS_TYPES.includes(record.type) && beside.some((other) => other.type === 'CNAME')) {
    throw conflict(
      81054,
      'A CNAME record with that host already exists. For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.',
    );
  }
  // A DS record exists only where a zone is delegated (RFC 4035, 2.4).
  const alone = (one: DnsRecord, other: DnsRecord) => one.type === 'NS' && !['NS', 'DS'].includes(other.type);
  if (beside.some((other) => alone(record, other) || alone(other, record))) {
    throw conflict(81056, 'NS records with that host cannot exist beside other records.');
  }
  refuseTooMuchTxt(record, beside);
}

function refuseTooMuchTxt(record: DnsRecord, others: readonly DnsRecord[]): void {
  if (record.type !== 'TXT') return;
  const total = others
    .filter((other) => other.type === 'TXT')
    .reduce((sum, other) => sum + other.content.length, record.content.length);
  if (total > TXT_TOTAL) throw dnsMistake(9207, `TXT records of one name exceed ${TXT_TOTAL} characters.`);
}

/** Refuses a record beyond the limit of the zone's plan. */
export function refuseOverQuota(zone: Zone, records: readonly DnsRecord[]): void {
  const count = records.filter((record) => record.zoneId === zone.id).length;
  if (count > DNS_QUOTAS[zone.plan].records) throw conflict(81045, 'Record quota exceeded.');
}

function conflict(code: number, message: string): CloudflareApiError {
  return new CloudflareApiError(400, { code, message });
}
