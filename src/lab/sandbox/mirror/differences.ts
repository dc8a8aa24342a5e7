import { handleAuthentik } from '../authentik/index.ts';
import { handleCloudflare } from '../cloudflare/index.ts';
import { isObject, type Json, type JsonObject } from '../state/json.ts';
import type { World } from '../state/world.ts';
import type { Copy } from './rows/copy.ts';
import { keyOf, type ReadReply, readReply } from './rows/reply.ts';
import { wordsOf } from './words.ts';

/** Members of a tunnel that depend on its connectors, which are all healthy in the copy. */
const OF_CONNECTORS = ['status', 'connections', 'conns_active_at', 'conns_inactive_at'];

/** Addresses of a SAML provider, which begin with the host of the request. */
const OF_HOST = /^url_/;

/** Asks the copy the same questions as the real systems, and reports different answers. */
export async function sayDifferences(copy: Copy, replies: readonly ReadReply[]): Promise<void> {
  // A clone, since reading leaves traces, such as a remembered list.
  const world = structuredClone(copy.world);
  const members = new Map<string, Set<string>>();
  for (const [told, have] of await copiedReplies(copy, world, replies)) {
    const words = wordsOf(told.system, told.path);
    const differing = members.get(words) ?? new Set();
    for (const member of differencesOf(copy, words, told, have)) differing.add(member);
    members.set(words, differing);
  }
  for (const [words, differing] of members) {
    if (differing.size === 0) continue;
    const verb = differing.size === 1 ? 'is' : 'are';
    copy.omissions.say(`${words}: ${[...differing].sort().join(', ')} ${verb} not as it was told`);
  }
}

/**
 * Each reply with the copy's objects of that path. All pages of a list count together, since the copy may cut them in
 * another order.
 */
async function copiedReplies(
  { omissions }: Copy,
  world: World,
  replies: readonly ReadReply[],
): Promise<readonly (readonly [told: ReadReply, have: readonly JsonObject[]])[]> {
  const answered: (readonly [string, ReadReply])[] = [];
  const objects = new Map<string, JsonObject[]>();
  for (const reply of replies) {
    const have = await copiedReply(world, reply);
    if (have === null) {
      omissions.say(`${wordsOf(reply.system, reply.path)}: the copy does not answer this`);
      continue;
    }
    const question = `${reply.system} ${reply.path}`;
    objects.set(question, [...(objects.get(question) ?? []), ...have.objects]);
    answered.push([question, reply]);
  }
  return answered.map(([question, reply]) => [reply, objects.get(question) ?? []]);
}

async function copiedReply(world: World, { system, path, query }: ReadReply): Promise<ReadReply | null> {
  const question = query.size === 0 ? '' : `?${query}`;
  const base = system === 'cloudflare' ? '/client/v4' : '/api/v3';
  const request = new Request(`http://copy${base}${path}${question}`, {
    headers: { authorization: `Bearer ${world.authentik.tokens[0]?.key ?? ''}` },
  });
  const response =
    system === 'cloudflare'
      ? await handleCloudflare(world, request, { trusted: true })
      : await handleAuthentik(world, request);
  if (!response.ok) return null;
  return readReply({ system, path: base + path, status: response.status, body: await response.json() });
}

function differencesOf(copy: Copy, words: string, told: ReadReply, have: readonly JsonObject[]): string[] {
  const known = new Map(have.map((object) => [keyOf(object), object]));
  const [only] = have;
  const missing: string[] = [];
  const members = told.objects.flatMap((object) => {
    const other = told.isList ? known.get(keyOf(object)) : only;
    if (other !== undefined) return differing(object, other, '', words);
    if (!copy.omissions.isLeftOut(keyOf(object))) missing.push(keyOf(object));
    return [];
  });
  if (missing.length > 0) copy.omissions.say(`${words}: ${missing.length} of them are not in the copy`);
  return members;
}

/** The members, by their paths, in which two values differ; the order of a list counts only without keys. */
function differing(told: Json, have: Json | undefined, at: string, words: string): string[] {
  if (isObject(told) && isObject(have)) return differingMembers(told, have, at, words);
  if (Array.isArray(told) && Array.isArray(have) && told.length === have.length) {
    const items = inOrder(have);
    return inOrder(told).flatMap((item, index) => differing(item, items[index], at, words));
  }
  return JSON.stringify(told) === JSON.stringify(have) ? [] : [at];
}

function differingMembers(told: JsonObject, have: JsonObject, at: string, words: string): string[] {
  const names = new Set([...Object.keys(told), ...Object.keys(have)]);
  return [...names].flatMap((name) => {
    if (words === 'tunnels' && OF_CONNECTORS.includes(name)) return [];
    if (words.startsWith('Authentik /providers/saml/') && OF_HOST.test(name)) return [];
    const path = at === '' ? name : `${at}.${name}`;
    const [left, right] = [told[name], have[name]];
    if (left === undefined) return right === null || right === undefined ? [] : [path];
    return right === undefined ? [path] : differing(left, right, path, words);
  });
}

function inOrder(items: readonly Json[]): Json[] {
  const keys = items.map((item) => (isObject(item) ? keyOf(item) : JSON.stringify(item)));
  if (items.some((item, index) => isObject(item) && keys[index] === JSON.stringify(item))) return [...items];
  return items
    .map((item, index) => ({ item, key: keys[index] ?? '' }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);
}
