import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { decodeText, encodeText } from './text.ts';

/** What a record says, whichever way its type says it. */
export interface RecordValue {
  readonly content?: string;
  readonly data?: Readonly<Record<string, string | number>>;
}

/** How one type of record is told apart, compared and written. */
export interface RecordForm {
  /** A name has one record of this type at most. */
  readonly single?: true;
  readonly proxiable?: true;
  /** The record has a `priority` beside its content. */
  readonly priority?: true;
  /** Content in the one form in which two that mean the same are equal. Default: as it is. */
  readonly canonical?: (content: string) => string;
  /** Content as it is sent. Default: as it is. */
  readonly written?: (content: string) => string;
  /** For types written through `data`: the content that tells two of them apart. */
  readonly compose?: (data: Readonly<Record<string, string | number>>) => string;
  /** Fields of `data` that are hostnames. */
  readonly hosts?: readonly string[];
}

const forms: Readonly<Record<string, RecordForm>> = {
  A: { proxiable: true },
  AAAA: { proxiable: true, canonical: canonicalAddress },
  CNAME: { single: true, proxiable: true, canonical: canonicalName },
  TXT: { canonical: decodeText, written: (content) => encodeText(decodeText(content)) },
  MX: { priority: true, canonical: canonicalName },
  SRV: { compose: (data) => `${data.weight} ${data.port} ${data.target}`, hosts: ['target'] },
  CAA: { compose: (data) => `${data.flags} ${data.tag} "${data.value}"` },
  NS: { canonical: canonicalName },
  PTR: { canonical: canonicalName },
  SOA: { single: true },
};

/** The row of a type; a type without a row is compared as it stands. */
export function recordForm(type: string): RecordForm {
  return forms[type] ?? {};
}

/** Lower case, Punycode, no final dot: the form in which the API returns names. */
export function canonicalName(name: string): string {
  const bare = name.replace(/\.$/, '').toLowerCase();
  return domainToASCII(bare) || bare;
}

/** `data` with its hostnames in canonical form; fields that the type's row does not name stay as they are. */
export function canonicalData(
  type: string,
  data: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string | number>> {
  const hosts = recordForm(type).hosts ?? [];
  const entries = Object.entries(data).map(([field, value]) =>
    hosts.includes(field) && typeof value === 'string' ? [field, canonicalName(value)] : [field, value],
  );
  return Object.fromEntries(entries);
}

/** The content that tells records of one name and type apart, in canonical form. */
export function canonicalContent(record: RecordValue & { readonly type: string }): string {
  const form = recordForm(record.type);
  if (form.compose !== undefined && record.data !== undefined) {
    return form.compose(canonicalData(record.type, record.data));
  }
  const content = record.content ?? '';
  return form.canonical === undefined ? content : form.canonical(content);
}

function canonicalAddress(address: string): string {
  return ipaddr.IPv6.isValid(address) ? ipaddr.IPv6.parse(address).toRFC5952String() : address;
}
