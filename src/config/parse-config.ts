import { comparePlaces, type Mistake, type Place } from '../core/mistake.ts';
import { unpackFiles } from '../core/sources/source-files.ts';
import { accountDocument } from './accounts/account-document.ts';
import { splitFile } from './accounts/split-file.ts';
import { disagreements } from './checks/agreement.ts';
import { undeclared } from './checks/declarations.ts';
import { ignoreFindings } from './checks/ignore-findings.ts';
import { partialFile, type SoundFile, soundFile } from './checks/readable-file.ts';
import { recordFindings } from './checks/record-findings.ts';
import { rootCauses } from './checks/root-causes.ts';
import { schemaFindings } from './hints/schema-findings.ts';
import { invariantFindings } from './invariants/invariants.ts';
import { type Finding, type Path, pathText } from './mistakes/finding.ts';
import type { Config } from './model/config.ts';
import { normalize } from './normal-form/normalize.ts';
import { readSources } from './yaml/source-document.ts';
import type { YamlDocument } from './yaml/yaml-values.ts';

/** A file without mistakes. */
export interface ParsedConfig {
  readonly config: Config;
  readonly warnings: readonly Mistake[];
}

/** One account of a file without mistakes. */
export interface ParsedAccount extends ParsedConfig {
  /** Undefined in a file with one account, which has no name. */
  readonly name: string | undefined;
  /** Name of its Authentik, if the servers of the file have names. */
  readonly server: string | undefined;
}

export type ParseResult =
  | { readonly ok: true; readonly parsed: ParsedConfig }
  /** Every mistake and warning, in the order of the text; at least one is an error. */
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

export type FileResult =
  | { readonly ok: true; readonly accounts: readonly ParsedAccount[]; readonly warnings: readonly Mistake[] }
  /** As in {@link ParseResult}. `names`: the accounts of the file; none if it has one without a name, or cannot be read. */
  | { readonly ok: false; readonly mistakes: readonly Mistake[]; readonly names: readonly string[] };

/** Reads a file as {@link parseFile} does, maybe in another thread. Never rejects. */
export type ReadAccounts = (source: Uint8Array) => FileResult | Promise<FileResult>;

/** Reads a file as {@link parseConfig} does, maybe in another thread. Never rejects. */
export type ReadConfig = (source: Uint8Array) => ParseResult | Promise<ParseResult>;

/** More mistakes than anyone corrects in one go. The last one says that there are more. */
const MAX_MISTAKES = 1000;

/**
 * Reads gates.yaml, packed with the files that it includes. Never throws, whatever the bytes are: the result contains all mistakes at once, each with its
 * place. A mistake in one entry does not hide those in others. A file with several accounts must be packed with the one that is meant.
 */
export function parseConfig(source: Uint8Array | string): ParseResult {
  return configOf(parseFile(source), source);
}

/** Reads a file as {@link parseConfig} does, with all its accounts, in the order of the file. */
export function parseFile(source: Uint8Array | string): FileResult {
  const read = readSources(source);
  if ('mistakes' in read) return { ok: false, mistakes: bounded(read.mistakes), names: [] };
  const { document } = read;
  const split = splitFile(document.value);
  if (split === undefined) {
    const one = judge(document);
    if (!one.ok) return { ...one, names: [] };
    const account = { name: undefined, server: undefined, ...one.parsed };
    return { ok: true, accounts: [account], warnings: one.parsed.warnings };
  }
  const { findings, parts } = split;
  const between = mistakesOf({ ...document, mistakes: [] }, rootCauses(findings));
  const judged = parts.map((part) => ({ part, result: judge(accountDocument(document, part)) }));
  const isBetween = (mistake: Mistake) => between.some((each) => comparePlaces(each, mistake) === 0);
  const found = judged.flatMap(({ result }) => (result.ok ? result.parsed.warnings : result.mistakes));
  // An entry is unused if every account that has it says so.
  const isUnused = ({ rule, path }: Mistake) =>
    rule !== 'G109' ||
    found.filter((each) => each.rule === rule && each.path === path).length >=
      parts.filter(({ entries }) => entries.has(path)).length;
  // A mistake between accounts says why an account's part seems to lack something at the same place.
  const all = [...between, ...found.filter((mistake) => !isBetween(mistake) && isUnused(mistake))];
  const mistakes = bounded(once(all.sort(byPlace)));
  const accounts = judged.flatMap(({ part: { name, server }, result }): readonly ParsedAccount[] =>
    result.ok ? [{ name, server, ...result.parsed }] : [],
  );
  const isRight =
    accounts.length === parts.length && findings.every(({ severity }) => severity === 'warning');
  if (isRight) return { ok: true, accounts, warnings: mistakes };
  return { ok: false, mistakes, names: parts.map(({ name }) => name) };
}

/** The account that the source selects, or the only one. Several without a selection are a mistake. */
export function configOf(read: FileResult, source: Uint8Array | string): ParseResult {
  if (!read.ok) return { ok: false, mistakes: read.mistakes };
  const account = typeof source === 'string' ? undefined : unpackFiles(source).account;
  const parsed = read.accounts.find(({ name }) => name === account);
  if (parsed !== undefined) return { ok: true, parsed };
  const names = read.accounts.flatMap(({ name }) => name ?? []);
  const message =
    account === undefined ? 'the file has several accounts' : `the file has no account "${account}"`;
  const hint =
    names.length === 0 ? 'it has one, without a name' : `say which one is meant: ${names.join(', ')}`;
  const mistake = {
    severity: 'error',
    rule: 'account',
    line: 1,
    column: 1,
    message,
    hint,
    path: '',
  } as const;
  return { ok: false, mistakes: [mistake] };
}

