import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { decodeText, encodeText } from './text.ts';

/** The content of a record, in either form that its type may use. */
export interface RecordValue {
  readonly content?: string;
  readonly data?: Readonly<Record<string, string | number>>;
}

/** The rules by which records of one type are identified, compared and written. */
export interface RecordForm {
  /** A name has at most one record of this type. */
  readonly single?: true;
  readonly proxiable?: true;
  /** The record has a `priority` in addition to its content. */
  readonly priority?: true;
  /** The canonical form of content, equal for contents that mean the same. Default: unchanged. */
  readonly canonical?: (content: string) => string;
  /** The content as it is sent. Default: unchanged. */
  readonly written?: (content: string) => string;
  /** For types written through `data`: the content that distinguishes two records. */
  readonly compose?: (data: Readonly<Record<string, string | number>>) => string;
  /** The canonical form of each field of `data` that has several spellings. */
  readonly parts?: Readonly<Record<string, (part: string) => string>>;
}

const binding: RecordForm = {
  compose: fields('priority', 'target', 'value'),
  parts: { target: canonicalName, value: canonicalParameters },
};

const forms: Readonly<Record<string, RecordForm>> = {
  A: { proxiable: true },
  AAAA: { proxiable: true, canonical: canonicalAddress },
  CNAME: { single: true, proxiable: true, canonical: canonicalName },
  TXT: { canonical: decodeText, written: (content) => encodeText(decodeText(content)) },
  MX: { priority: true, canonical: canonicalName },
  SRV: { compose: fields('weight', 'port', 'target'), parts: { target: canonicalName } },
  CAA: { compose: (data) => `${data.flags} ${data.tag} "${data.value}"` },
  NS: { canonical: canonicalName },
  PTR: { canonical: canonicalName },
  SOA: { single: true },
  HTTPS: binding,
  SVCB: binding,
  TLSA: {
    compose: fields('usage', 'selector', 'matching_type', 'certificate'),
    parts: { certificate: lowerCase },
  },
  SSHFP: { compose: fields('algorithm', 'type', 'fingerprint'), parts: { fingerprint: lowerCase } },
  DS: { compose: fields('key_tag', 'algorithm', 'digest_type', 'digest'), parts: { digest: lowerCase } },
  URI: { priority: true, compose: (data) => `${data.weight} "${data.target}"` },
  NAPTR: {
    compose: (data) =>
      `${data.order} ${data.preference} "${data.flags}" "${data.service}" "${data.regex}" ${data.replacement}`,
    parts: { replacement: canonicalName },
  },
  LOC: {
    compose: (data) =>
      `${data.lat_degrees} ${data.lat_minutes} ${data.lat_seconds} ${data.lat_direction} ` +
      `${data.long_degrees} ${data.long_minutes} ${data.long_seconds} ${data.long_direction} ` +
      `${data.altitude}m ${data.size}m ${data.precision_horz}m ${data.precision_vert}m`,
  },
};

/** The form of a type; records of an unlisted type are compared unchanged. */
export function recordForm(type: string): RecordForm {
  return forms[type] ?? {};
}

/** A name in the form that the API returns: lower case, Punycode, no final dot. The root is a single dot. */
export function canonicalName(name: string): string {
  if (name === '.') return name;
  const bare = name.replace(/\.$/, '').toLowerCase();
  return domainToASCII(bare) || bare;
}

/** Tags, sorted and with lower-case names, since neither order nor case matters. */
export function canonicalTags(tags: readonly string[]): readonly string[] {
  const lower = tags.map((tag) => tag.replace(/^[^:]*/, (name) => name.toLowerCase()));
  return [...new Set(lower)].sort();
}

/** `data` with its parts in canonical form; fields that the type's row does not name are unchanged. */
export function canonicalData(
  type: string,
  data: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string | number>> {
  const { parts = {} } = recordForm(type);
  const entries = Object.entries(data).map(([field, value]) => {
    const canonical = parts[field];
    return [field, canonical === undefined || typeof value !== 'string' ? value : canonical(value)];
  });
  return Object.fromEntries(entries);
}

/** The content that distinguishes records of one name and type, in canonical form. */
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

function fields(...names: readonly string[]): NonNullable<RecordForm['compose']> {
  return (data) => names.map((name) => String(data[name])).join(' ');
}

function lowerCase(digits: string): string {
  return digits.toLowerCase();
}

/**
 * The parameters of an HTTPS or SVCB record: sorted by name, every value in quotes; their order has no meaning (RFC
 * 9460, 2.1).
 */
function canonicalParameters(value: string): string {
  const parameters = value.match(/[^\s="]+(?:="(?:[^"\\]|\\.)*"|=[^\s"]*)?/g) ?? [];
  return parameters
    .map((parameter) => {
      const [, name = '', given] = /^([^=]+)(?:=(.*))?$/s.exec(parameter) ?? [];
      const key = name.toLowerCase();
      return given === undefined ? key : `${key}="${given.replace(/^"(.*)"$/s, '$1')}"`;
    })
    .sort()
    .join(' ');
}
