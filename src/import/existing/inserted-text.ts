import { isMap, isSeq, type YAMLMap } from 'yaml';
import { ConfigError } from '../../core/errors.ts';
import type { FileDraft } from '../terms/draft.ts';
import { entryLines, inlineText } from '../text/file-text.ts';
import {
  additionPlace,
  endOf,
  flowEndOf,
  parsed,
  plainValue,
  startOf,
  type YamlPlace,
} from './yaml-place.ts';

/** Entries that go below the path, behind those that are there. */
export interface Addition {
  readonly path: readonly string[];
  readonly entries: Readonly<Record<string, unknown>> | readonly unknown[];
  /** Lines below the entries, if these get lines of their own. */
  readonly comments?: readonly string[];
}

/** The most characters of a line. */
const width = 110;
/** The most characters that are put between the braces of an empty map. */
const longestInline = 60;

/**
 * The text with new lines for the entries. Nothing else changes but the braces of an empty map that
 * gets lines below it.
 * @throws ConfigError if the text is written in a way that has no place for the entries.
 */
export function insertedText(text: string, addition: Addition, sources: FileDraft['sources']): string {
  const place = additionPlace(text, addition.path);
  const inserted = place && withEntries(text, place, addition, sources);
  if (inserted !== undefined && isSame(contentOf(inserted), extendedValue(text, addition))) return inserted;
  const name = addition.path.join('.');
  throw new ConfigError(`\`${name}\` of the file is written in a way to which nothing can be added`, {
    hint: 'Write it as a block, with a line for each entry and without an alias',
  });
}

/** True for equal values, whose keys are in the same order. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** The content of a text; undefined if it is no YAML any more. */
function contentOf(text: string): unknown {
  return parsed(text).errors.length > 0 ? undefined : plainValue(text);
}

/** The content of the text, with the entries. */
function extendedValue(text: string, { path, entries }: Addition): unknown {
  const value = plainValue(text) as Record<string, unknown>;
  let around = value;
  for (const key of path.slice(0, -1)) {
    around[key] ??= {};
    around = around[key] as Record<string, unknown>;
  }
  const [last = ''] = path.slice(-1);
  const before = around[last];
  around[last] = Array.isArray(entries)
    ? [...((before as readonly unknown[] | null) ?? []), ...entries]
    : { ...(before as object | null), ...entries };
  return value;
}

function withEntries(
  text: string,
  { collection, pair, rest }: YamlPlace,
  addition: Addition,
  sources: FileDraft['sources'],
): string | undefined {
  const step = stepOf(text);
  const lines = (column: number) => blocksOf(addition, rest, { column, step }, sources);
  const belowKey = (before: string, key: unknown) => {
    const column = columnOf(before, startOf(key)) + step;
    return withBlocks(before, { end: endOf(key), column, isSpaced: false }, lines(column));
  };
  if (collection === undefined) return belowKey(text, pair?.key);
  const [start = 0, end = 0] = collection.range ?? [];
  if (collection.flow !== true) {
    const column = columnOf(text, start);
    const isSpaced = isSpacedOut(text, collection.items);
    return withBlocks(text, { end: endOf(collection), column, isSpaced }, lines(column));
  }
  const inline = inlineText(
    rest.reduceRight<Addition['entries']>((inner, key) => ({ [key]: inner }), addition.entries),
  );
  const last = collection.items.at(-1);
  if (last !== undefined) return spliced(text, flowEndOf(last), `, ${inline}`);
  const isEmpty = text.slice(start + 1, end - 1).trim() === '';
  const needsLines = inline.length > longestInline || hasSource(addition, sources);
  if (isEmpty && needsLines && pair !== undefined && !isInline(text, pair.key))
    return belowKey(`${text.slice(0, start).trimEnd()}${text.slice(end)}`, pair.key);
  const space = isSeq(collection) ? '' : ' ';
  return `${text.slice(0, start + 1)}${space}${inline}${space}${text.slice(end - 1)}`;
}

