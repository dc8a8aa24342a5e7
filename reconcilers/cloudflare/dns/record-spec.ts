import type { ProtectedEntry } from '../../../src/core/objects/protection.ts';
import { canonicalName } from './record-form.ts';

/** One DNS record. It has either `content` or, for types written through `data`, `data`. */
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
  /** The content in parts, as the API names them: for CAA `{ flags, tag, value }`. */
  readonly data?: Readonly<Record<string, string | number>>;
  /** MX and URI only. */
  readonly priority?: number;
  /** Seconds; 1 means that Cloudflare chooses, which it always does for a proxied record. */
  readonly ttl: number;
  readonly proxied: boolean;
  /** The author's own text, without the owner's marker. Desired and absent: the text that is there stays. */
  readonly comment?: string;
  /** `name:value`, names in lower case; only on a paid plan. Absent: none, or gates does not decide them. */
  readonly tags?: readonly string[];
  /** The entry that the mark protects. Desired: `none` removes the protection; absent: it is kept. */
  readonly protect?: ProtectedEntry | 'none';
}

/** The name servers and the SOA of the zone itself: never ours, whatever their comment says. */
export function isDelegation({ type, name, zone: zoneName }: DnsRecordSpec): boolean {
  return (type === 'NS' || type === 'SOA') && canonicalName(name) === canonicalName(zoneName);
}
