import {
  Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  stringify,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { FileDraft, LeftOut } from '../terms/draft.ts';

/** The most characters of a line. */
const width = 110;

/** The most characters of a value that is written on one line, as JSON, which needs a few more. */
const longest = 90;

const schemaLine = ' yaml-language-server: $schema=./gates.schema.json';

/** The text of a draft: the sections in the order of the file, each entry with its source, and what is left out. */
export function fileText(draft: FileDraft): string {
  const { file, sources, leftovers } = draft;
  const sections = Object.entries(file).filter(([, value]) => !isEmpty(value));
  const document = new Document(Object.fromEntries(sections), { aliasDuplicateObjects: false });
  document.commentBefore = schemaLine;
  const root = document.contents as unknown as YAMLMap;
  for (const { key, value } of root.items) {
    if (!isScalar(key)) continue;
    const section = String(key.value);
    if (isMap(value)) {
      arrange(value, section, sources);
      addHeadings(value, section, draft);
      key.spaceBefore = true;
      const left = leftovers.filter((each) => each.section === section).map(leftoverText);
      if (left.length > 0) value.comment = left.join('\n');
    }
  }
  const homeless = leftovers.filter(({ section }) => !sections.some(([name]) => name === section));
  if (homeless.length > 0)
    document.comment = homeless.map((each) => ` ${each.section}:\n${leftoverText(each)}`).join('\n');
  visit(document, { Collection: (_, node) => pad(node, isSeq(node) ? '' : ' ') });
  return document.toString({ lineWidth: width });
}

/** The form of entries that are added to a text: the spaces of each level, and the most characters of a line. */
export interface EntryForm {
  readonly indent: number;
  readonly width: number;
}

/** The lines of one entry of a section, or of one item if the section is a list, with the source above it. */
export function entryLines(
  section: string,
  entry: readonly [name: string, value: unknown] | { readonly item: unknown },
  sources: FileDraft['sources'],
  { indent, width: lineWidth }: EntryForm,
): readonly string[] {
  const content = 'item' in entry ? [entry.item] : Object.fromEntries([entry]);
  const document = new Document(content, { aliasDuplicateObjects: false });
  const { contents } = document as { readonly contents: unknown };
  if (isMap(contents)) arrange(contents, section, sources);
  if (isSeq(contents)) for (const item of contents.items) onOneLine(item);
  visit(document, { Collection: (_, node) => pad(node, isSeq(node) ? '' : ' ') });
  return document.toString({ indent, lineWidth }).trimEnd().split('\n');
}

/** Entries as they stand between braces or brackets: `a: { b: c }`. */
export function inlineText(entries: Readonly<Record<string, unknown>> | readonly unknown[]): string {
  const document = new Document(entries, { aliasDuplicateObjects: false });
  const contents: unknown = document.contents;
  if (isCollection(contents)) contents.flow = true;
  visit(document, { Collection: (_, node) => pad(node, isSeq(node) ? '' : ' ') });
  return document.toString({ lineWidth: 0 }).trim().slice(1, -1).trim();
}

/** The sections whose entries fit on one line each. */
const short: ReadonlySet<string> = new Set(['origins', 'groups', 'serviceTokens']);
/** The keys of longer entries whose values are written on one line. */
const inline: ReadonlySet<string> = new Set([
  'gate',
  'tunnels',
  'zones',
  'flows',
  'access',
  'groups',
  'everyone',
  'lifetimes',
  'scopes',
]);

function arrange(section: YAMLMap, name: string, sources: FileDraft['sources']): void {
  for (const { key, value } of section.items) {
    if (!isScalar(key)) continue;
    const source = sources.get(`${name}/${key.value}`);
    if (source !== undefined) key.commentBefore = commentText(source);
    if (!isCollection(value)) continue;
    if (short.has(name) || inline.has(String(key.value))) value.flow = true;
    else if (name === 'dns') for (const record of value.items) onOneLine(record);
    else if (isMap(value)) arrangeEntry(value);
  }
}

/** Puts the headings above the entries, and the sources of the plain records behind them. */
function addHeadings(section: YAMLMap, name: string, { file, headings, recordSources }: FileDraft): void {
  for (const { key, value } of section.items) {
    if (!isScalar(key)) continue;
    const heading = headings.get(`${name}/${key.value}`);
    if (heading !== undefined) {
      key.commentBefore = [commentText(heading), key.commentBefore].filter(Boolean).join('\n\n');
      key.spaceBefore = section.items[0]?.key !== key;
    }
    if (name !== 'dns' || !isSeq(value)) continue;
    for (const [index, record] of (file.dns?.[String(key.value)] ?? []).entries()) {
      const item = value.items[index];
      const title = headings.get(record);
      if (!isMap(item)) continue;
      const source = recordSources.get(record);
      if (source !== undefined) item.comment = commentText(source);
      if (title === undefined) continue;
      item.commentBefore = commentText(title);
      item.spaceBefore = index > 0;
    }
  }
}

function commentText(text: string): string {
  return ` ${text.replaceAll('\n', '\n ')}`;
}

function arrangeEntry(entry: YAMLMap): void {
  for (const { key, value } of entry.items) {
    if (!isScalar(key) || !isCollection(value)) continue;
    if (isMap(value) && !inline.has(String(key.value)))
      for (const inner of value.items) onOneLine(inner.value);
    else onOneLine(value);
  }
}

/** Puts a value on one line; one that does not fit there gets a line for each of its entries. */
function onOneLine(node: unknown): void {
  if (!isCollection(node)) return;
  node.flow = JSON.stringify(node).length <= longest;
  if (node.flow) return;
  for (const item of node.items) onOneLine(isPair(item) ? item.value : item);
}

/** Sets the space inside of the brackets of a collection: `[a, b]` and `{ a: b }`. The library has one setting for both. */
function pad(collection: YAMLMap | YAMLSeq, flowCollectionPadding: string): void {
  const print = collection.toString.bind(collection);
  collection.toString = (context, ...rest) =>
    print(context && { ...context, flowCollectionPadding }, ...rest);
}

/** A commented block: what stays as it is, why, and what is known of its entry. */
export function leftoverText({ what, reason, entry }: LeftOut): string {
  const known = entry === undefined ? [] : stringify(entry, { lineWidth: 0 }).trimEnd().split('\n');
  return [` left as it is: ${what}: ${reason}`, ...known.map((line) => `   ${line}`)].join('\n');
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
