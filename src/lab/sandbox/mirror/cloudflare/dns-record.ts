import { CONTENT_RULES } from '../../cloudflare/dns/dns-content.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import { type Copy, has } from '../rows/copy.ts';
import { numberOf, put, textOf, textsOf, wordOf } from '../rows/row.ts';

/** The inverse of `recordView`; a record of a type that nobody can write here is kept nevertheless. */
export function readRecord(copy: Copy, object: JsonObject, [zoneId = '']: readonly string[]): void {
  const { world, omissions } = copy;
  if (!has(copy, 'DNS record', object, 'id', 'type', 'name')) return;
  const { id, type, name } = object;
  if (CONTENT_RULES[type] === undefined) {
    omissions.say(`DNS record ${type} ${name}: records of this type can be read and not written`);
  }
  const createdOn = wordOf(object.created_on) ?? world.account.createdOn;
  put(world.records, 'id', {
    id,
    zoneId,
    type,
    name,
    content: textOf(object.content) ?? '',
    ttl: numberOf(object.ttl) ?? 1,
    proxied: object.proxied === true,
    priority: numberOf(object.priority) ?? null,
    data: isObject(object.data) ? object.data : null,
    comment: wordOf(object.comment) ?? null,
    tags: textsOf(object.tags),
    settings: isObject(object.settings) ? object.settings : {},
    privateRouting: object.private_routing === true,
    createdOn,
    modifiedOn: wordOf(object.modified_on) ?? createdOn,
    commentModifiedOn: wordOf(object.comment_modified_on) ?? null,
    tagsModifiedOn: wordOf(object.tags_modified_on) ?? null,
  });
}