/** The lines of the entries, below the keys of the path that do not exist: one block for each entry, or one for all. */
function blocksOf(
  { path, entries, comments = [] }: Addition,
  rest: readonly string[],
  { column, step }: { readonly column: number; readonly step: number },
  sources: FileDraft['sources'],
): readonly (readonly string[])[] {
  const section = path.at(-1) ?? '';
  const inner = column + rest.length * step;
  const form = { indent: step, width: width - inner };
  const listed = Array.isArray(entries)
    ? entries.map((item) => ({ item }))
    : Object.entries(entries as Readonly<Record<string, unknown>>);
  const blocks = listed.map((entry) => entryLines(section, entry, sources, form));
  const all = [...blocks, ...(comments.length > 0 ? [comments] : [])].map((block) => indented(block, inner));
  if (rest.length === 0) return all;
  return [[...rest.map((key, level) => `${' '.repeat(column + level * step)}${key}:`), ...all.flat()]];
}

interface BlockPlace {
  /** The offset behind the text below which the lines go. */
  readonly end: number;
  readonly column: number;
  /** A blank line stands between the entries that are there. */
  readonly isSpaced: boolean;
}

/** Puts lines below the line of an offset, and below the comments that go on from there. */
function withBlocks(
  text: string,
  { end, column, isSpaced }: BlockPlace,
  blocks: readonly (readonly string[])[],
): string {
  const lineBreak = /\r?\n/.exec(text)?.[0] ?? '\n';
  const offset = belowComments(text, lineEnd(text, end), column);
  const lines = blocks.flatMap((block) => (isSpaced ? ['', ...block] : block)).join(lineBreak);
  const isOpen = offset > 0 && text[offset - 1] !== '\n';
  return spliced(text, offset, isOpen ? `${lineBreak}${lines}` : `${lines}${lineBreak}`);
}

/** The offset behind the comments that are indented at least as far as the entries. */
function belowComments(text: string, from: number, column: number): number {
  const comments = /(?:[ \t]*\r?\n)*( *)#[^\n]*(?:\n|$)/y;
  let offset = from;
  for (;;) {
    comments.lastIndex = offset;
    const [found, indent] = comments.exec(text) ?? [];
    if (found === undefined || indent === undefined || indent.length < column) return offset;
    offset += found.length;
  }
}

function lineEnd(text: string, offset: number): number {
  // The text of a block scalar ends behind its last line break.
  if (text[offset - 1] === '\n') return offset;
  const found = text.indexOf('\n', offset);
  return found === -1 ? text.length : found + 1;
}

/** True if a blank line stands between the last two entries. */
function isSpacedOut(text: string, items: readonly unknown[]): boolean {
  const [before, last] = items.slice(-2);
  return last !== undefined && /\n[ \t]*\r?\n/.test(text.slice(endOf(before), startOf(last)));
}

/** True if something other than spaces stands before a key on its line. */
function isInline(text: string, key: unknown): boolean {
  const start = startOf(key);
  return text.slice(start - columnOf(text, start), start).trim() !== '';
}

function hasSource({ path, entries }: Addition, sources: FileDraft['sources']): boolean {
  return Object.keys(entries).some((name) => sources.has(`${path.at(-1)}/${name}`));
}

/** The spaces by which the file indents the entries of its sections. */
function stepOf(text: string): number {
  const root = parsed(text).contents;
  const sections = isMap(root) ? root.items.map(({ value }) => value) : [];
  const blocks = sections.filter((value) => isMap(value) && value.flow !== true && value.items.length > 0);
  const [first] = blocks as readonly YAMLMap[];
  return columnOf(text, first?.range?.[0] ?? 0) || 2;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function indented(lines: readonly string[], column: number): readonly string[] {
  return lines.map((line) => (line === '' ? line : `${' '.repeat(column)}${line}`));
}

function spliced(text: string, offset: number, inserted: string): string {
  return `${text.slice(0, offset)}${inserted}${text.slice(offset)}`;
}
