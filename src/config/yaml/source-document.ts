import type { Mistake } from '../../core/mistake.ts';
import { MAX_BYTES, tooLarge } from '../../core/sources/collect-files.ts';
import { MAX_PATTERNS, matchesPattern, patternRefusal } from '../../core/sources/include-pattern.ts';
import { type IncludedFile, unpackFiles } from '../../core/sources/source-files.ts';
import { pathText, quoted } from '../mistakes/finding.ts';
import type { Rule } from '../mistakes/mistake-kinds.ts';
import { type DocumentPart, mergedDocument } from './merged-document.ts';
import { readText } from './source-text.ts';
import { MAX_PIECES, readYaml } from './yaml-document.ts';
import type { ReadingCost, YamlDocument } from './yaml-values.ts';

type Read<T> = T | { readonly mistakes: readonly Mistake[] };

/**
 * Reads gates.yaml and the files that it includes as one document. If one of them cannot be read, the mistakes say
 * nothing about the others' values, because names that are declared in it would seem to be missing.
 */
export function readSources(source: Uint8Array | string): Read<{ readonly document: YamlDocument }> {
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  const { main, patterns, included } = unpackFiles(bytes);
  const spent: ReadingCost = { pieces: 0, aliased: 0 };
  const read = readOne(main, spent);
  if ('mistakes' in read) return read;
  const { document } = read;
  const entries = includeOf(document);
  if (entries.length === 0) return { document };
  const mistakes = entryMistakes(document, entries, { patterns, included });
  const named = included.filter(({ file }) => entries.some((entry) => matchesPattern(entry, file)));
  const size = named.reduce(
    (sum, each) => sum + ('bytes' in each ? each.bytes.byteLength : 0),
    main.byteLength,
  );
  if (size > MAX_BYTES)
    mistakes.push(atEntry(document, 0, 'all files together are larger than 1 MiB', tooLarge.hint));
  const parts: DocumentPart[] = [];
  for (const each of size > MAX_BYTES ? [] : named) {
    const part = readIncluded(each, spent);
    if ('mistakes' in part) mistakes.push(...part.mistakes);
    else parts.push(part);
    // Every further file would have the same mistake.
    if (spent.pieces > MAX_PIECES) break;
  }
  if (mistakes.length > 0) return { mistakes: [...document.mistakes, ...mistakes] };
  return { document: mergedDocument(document, parts) };
}

function readOne(bytes: Uint8Array, spent: ReadingCost): Read<{ readonly document: YamlDocument }> {
  const read = readText(bytes);
  return 'mistake' in read ? { mistakes: [read.mistake] } : readYaml(read.text, spent);
}

/** The text entries of `include`; the schema reports other values. */
function includeOf({ value }: YamlDocument): readonly string[] {
  const include = typeof value === 'object' && value !== null && 'include' in value ? value.include : [];
  if (!Array.isArray(include)) return [];
  return include.map((entry) => (typeof entry === 'string' ? entry : ''));
}

/** A mistake for each entry of `include` without a file that can be read. */
function entryMistakes(
  document: YamlDocument,
  entries: readonly string[],
  {
    patterns,
    included,
  }: { readonly patterns: readonly string[]; readonly included: readonly IncludedFile[] },
): Mistake[] {
  return entries.flatMap((entry, index): readonly Mistake[] => {
    if (entry === '') return [];
    const at = (message: string, hint: string) => atEntry(document, index, message, hint);
    if (index >= MAX_PATTERNS) {
      return index > MAX_PATTERNS
        ? []
        : [at(`more than ${MAX_PATTERNS} entries`, 'use `*` for several files')];
    }
    const refused = patternRefusal(entry);
    if (refused !== undefined) return [at(`${quoted(entry)} ${refused.message}`, refused.hint)];
    if (!patterns.includes(entry)) {
      return [
        at(
          `gates did not look for ${quoted(entry)}`,
          'write `include:` at the beginning of a line, with plain names',
        ),
      ];
    }
    const files = included.filter(({ file }) => matchesPattern(entry, file));
    if (files.length === 0)
      return [at(`no file matches ${quoted(entry)}`, 'commit the files, or remove the entry')];
    return files.flatMap((each) =>
      'refusal' in each ? [at(`${each.file} ${each.refusal}`, each.hint)] : [],
    );
  });
}

function atEntry(document: YamlDocument, index: number, message: string, hint: string): Mistake {
  const rule: Rule = 'include-refused';
  const path = ['include', index];
  return { severity: 'error', rule, ...document.place(path), message, hint, path: pathText(path) };
}

/** An included file; its mistakes carry its name. */
function readIncluded(included: IncludedFile, spent: ReadingCost): Read<DocumentPart> {
  const { file } = included;
  // `entryMistakes` reports a refusal.
  if (!('bytes' in included)) return { mistakes: [] };
  const read = readOne(included.bytes, spent);
  if ('mistakes' in read) return { mistakes: read.mistakes.map((mistake) => inFile(mistake, file)) };
  const { document } = read;
  return {
    file,
    document: {
      ...document,
      mistakes: document.mistakes.map((mistake) => inFile(mistake, file)),
      place: (path, part) => ({ ...document.place(path, part), file }),
    },
  };
}

function inFile(mistake: Mistake, file: string): Mistake {
  if (mistake.rule !== 'file-empty') return { ...mistake, file };
  return { ...mistake, file, hint: 'restore it, or remove it from `include` of gates.yaml' };
}