function judge(document: YamlDocument): ParseResult {
  const { value } = document;
  const ofShape = schemaFindings(value, MAX_MISTAKES + 1);
  if (ofShape.length > MAX_MISTAKES) {
    return { ok: false, mistakes: cut(mistakesOf(document, rootCauses(ofShape))) };
  }
  const partial = partialFile(value, ofShape);
  const ofParts = [
    ...ofShape,
    ...undeclared(partial),
    ...disagreements(partial),
    ...recordFindings(partial),
    ...ignoreFindings(partial),
  ];
  const sound = soundFile(value, ofParts);
  const whole = ofParts.length === 0 && document.mistakes.length === 0;
  const config = sound === undefined ? undefined : normalize(sound.file, document);
  const ofWhole =
    sound === undefined || config === undefined
      ? []
      : invariantFindings({ config, recordPaths: recordPathsOf(sound), whole });
  const findings = [...ofParts, ...ofWhole];
  const mistakes = mistakesOf(document, rootCauses(findings));
  // All findings count: the validity of a file must not depend on which of them are shown.
  const isWrong = document.mistakes.length > 0 || findings.some(({ severity }) => severity === 'error');
  if (config === undefined || isWrong) {
    return { ok: false, mistakes: bounded(mistakes) };
  }
  return { ok: true, parsed: { config, warnings: bounded(mistakes) } };
}

/** The mistakes of the document and of the findings, each once, in the order of the text. */
function mistakesOf(
  { mistakes, place, unread, written }: YamlDocument,
  findings: readonly Finding[],
): readonly Mistake[] {
  const unreadPaths = new Set(unread.map(pathText));
  const found = findings
    // The document reports already why there is no value.
    .filter(
      ({ absent, part, path }) => absent !== undefined || part === 'key' || !unreadPaths.has(pathText(path)),
    )
    .map((finding) => ({ mistake: located(finding, place, written), cause: finding.cause }));
  const all = [...mistakes.map((mistake) => ({ mistake, cause: undefined })), ...found];
  return once(oneOfEachCause(all.sort((a, b) => byPlace(a.mistake, b.mistake))));
}

interface Caused {
  readonly mistake: Mistake;
  readonly cause: string | undefined;
}

/** The first mistake of each cause, with the places of the others. */
function oneOfEachCause(sorted: readonly Caused[]): readonly Mistake[] {
  const places = new Map<string, Place[]>();
  const firsts = sorted.filter(({ mistake: { line, column, file }, cause }) => {
    if (cause === undefined) return true;
    const known = places.get(cause);
    if (known === undefined) places.set(cause, []);
    else known.push({ line, column, ...(file !== undefined && { file }) });
    return known === undefined;
  });
  return firsts.map(({ mistake, cause }) => {
    const also = cause === undefined ? [] : (places.get(cause) ?? []);
    return also.length === 0 ? mistake : { ...mistake, also };
  });
}

/** The keys of each record of the sound file, in the order of normalization. */
function recordPathsOf({ file, recordIndexes }: SoundFile): Path[] {
  return Object.entries(file.dns ?? {}).flatMap(([zone, records]) =>
    records.map((_, index): Path => ['dns', zone, recordIndexes.get(zone)?.[index] ?? index]),
  );
}

function located(
  { absent, hint, message, part, path, rule, secret, severity }: Finding,
  place: YamlDocument['place'],
  written: YamlDocument['written'],
): Mistake {
  return {
    severity,
    rule,
    ...(rule.startsWith('G') ? { code: rule } : {}),
    ...place(path, part),
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(secret === undefined ? {} : { secret }),
    path: pathText(written(absent === undefined ? path : [...path, absent])),
  };
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function byPlace(a: Mistake, b: Mistake): number {
  return comparePlaces(a, b) || compareText(a.message, b.message);
}

/** Each mistake once. The value of an alias is checked wherever the alias is used, but is wrong in one place. */
function once(sorted: readonly Mistake[]): Mistake[] {
  return sorted.filter((mistake, index) => {
    const before = sorted[index - 1];
    return before === undefined || byPlace(before, mistake) !== 0;
  });
}

function bounded(mistakes: readonly Mistake[]): readonly Mistake[] {
  return mistakes.length > MAX_MISTAKES ? cut(mistakes) : mistakes;
}

/** The mistakes to show, and a last one that says that there are more. */
function cut(mistakes: readonly Mistake[]): readonly Mistake[] {
  const shown = mistakes.slice(0, MAX_MISTAKES);
  const { line, column, file }: Place = shown.at(-1) ?? { line: 1, column: 1 };
  const place = { line, column, ...(file !== undefined && { file }) };
  const message = 'further mistakes are not shown';
  return [...shown, { severity: 'error', rule: 'too-many-mistakes', ...place, message, path: '' }];
}
