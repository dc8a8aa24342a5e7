import {
  type FieldRule,
  type FieldTable,
  fieldMistake,
  numberWithin,
  oneOf,
  text,
} from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import type { Json, JsonObject } from '../../state/world.ts';
import { canonicalIpv6, isCloudflareAddress, isIpv4 } from './dns-address.ts';
import { hostContent } from './dns-name.ts';

/** The content of a record in the API's form. */
export interface Content {
  content: string;
  data: JsonObject | null;
  priority: number | null;
}

export interface ContentGiven {
  content?: unknown;
  data?: unknown;
  priority?: unknown;
}

/** Returns the content of a record of this type, or the mistake. */
export type ContentRule = (given: ContentGiven) => Content | string;

const byte = numberWithin(0, 255);
const short = numberWithin(0, 65535);

function plain(check: (content: string) => string | null, says: string): ContentRule {
  return ({ content, data }) => {
    if (data !== undefined && data !== null) return "'data' is not taken by this type: use 'content'";
    const canonical = typeof content === 'string' ? check(content) : null;
    return canonical === null ? says : { content: canonical, data: null, priority: null };
  };
}

function hostRule(type: string): ContentRule {
  return plain(hostContent, `Content for ${type} record is invalid.`);
}

function withPriority(rule: ContentRule): ContentRule {
  return (given) => {
    const content = rule(given);
    if (typeof content === 'string') return content;
    return short.holds(given.priority)
      ? { ...content, priority: given.priority as number }
      : 'priority is a required field: a number from 0 to 65535.';
  };
}

/**
 * A type that is written through `data` and whose `content` the server composes (facts §2). A body may also contain
 * `content`, without effect, since clients send back what they read.
 */
function structured(table: FieldTable, compose: (data: JsonObject) => string): ContentRule {
  return ({ data }) => {
    if (!isObject(data)) return `data is required, with ${Object.keys(table).join(', ')}.`;
    const missing = Object.keys(table).find((name) => !Object.hasOwn(data, name));
    const known = membersOf(table, data);
    const mistake = missing === undefined ? fieldMistake(known, table) : `'${missing}' is missing`;
    if (mistake !== null) return `data is invalid: ${mistake}.`;
    const members = withHostTarget(known);
    if (members === null) return 'data is invalid: target is not a host name.';
    return { content: compose(members), data: members, priority: null };
  };
}

/** The members of `data` that the type has; a number that came as text becomes a number. */
function membersOf(table: FieldTable, data: JsonObject): JsonObject {
  const known = Object.entries(table).filter(([name]) => Object.hasOwn(data, name));
  return Object.fromEntries(known.map(([name, rule]) => [name, numberFor(rule, data[name] ?? null)]));
}

function numberFor(rule: FieldRule, value: Json): Json {
  const isNumber = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
  return isNumber && !rule.holds(value) ? Number(value) : value;
}

/** Also shows the priority of `data` outside it, as only SRV does. */
function withPriorityOfData(rule: ContentRule): ContentRule {
  return (given) => {
    const content = rule(given);
    if (typeof content === 'string') return content;
    return { ...content, priority: Number(content.data?.priority) };
  };
}

function withHostTarget(data: JsonObject): JsonObject | null {
  if (typeof data.target !== 'string' || data.target.includes('://') || data.target === '.') return data;
  const target = hostContent(data.target);
  return target === null ? null : { ...data, target };
}

/** The members, separated by a space; an empty one leaves no space. */
function joined(...names: readonly string[]): (data: JsonObject) => string {
  return (data) =>
    names
      .map((name) => String(data[name]).trim())
      .filter((word) => word !== '')
      .join(' ');
}

function addressV4(content: string): string | null {
  return isIpv4(content) && !isCloudflareAddress(content) ? content : null;
}

/** A TXT record's text: at most 2,048 characters, plain or completely quoted, without a space at the end. */
function txtContent(content: string): string | null {
  if (content.length === 0 || content.length > 2048 || content.endsWith(' ')) return null;
  if (!content.startsWith('"')) return content;
  return /^"(?:[^"\\]|\\.){0,255}"(?:\s+"(?:[^"\\]|\\.){0,255}")*$/s.test(content) ? content : null;
}

