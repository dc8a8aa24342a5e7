import {
  type FieldTable,
  fieldMistake,
  flag,
  ignored,
  isStringArray,
  object,
  orNull,
  text,
  texts,
} from '../../state/field.ts';
import { newHex } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import { type DnsRecord, type JsonObject, timestamp, type World, type Zone } from '../../state/world.ts';
import { CloudflareApiError } from '../api/reply.ts';
import { CONTENT_RULES, PROXIABLE_TYPES } from './dns-content.ts';
import { contradictsName, recordName } from './dns-name.ts';
import { DNS_QUOTAS } from './dns-quota.ts';

const FIELDS: FieldTable = {
  type: text,
  name: text,
  ttl: { says: 'must be a number', holds: (value) => typeof value === 'number' },
  content: text,
  data: object,
  proxied: { says: 'value, must be a boolean', holds: flag.holds },
  priority: { says: 'must be a number', holds: (value) => typeof value === 'number' },
  comment: text,
  tags: orNull(texts),
  settings: object,
  private_routing: flag,
  id: ignored,
  created_on: ignored,
  modified_on: ignored,
  comment_modified_on: ignored,
  tags_modified_on: ignored,
  proxiable: ignored,
  meta: ignored,
};

/** A mistake in a body: `1004` with the reason in the chain, as in the API (facts §1). */
export function dnsMistake(code: number, message: string): CloudflareApiError {
  return new CloudflareApiError(400, {
    code: 1004,
    message: 'DNS Validation Error',
    error_chain: [{ code, message }],
  });
}

/** The body as an object with known fields of the right type; else the API's error. */
export function dnsBody(body: unknown): JsonObject {
  if (!isObject(body)) throw dnsMistake(9207, 'Request body is invalid.');
  if (Object.hasOwn(body, 'proxied') && typeof body.proxied !== 'boolean') {
    throw new CloudflareApiError(400, { code: 9003, message: "Invalid 'proxied' value, must be a boolean" });
  }
  const mistake = fieldMistake(body, FIELDS);
  if (mistake !== null) throw dnsMistake(9207, `Request body is invalid: ${mistake}.`);
  return body;
}

/**
 * The record of a complete body, checked and normalized but not yet compared with its neighbors. `before` is the
 * replaced record: nevertheless, omitted fields get their defaults.
 */
export function recordOf(world: World, zone: Zone, body: JsonObject, before?: DnsRecord): DnsRecord {
  const rule = typeof body.type === 'string' ? CONTENT_RULES[body.type] : undefined;
  if (typeof body.type !== 'string' || rule === undefined) throw dnsMistake(9004, 'Invalid record type.');
  if (before !== undefined && before.type !== body.type) {
    throw dnsMistake(9004, 'The type of a record cannot be changed.');
  }
  const name = typeof body.name === 'string' ? recordName(body.name, zone.name) : null;
  if (name === null) throw dnsMistake(9000, 'DNS name is invalid.');
  if (body.type === 'NS' && name === zone.name)
    throw dnsMistake(9000, 'NS records of the apex cannot be managed.');
  if (body.type === 'SRV' && isObject(body.data) && contradictsName(body.data, name, zone.name)) {
    throw dnsMistake(9005, "data is invalid: service, proto and name are not those of the record's name.");
  }
  const content = rule(body);
  if (typeof content === 'string') throw dnsMistake(9005, content);
  const proxied = body.proxied === true;
  if (proxied && !PROXIABLE_TYPES.includes(body.type)) {
    throw dnsMistake(9004, `This record type cannot be proxied.`);
  }
  const at = timestamp(world);
  const comment = commentOf(zone, body);
  const tags = tagsOf(zone, body);
  return {
    id: before?.id ?? newHex(world, 32),
    zoneId: zone.id,
    type: body.type,
    name,
    ...content,
    ttl: ttlOf(zone, body, proxied),
    proxied,
    comment,
    tags,
    settings: settingsOf(zone, body, proxied),
    privateRouting: privateRoutingOf(body),
    createdOn: before?.createdOn ?? at,
    modifiedOn: at,
    commentModifiedOn: comment === null ? null : comment === before?.comment ? before.commentModifiedOn : at,
    tagsModifiedOn:
      tags.length === 0 ? null : String(tags) === String(before?.tags) ? (before?.tagsModifiedOn ?? at) : at,
  };
}

