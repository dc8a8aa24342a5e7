import type { Difference } from '../core/change.ts';
import {
  type ExportedAnswer,
  exportedKey,
  inMemberOrder,
  isMembers,
  type JsonValue,
  objectsOf,
  type SystemsExport,
} from './exported-answer.ts';
import { nameOfObject, rankOfPath, titleOfPath } from './exported-title.ts';

/** An object that differs between two exports. */
export interface ExportedChange {
  /** `Cloudflare DNS record`. */
  readonly kind: string;
  /** Undefined for settings, of which there is one. */
  readonly name: string | undefined;
  readonly change: 'added' | 'removed' | 'changed';
  /** Its fields that differ; none unless it changed. */
  readonly fields: readonly Difference[];
}

export interface ChangesSince {
  readonly changes: readonly ExportedChange[];
  /** Paths that a system answered only one of the two times, so that nothing can be said of them. */
  readonly notCompared: readonly Pick<ExportedAnswer, 'system' | 'path'>[];
}

/** Members that change without anybody's change, or with every change of another member. */
const bookkeeping: ReadonlySet<string> = new Set([
  ...['connections', 'conns_active_at', 'conns_inactive_at', 'last_seen_at', 'last_login', 'last_updated'],
  ...['modified_on', 'updated_at', 'comment_modified_on', 'tags_modified_on', 'version', 'version_latest'],
  // The rights of the token in a zone.
  'permissions',
]);

/** The objects that differ, by kind and name. Bookkeeping, such as the time of the last login, does not count. */
export function changesSince(before: SystemsExport, now: SystemsExport): ChangesSince {
  const [earlier, later] = [byPath(before), byPath(now)];
  const refused = [...before.refused, ...now.refused];
  const isRefused = (answer: ExportedAnswer) =>
    refused.some(({ system, path }) => system === answer.system && `${answer.path}/`.startsWith(`${path}/`));
  const parents = parentNames([before, now]);
  const pairs = [...new Map([...earlier, ...later]).values()].sort(
    (left, right) => rankOfPath(left.path) - rankOfPath(right.path),
  );
  return {
    changes: pairs
      .filter((answer) => !isRefused(answer))
      .flatMap((answer) => changesOf(answer, earlier.get(idOf(answer)), later.get(idOf(answer)), parents)),
    notCompared: pairs.filter(isRefused).map(({ system, path }) => ({ system, path })),
  };
}

function idOf({ system, path }: ExportedAnswer): string {
  return `${system} ${path}`;
}

function byPath({ answers }: SystemsExport): ReadonlyMap<string, ExportedAnswer> {
  return new Map(answers.map((answer) => [idOf(answer), answer]));
}

/** The names of zones and tunnels, by their ids, which name the settings below them. */
function parentNames(exports: readonly SystemsExport[]): ReadonlyMap<string, string> {
  const lists = exports.flatMap(({ answers }) =>
    answers.filter(({ path }) => /^\/zones$|\/cfd_tunnel$/.test(path)),
  );
  const parents = lists.flatMap(objectsOf);
  return new Map(parents.map((parent) => [exportedKey(parent), nameOfObject(parent) ?? exportedKey(parent)]));
}

/** The changes of one list or setting. Without an answer, there were no objects. */
function changesOf(
  { system, path, content }: ExportedAnswer,
  before: ExportedAnswer | undefined,
  now: ExportedAnswer | undefined,
  parents: ReadonlyMap<string, string>,
): readonly ExportedChange[] {
  const kind = titleOfPath(system, path);
  const isList = 'items' in content;
  const keyed = (answer: ExportedAnswer | undefined) =>
    new Map(
      (answer === undefined ? [] : objectsOf(answer)).map((one) => [isList ? exportedKey(one) : '', one]),
    );
  const [earlier, later] = [keyed(before), keyed(now)];
  const changes = [...new Set([...earlier.keys(), ...later.keys()])].flatMap(
    (key): readonly ExportedChange[] => {
      const [was, is] = [earlier.get(key), later.get(key)];
      const name = isList ? (nameOfObject(is ?? was ?? null) ?? key) : parentOf(path, parents);
      if (was === undefined) return [{ kind, name, change: 'added', fields: [] }];
      if (is === undefined) return [{ kind, name, change: 'removed', fields: [] }];
      const fields = differences(comparable(was), comparable(is));
      return fields.length === 0 ? [] : [{ kind, name, change: 'changed', fields }];
    },
  );
  return changes.sort((left, right) => ((left.name ?? '') < (right.name ?? '') ? -1 : 1));
}

function parentOf(path: string, parents: ReadonlyMap<string, string>): string | undefined {
  return path
    .split('/')
    .flatMap((segment) => parents.get(segment) ?? [])
    .at(-1);
}

function differences(before: JsonValue, after: JsonValue): readonly Difference[] {
  const [was, is] = [isMembers(before) ? before : {}, isMembers(after) ? after : {}];
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return fields
    .filter((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
    .map((field) => ({ field, before: was[field], after: is[field] }));
}

/**
 * The object without bookkeeping, and without what it repeats of other objects: a renamed group would otherwise change its
 * bindings too, and a reusable policy its applications.
 */
function comparable(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(comparable);
  if (!isMembers(value)) return value;
  if (value.reusable === true && value.precedence !== undefined) {
    return { id: value.id ?? null, precedence: value.precedence };
  }
  const members = Object.entries(value).filter(([name]) => !bookkeeping.has(name) && !name.endsWith('_obj'));
  return inMemberOrder(Object.fromEntries(members.map(([name, inner]) => [name, comparable(inner)])));
}