const tlsaLike = { usage: byte, selector: byte, matching_type: byte, certificate: text };
const svcbLike = { priority: short, target: text, value: text };
const location = {
  lat_degrees: numberWithin(0, 90),
  lat_minutes: numberWithin(0, 59),
  lat_seconds: numberWithin(0, 59.999),
  lat_direction: oneOf('N', 'S'),
  long_degrees: numberWithin(0, 180),
  long_minutes: numberWithin(0, 59),
  long_seconds: numberWithin(0, 59.999),
  long_direction: oneOf('E', 'W'),
  altitude: numberWithin(-100_000, 42_849_672.95),
  size: numberWithin(0, 90_000_000),
  precision_horz: numberWithin(0, 90_000_000),
  precision_vert: numberWithin(0, 90_000_000),
};

/** Every record type, with the rule for its content. */
export const CONTENT_RULES: { readonly [type: string]: ContentRule } = {
  A: plain(addressV4, 'Content for A record must be a valid IPv4 address that is not one of Cloudflare.'),
  AAAA: plain(canonicalIpv6, 'Content for AAAA record must be a valid IPv6 address.'),
  CNAME: hostRule('CNAME'),
  MX: withPriority(
    plain((content) => (content === '.' ? '.' : hostContent(content)), 'Content for MX record is invalid.'),
  ),
  NS: hostRule('NS'),
  PTR: hostRule('PTR'),
  TXT: plain(txtContent, 'Content for TXT record is invalid: quotes must pair, 1 to 2048 characters.'),
  OPENPGPKEY: plain((content) => content || null, 'Content for OPENPGPKEY record is invalid.'),
  CAA: structured({ flags: byte, tag: text, value: text }, (d) => `${d.flags} ${d.tag} "${d.value}"`),
  CERT: structured(
    { type: short, key_tag: short, algorithm: byte, certificate: text },
    joined('type', 'key_tag', 'algorithm', 'certificate'),
  ),
  DNSKEY: structured(
    { flags: short, protocol: byte, algorithm: byte, public_key: text },
    joined('flags', 'protocol', 'algorithm', 'public_key'),
  ),
  DS: structured(
    { key_tag: short, algorithm: byte, digest_type: byte, digest: text },
    joined('key_tag', 'algorithm', 'digest_type', 'digest'),
  ),
  HTTPS: structured(svcbLike, joined('priority', 'target', 'value')),
  LOC: structured(
    location,
    (d) =>
      `${d.lat_degrees} ${d.lat_minutes} ${d.lat_seconds} ${d.lat_direction} ` +
      `${d.long_degrees} ${d.long_minutes} ${d.long_seconds} ${d.long_direction} ` +
      `${d.altitude}m ${d.size}m ${d.precision_horz}m ${d.precision_vert}m`,
  ),
  NAPTR: structured(
    { order: short, preference: short, flags: text, service: text, regex: text, replacement: text },
    (d) => `${d.order} ${d.preference} "${d.flags}" "${d.service}" "${d.regex}" ${d.replacement}`,
  ),
  SMIMEA: structured(tlsaLike, joined('usage', 'selector', 'matching_type', 'certificate')),
  SRV: withPriorityOfData(
    structured(
      { priority: short, weight: short, port: short, target: text },
      joined('weight', 'port', 'target'),
    ),
  ),
  SSHFP: structured(
    { algorithm: byte, type: byte, fingerprint: text },
    joined('algorithm', 'type', 'fingerprint'),
  ),
  SVCB: structured(svcbLike, joined('priority', 'target', 'value')),
  TLSA: structured(tlsaLike, joined('usage', 'selector', 'matching_type', 'certificate')),
  URI: withPriority(structured({ weight: short, target: text }, (d) => `${d.weight} "${d.target}"`)),
};

export const PROXIABLE_TYPES: readonly string[] = ['A', 'AAAA', 'CNAME'];