/** The TTL; a proxied record always reads back 1. */
function ttlOf(zone: Zone, body: JsonObject, proxied: boolean): number {
  const least = DNS_QUOTAS[zone.plan].minimumTtl;
  const ttl = body.ttl;
  if (typeof ttl !== 'number' || (ttl !== 1 && (ttl < least || ttl > 86_400))) {
    throw dnsMistake(9021, `Invalid TTL. Must be between ${least} and 86400 seconds, or 1 for Automatic.`);
  }
  return proxied ? 1 : ttl;
}

/** The comment; null for an empty one. */
function commentOf(zone: Zone, body: JsonObject): string | null {
  const comment = typeof body.comment === 'string' && body.comment !== '' ? body.comment : null;
  const longest = DNS_QUOTAS[zone.plan].commentLength;
  if (comment !== null && [...comment].length > longest) {
    throw new CloudflareApiError(400, {
      code: 9313,
      message: `DNS record comment exceeds the maximum length of ${longest} characters.`,
    });
  }
  if (comment !== null && /[\r\n]/.test(comment))
    throw dnsMistake(9313, 'DNS record comment has a line break.');
  return comment;
}

function tagsOf(zone: Zone, body: JsonObject): string[] {
  const tags = isStringArray(body.tags) ? body.tags : [];
  const quota = DNS_QUOTAS[zone.plan].tags;
  if (tags.length > quota) {
    throw new CloudflareApiError(400, {
      code: 9300,
      message: `DNS record has ${tags.length} tags, exceeding the quota of ${quota}.`,
    });
  }
  if (!tags.every((tag) => /^[A-Za-z0-9_-]{1,32}(:[^\r\n]{0,100})?$/.test(tag))) {
    throw dnsMistake(9301, 'DNS record tag is invalid.');
  }
  return tags;
}

/** The settings that are true; flattening of a proxied record is silently dropped (facts §2). */
function settingsOf(zone: Zone, body: JsonObject, proxied: boolean): JsonObject {
  const given = isObject(body.settings) ? body.settings : {};
  const table: FieldTable =
    body.type === 'CNAME'
      ? { ipv4_only: flag, ipv6_only: flag, flatten_cname: flag }
      : { ipv4_only: flag, ipv6_only: flag };
  const mistake = fieldMistake(given, table);
  if (mistake !== null) throw dnsMistake(9207, `settings are invalid: ${mistake}.`);
  if (given.flatten_cname === true && zone.plan === 'free') {
    throw dnsMistake(9207, 'settings are invalid: flatten_cname needs a paid plan.');
  }
  const settings = Object.entries(given).filter(
    ([name, value]) => value === true && !(proxied && name === 'flatten_cname'),
  );
  return Object.fromEntries(settings);
}

function privateRoutingOf(body: JsonObject): boolean {
  if (body.private_routing === undefined) return false;
  if (body.type !== 'A' && body.type !== 'AAAA') throw dnsMistake(9207, 'private_routing is for A and AAAA.');
  return body.private_routing === true;
}

/** A record in every reply. */
export function recordView(record: DnsRecord): JsonObject {
  return {
    id: record.id,
    name: record.name,
    type: record.type,
    content: record.content,
    ...(record.priority === null ? {} : { priority: record.priority }),
    ...(record.data === null ? {} : { data: record.data }),
    proxiable: PROXIABLE_TYPES.includes(record.type),
    proxied: record.proxied,
    ttl: record.ttl,
    settings: record.settings,
    meta: {},
    comment: record.comment,
    tags: record.tags,
    ...(record.privateRouting ? { private_routing: true } : {}),
    created_on: record.createdOn,
    modified_on: record.modifiedOn,
    ...(record.commentModifiedOn === null ? {} : { comment_modified_on: record.commentModifiedOn }),
    ...(record.tagsModifiedOn === null ? {} : { tags_modified_on: record.tagsModifiedOn }),
  };
}

/** The record as the body that would write it, into which a PATCH is merged. */
export function recordBody(record: DnsRecord): JsonObject {
  const structured = record.data !== null;
  return {
    type: record.type,
    name: record.name,
    ttl: record.ttl,
    proxied: record.proxied,
    settings: record.settings,
    tags: record.tags,
    ...(record.comment === null ? {} : { comment: record.comment }),
    ...(structured ? { data: record.data } : { content: record.content }),
    ...(record.priority === null ? {} : { priority: record.priority }),
    ...(record.privateRouting ? { private_routing: true } : {}),
  };
}
