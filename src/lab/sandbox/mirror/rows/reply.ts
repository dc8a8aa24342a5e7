import { isObject, type Json, type JsonObject } from '../../state/json.ts';
import type { System } from '../../state/world.ts';

/**
 * A reply of a real system to a client's GET; `path` as the client sent it, below its base URL:
 * `/zones?page=1&per_page=50` (Cloudflare's base URL ends in /client/v4), `/api/v3/core/groups/?page=1` (Authentik's
 * has no /api/v3).
 */
export interface RecordedReply {
  readonly system: System;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

/** A successful reply with a parsed path. */
export interface ReadReply {
  system: System;
  /** Without the query and without `/api/v3`; Authentik's end in a slash. */
  path: string;
  query: URLSearchParams;
  body: Json;
  /** The objects of a list, or the single object of another reply; none if it cannot be read. */
  objects: JsonObject[];
  isList: boolean;
  /** The number of a list's entries that are no objects. */
  unread: number;
  /** The number of objects in the complete list; null if the reply does not say. */
  total: number | null;
}

/** All pages of one list as one `ReadReply`, in their order. */
export interface Endpoint {
  path: string;
  objects: JsonObject[];
  /** True if the list has no filter and no missing page. */
  isWhole: boolean;
  /** The number of a list's objects that were not read. */
  missing: number;
}

/** The parsed and cloned reply; null for a refused one. */
export function readReply({ system, path, status, body }: RecordedReply): ReadReply | null {
  if (status < 200 || status > 299) return null;
  const url = URL.canParse(path, 'http://recorded') ? new URL(path, 'http://recorded') : null;
  const content = cloned(body);
  const base = system === 'cloudflare' ? '/client/v4' : '/api/v3';
  const fullPath = url?.pathname ?? '';
  return {
    system,
    path: fullPath.startsWith(`${base}/`) ? fullPath.slice(base.length) : fullPath,
    query: url?.searchParams ?? new URLSearchParams(),
    body: content,
    ...(system === 'cloudflare' ? cloudflareObjects(content) : authentikObjects(content)),
  };
}

/** The body as JSON; any other value is no reply of an API. */
function cloned(body: unknown): Json {
  try {
    return JSON.parse(JSON.stringify(body ?? null)) as Json;
  } catch {
    return null;
  }
}

type Objects = Pick<ReadReply, 'objects' | 'isList' | 'unread' | 'total'>;

const UNREADABLE: Objects = { objects: [], isList: false, unread: 0, total: null };

function cloudflareObjects(body: Json): Objects {
  if (!isObject(body) || body.success === false) return UNREADABLE;
  const { result, result_info: info } = body;
  if (isObject(result)) return one(result);
  if (!Array.isArray(result)) return UNREADABLE;
  return listOf(result, isObject(info) ? info.total_count : undefined);
}

function authentikObjects(body: Json): Objects {
  if (Array.isArray(body)) return listOf(body, undefined);
  if (!isObject(body)) return UNREADABLE;
  const { results, pagination } = body;
  if (pagination === undefined) return one(body);
  return Array.isArray(results)
    ? listOf(results, isObject(pagination) ? pagination.count : undefined)
    : UNREADABLE;
}

function listOf(items: Json[], total: Json | undefined): Objects {
  const objects = items.filter(isObject);
  const unread = items.length - objects.length;
  return { objects, isList: true, unread, total: typeof total === 'number' ? total : null };
}

function one(object: JsonObject): Objects {
  return { objects: [object], isList: false, unread: 0, total: null };
}

/** Query parameters for pages, order or details, which do not filter objects. */
const NEUTRAL = [
  'account.id',
  'direction',
  'include_children',
  'include_inherited_roles',
  'include_parents',
  'include_roles',
  'include_users',
  'match',
  'order',
  'ordering',
  'page',
  'page_size',
  'per_page',
  'superuser_full_list',
];

/** The replies of one system, with the pages of each list combined, whatever order they came in. */
export function endpointsOf(replies: readonly ReadReply[]): Endpoint[] {
  const lists = new Map<string, ReadReply[]>();
  for (const reply of replies) {
    const asked = new URLSearchParams(reply.query);
    asked.delete('page');
    asked.sort();
    const key = `${reply.path}?${asked}`;
    lists.set(key, [...(lists.get(key) ?? []), reply]);
  }
  return [...lists.values()].flatMap(together);
}

function together(pages: readonly ReadReply[]): Endpoint[] {
  const inOrder = pages.toSorted((a, b) => pageNumber(a) - pageNumber(b));
  const [first] = inOrder;
  if (first === undefined) return [];
  const objects = new Map(inOrder.flatMap((page) => page.objects).map((object) => [keyOf(object), object]));
  const isNarrowed = [...first.query.keys()].some((name) => !NEUTRAL.includes(name));
  const total = Math.max(...inOrder.map((page) => page.total ?? 0));
  const missing = Math.max(0, total - objects.size);
  return [
    {
      path: first.path,
      objects: [...objects.values()],
      isWhole: first.isList && !isNarrowed && missing === 0,
      missing,
    },
  ];
}

function pageNumber({ query }: ReadReply): number {
  const page = Number(query.get('page') ?? 1);
  return Number.isFinite(page) ? page : 1;
}

/** The identity of an object in a list: the first of its names that it has. */
export function keyOf(object: JsonObject): string {
  const own = ['id', 'pk', 'brand_uuid', 'tunnel_id', 'operation_id', 'name'].map((name) => object[name]);
  const key = own.find((value) => typeof value === 'string' || typeof value === 'number');
  return key === undefined ? JSON.stringify(object) : String(key);
}

/** The parameters of a path that matches the pattern, in which `*` is one segment; null if it does not. */
export function matchPath(pattern: string, path: string): string[] | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const parameters: string[] = [];
  for (const [at, segment] of wanted.entries()) {
    const have = given[at] ?? '';
    if (segment !== '*' ? segment !== have : have === '') return null;
    if (segment === '*') parameters.push(decoded(have));
  }
  return parameters;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
