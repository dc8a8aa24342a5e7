import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Schema = { [keyword: string]: unknown };

export interface Operation {
  method: string;
  /** The path as in the document, such as `/zones/{zone_id}/dns_records`. */
  pattern: string;
  parameters: readonly Schema[];
  requestBody: Schema | null;
  bodyRequired: boolean;
  /** The replies by status as in the document: `200`, `4XX`. */
  replies: ReadonlyMap<string, Schema>;
  /** The statuses that the document announces without a body. */
  empty: ReadonlySet<string>;
}

export interface OfficialDocument {
  operations: readonly Operation[];
  components: { [name: string]: Schema };
}

/** The folder of material that checkouts share; it is not part of the project. */
export const SHARED = process.env.GATES_SHARED ?? '../shared';

let official: OfficialDocument | null | undefined;

/**
 * Cloudflare's own OpenAPI document, which we may not copy; null if it is not available. Each call returns the same
 * object, since `compilerFor` keeps compiled schemas by document.
 */
export function officialDocument(): OfficialDocument | null {
  const file = join(SHARED, 'openapi', 'cloudflare.json');
  official ??= existsSync(file) ? documentOf(JSON.parse(readFileSync(file, 'utf8'))) : null;
  return official;
}

/** The operations and components of a parsed OpenAPI document. */
export function documentOf(given: unknown): OfficialDocument {
  const parsed = object(given);
  const operations = Object.entries(object(parsed.paths)).flatMap(([pattern, item]) =>
    Object.entries(object(item))
      .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, operation]) => operationOf(parsed, pattern, method, object(operation), object(item))),
  );
  const components = object(object(parsed.components).schemas) as OfficialDocument['components'];
  return { operations, components };
}

function operationOf(
  document: Schema,
  pattern: string,
  method: string,
  operation: Schema,
  item: Schema,
): Operation {
  const parameters = [...list(item.parameters), ...list(operation.parameters)].map((entry) =>
    resolved(document, object(entry)),
  );
  const body = operation.requestBody === undefined ? null : resolved(document, object(operation.requestBody));
  const replies = Object.entries(object(operation.responses)).flatMap(([status, reply]) => {
    const schema = jsonSchemaOf(resolved(document, object(reply)));
    return schema === null ? [] : [[status, schema] as const];
  });
  const given = new Set(replies.map(([status]) => status));
  return {
    method: method.toUpperCase(),
    pattern,
    parameters,
    requestBody: body === null ? null : (jsonSchemaOf(body) ?? formSchemaOf(body)),
    bodyRequired: body?.required === true,
    replies: new Map(replies),
    empty: new Set(Object.keys(object(operation.responses)).filter((status) => !given.has(status))),
  };
}

function jsonSchemaOf(holder: Schema): Schema | null {
  const content = object(holder.content);
  const media = object(content['application/json'] ?? content['text/plain']);
  return media.schema === undefined ? null : object(media.schema);
}

/** The schema of a form, which the contract does not parse: any text is valid. */
function formSchemaOf(holder: Schema): Schema | null {
  return object(holder.content)['multipart/form-data'] === undefined ? null : { type: 'string' };
}

function resolved(document: Schema, value: Schema): Schema {
  if (typeof value.$ref !== 'string') return value;
  const target = value.$ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => object(at)[key], document);
  return resolved(document, object(target));
}

export function object(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An operation with the parts of its pattern. */
interface Split {
  readonly operation: Operation;
  readonly parts: readonly string[];
}

/** The operations of each document by method and number of parts, those with the fewest path parameters first. */
const splits = new WeakMap<OfficialDocument, ReadonlyMap<string, readonly Split[]>>();

function splitsOf(document: OfficialDocument): ReadonlyMap<string, readonly Split[]> {
  const known = splits.get(document);
  if (known !== undefined) return known;
  const groups = new Map<string, Split[]>();
  const parameters = ({ pattern }: Operation) => pattern.split('{').length;
  for (const operation of document.operations.toSorted((a, b) => parameters(a) - parameters(b))) {
    const parts = operation.pattern.split('/');
    const key = `${operation.method} ${parts.length}`;
    groups.set(key, [...(groups.get(key) ?? []), { operation, parts }]);
  }
  splits.set(document, groups);
  return groups;
}

/** The operation of a call; the one with the fewest path parameters wins. */
export function operationFor(document: OfficialDocument, method: string, path: string): Operation | null {
  const segments = path.split('/');
  const fits = ({ parts }: Split) =>
    parts.every((part, at) => {
      if (part === '{accounts_or_zones}') return segments[at] === 'accounts' || segments[at] === 'zones';
      return part.startsWith('{') || part === segments[at];
    });
  return splitsOf(document).get(`${method} ${segments.length}`)?.find(fits)?.operation ?? null;
}
