import { canonicalContent, canonicalName, recordForm } from './dns/record-form.ts';

/** One DNS record. Types written through `data` have no `content`, and the other way round. */
export interface DnsRecordSpec {
  /** Name of the zone. */
  readonly zone: string;
  readonly zoneId: string;
  /** Upper case: `CNAME`. */
  readonly type: string;
  /** In full: `www.example.dev`; `*.example.dev` for a wildcard. */
  readonly name: string;
  /** For TXT the text itself, without quotes. */
  readonly content?: string;
  /** For CAA `{ flags, tag, value }`, for SRV `{ priority, weight, port, target }`. */
  readonly data?: Readonly<Record<string, string | number>>;
  /** MX only. */
  readonly priority?: number;
  /** Seconds; 1 means that Cloudflare chooses, which it always does for a proxied record. */
  readonly ttl: number;
  readonly proxied: boolean;
  /** The author's own part, without the owner's marker. */
  readonly comment: string;
}

/**
 * `CNAME www.example.dev` for types that have one record a name, `MX example.dev mail.example.net` for those
 * that have several, which only their content tells apart. Needs no content for the former.
 */
export function dnsRecordKey(
  record: Pick<DnsRecordSpec, 'type' | 'name'> & Partial<Pick<DnsRecordSpec, 'content' | 'data'>>,
): string {
  const single = `${record.type} ${canonicalName(record.name)}`;
  return recordForm(record.type).single ? single : `${single} ${canonicalContent(record)}`;
}
