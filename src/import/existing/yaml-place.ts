import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** The settings with which gates reads a file. A valid file may have many aliases. */
const reading = { prettyErrors: false, uniqueKeys: false, merge: false, resolveKnownTags: false } as const;

/** The place of a text at which entries of a path may be added. */
export interface YamlPlace {
  /** The innermost collection of the path that exists, with entries or without; undefined: the key has no value yet. */
  readonly collection: YAMLMap | YAMLSeq | undefined;
  /** The pair that has the collection as its value; undefined: the collection is the file. */
  readonly pair: Pair<Node, Node | null> | undefined;
  /** The keys of the path that do not exist. */
  readonly rest: readonly string[];
}

export function parsed(text: string): Document {
  return parseDocument(text, reading);
}

/** The content of a text as values. */
export function plainValue(text: string): unknown {
  return parsed(text).toJS({ maxAliasCount: -1 });
}

/** The place of a path; undefined if an alias or a value that is no collection stands there. */
export function additionPlace(text: string, path: readonly string[]): YamlPlace | undefined {
  let collection: unknown = parsed(text).contents;
  let pair: YamlPlace['pair'];
  for (const [depth, name] of path.entries()) {
    if (!isMap(collection)) return undefined;
    const found = collection.items.find(({ key }) => isScalar(key) && String(key.value) === name);
    if (found === undefined) return { collection, pair, rest: path.slice(depth) };
    pair = found as Pair<Node, Node | null>;
    if (!isWritten(pair.value)) return { collection: undefined, pair, rest: path.slice(depth + 1) };
    collection = pair.value;
  }
  return isCollection(collection)
    ? { collection: collection as YAMLMap | YAMLSeq, pair, rest: [] }
    : undefined;
}

/** False for the value of `key:` without anything behind it. */
export function isWritten(node: unknown): node is Node {
  return node !== null && !(isScalar(node) && node.value === null && (node.source ?? '') === '');
}

/** The offset of the first character of an entry: its key, or the item of a list. */
export function startOf(entry: unknown): number {
  return rangeOf(isPair(entry) ? entry.key : entry)[0];
}

/** The offset behind the last character of a node, without the comments and lines below a block. */
export function endOf(entry: unknown): number {
  if (isPair(entry)) return endOf(isWritten(entry.value) ? entry.value : entry.key);
  if (!isCollection(entry) || entry.flow === true) return rangeOf(entry)[1];
  const last = entry.items.at(-1);
  return last === undefined ? rangeOf(entry)[1] : endOf(last);
}

/** The offset behind an entry between braces or brackets. */
export function flowEndOf(entry: unknown): number {
  if (!isPair(entry)) return rangeOf(entry)[1];
  return rangeOf(entry.value ?? entry.key)[1];
}

function rangeOf(node: unknown): readonly [start: number, end: number] {
  const [start = 0, end = 0] = (node as Node).range ?? [];
  return [start, end];
}
