import { fieldMistake, ignored, text } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import { type AccessTag, type JsonObject, timestamp, type World } from '../../state/world.ts';
import { requireAccount } from '../api/accounts.ts';
import { paged } from '../api/paging.ts';
import {
  accepted,
  CloudflareApiError,
  type CloudflareReply,
  createdEnvelope,
  invalidAccessRequest,
  okEnvelope,
} from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';

export const accessTagRoutes: readonly CloudflareRoute[] = [
  ['GET', '/accounts/{account_id}/access/tags', listTags],
  ['POST', '/accounts/{account_id}/access/tags', createTag],
  ['GET', '/accounts/{account_id}/access/tags/{tag_name}', getTag],
  ['PUT', '/accounts/{account_id}/access/tags/{tag_name}', renameTag],
  ['DELETE', '/accounts/{account_id}/access/tags/{tag_name}', deleteTag],
];

function view(world: World, tag: AccessTag): JsonObject {
  return {
    name: tag.name,
    app_count: appsWith(world, tag.name),
    created_at: tag.createdAt,
    updated_at: tag.updatedAt,
  };
}

function appsWith(world: World, name: string): number {
  return world.apps.filter((app) => app.tags.includes(name)).length;
}

function find(call: CloudflareCall): AccessTag {
  requireAccount(call);
  const tag = call.world.tags.find((candidate) => candidate.name === param(call, 'tag_name'));
  if (tag === undefined)
    throw new CloudflareApiError(404, { code: 12087, message: 'access.api.error.tag_not_found' });
  return tag;
}

/** A name that no other tag has. */
function freeName(call: CloudflareCall, own?: AccessTag): string {
  const body = isObject(call.body) ? call.body : {};
  const mistake = fieldMistake(body, {
    name: text,
    app_count: ignored,
    created_at: ignored,
    updated_at: ignored,
  });
  if (mistake !== null) throw invalidAccessRequest(mistake);
  if (typeof body.name !== 'string' || body.name === '' || body.name.length > 350) {
    throw invalidAccessRequest('tag name must have 1 to 350 characters');
  }
  if (call.world.tags.some((tag) => tag !== own && tag.name === body.name)) {
    throw new CloudflareApiError(409, { code: 12088, message: 'access.api.error.tag_already_exists' });
  }
  return body.name;
}

function listTags(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const { page, info } = paged(call.world.tags, call.query, { perPage: 50, max: 1000, totalPages: true });
  return okEnvelope(
    page.map((tag) => view(call.world, tag)),
    info,
  );
}

function createTag(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const name = freeName(call);
  const at = timestamp(call.world);
  const tag: AccessTag = { name, createdAt: at, updatedAt: at };
  call.world.tags.push(tag);
  return createdEnvelope(view(call.world, tag));
}

function getTag(call: CloudflareCall): CloudflareReply {
  return okEnvelope(view(call.world, find(call)));
}

/** Renames a tag, also on its applications. */
function renameTag(call: CloudflareCall): CloudflareReply {
  const tag = find(call);
  const name = freeName(call, tag);
  for (const app of call.world.apps) {
    app.tags = app.tags.map((other) => (other === tag.name ? name : other)).sort();
  }
  tag.name = name;
  tag.updatedAt = timestamp(call.world);
  return okEnvelope(view(call.world, tag));
}

function deleteTag(call: CloudflareCall): CloudflareReply {
  const { name } = find(call);
  if (appsWith(call.world, name) > 0)
    throw invalidAccessRequest('cannot delete tag because an application has it');
  call.world.tags = call.world.tags.filter((tag) => tag.name !== name);
  return accepted({ name });
}
