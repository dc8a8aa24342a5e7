import { disagreements } from './agreement.ts';
import type { Config } from './config.ts';
import { undeclared } from './declarations.ts';
import { invariantFindings } from './invariants/invariants.ts';
import { type Finding, type Mistake, type Path, pathText } from './mistake.ts';
import { normalise } from './normalise.ts';
import { partialFile, type SoundFile, soundFile } from './readable-file.ts';
import { recordFindings } from './record-findings.ts';
import { schemaFindings } from './schema-findings.ts';
import { readText } from './source-text.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

/** A file in which nothing is wrong. */
export interface ParsedConfig {
  readonly config: Config;
  readonly warnings: readonly Mistake[];
}

export type ParseResult =
  | { readonly ok: true; readonly parsed: ParsedConfig }
  /** Every mistake and warning, in the order of the text; at least one is an error. */
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** Reads a file as {@link parseConfig} does, maybe elsewhere. Never rejects. */
export type ReadConfig = (source: Uint8Array) => ParseResult | Promise<ParseResult>;

/** More than anyone corrects in one go; the last one says that there are more. */
const MAX_MISTAKES = 1000;

/**
 * Reads gates.yaml. Never throws, whatever the bytes are: what is wrong is in the result, all of it at once,
 * each with its place. A mistake in one entry does not hide those in others.
 */
export function parseConfig(source: Uint8Array | string): ParseResult {
  const read = readText(source);
  if ('mistake' in read) return { ok: false, mistakes: [read.mistake] };
  const yaml = readYaml(read.text);
  if ('mistakes' in yaml) return { ok: false, mistakes: bounded(yaml.mistakes) };
  return judge(yaml.document);
}

function judge(document: YamlDocument): ParseResult {
  const { value } = document;
  const ofShape = schemaFindings(value, MAX_MISTAKES + 1);
  if (ofShape.length > MAX_MISTAKES) return { ok: false, mistakes: bounded(mistakesOf(document, ofShape)) };
  const partial = partialFile(value, ofShape);
  const ofParts = [...ofShape, ...undeclared(partial), ...disagreements(partial), ...recordFindings(partial)];
  const sound = soundFile(value, ofParts);
  const whole = ofParts.length === 0 && document.mistakes.length === 0;
  const config = sound === undefined ? undefined : normalise(sound.file);
  const ofWhole =
    sound === undefined || config === undefined
      ? []
      : invariantFindings({ config, recordPaths: recordPathsOf(sound), whole });
  const mistakes = mistakesOf(document, [...ofParts, ...ofWhole]);
  if (config === undefined || mistakes.some(({ severity }) => severity === 'error')) {
    return { ok: false, mistakes: bounded(mistakes) };
  }
  return { ok: true, parsed: { config, warnings: bounded(mistakes) } };
}

/** What the document and the findings say, each once, in the order of the text. */
function mistakesOf(document: YamlDocument, findings: readonly Finding[]): readonly Mistake[] {
  const found = findings.map((finding) => located(finding, document));
  return once([...document.mistakes, ...found].sort(byPlace));
}

/** The keys of each record of the sound file, in the order in which records are normalised. */
function recordPathsOf({ file, recordIndexes }: SoundFile): Path[] {
  return Object.entries(file.dns ?? {}).flatMap(([zone, records]) =>
    records.map((_, index): Path => ['dns', zone, recordIndexes.get(zone)?.[index] ?? index]),
  );
}

function located(
  { absent, code, hint, message, part, path, secret, severity }: Finding,
  document: YamlDocument,
): Mistake {
  return {
    severity,
    ...(code === undefined ? {} : { code }),
    ...document.place(path, part),
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(secret === undefined ? {} : { secret }),
    path: pathText(absent === undefined ? path : [...path, absent]),
  };
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function byPlace(a: Mistake, b: Mistake): number {
  return a.line - b.line || a.column - b.column || compareText(a.message, b.message);
}

/** What an alias stands for is judged wherever it stands, and is wrong in one place. */
function once(sorted: readonly Mistake[]): Mistake[] {
  return sorted.filter((mistake, index) => {
    const before = sorted[index - 1];
    return before === undefined || byPlace(before, mistake) !== 0;
  });
}

function bounded(mistakes: readonly Mistake[]): readonly Mistake[] {
  const shown = mistakes.slice(0, MAX_MISTAKES);
  const last = shown.at(-1);
  if (last === undefined || shown.length === mistakes.length) return shown;
  const more: Mistake = {
    severity: 'error',
    line: last.line,
    column: last.column,
    message: 'further mistakes are not shown',
    path: '',
  };
  return [...shown, more];
}
