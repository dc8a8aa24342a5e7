import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Config } from '../../../src/config/model/config.ts';
import { parseFile } from '../../../src/config/parse-config.ts';
import { compile } from '../../../src/desired/compile.ts';
import { otherValues } from './changes.ts';
import { fullFile, severalAccounts } from './full-file.ts';

export const folder = 'test/desired/every-key';

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

const schema = JSON.parse(readFileSync('schema/gates.schema.json', 'utf8')) as Schema;

/** The keys that hold a value, such as `services.*.host`. A definition with two uses is listed at its first use. */
function keysOf(node: Schema, at: string, used: Set<string>): readonly string[] {
  if (node.$ref !== undefined) {
    const name = node.$ref.replace('#/$defs/', '');
    const target = schema.$defs?.[name] ?? {};
    if (used.has(name) && isMap(target)) return [];
    used.add(name);
    const { $ref: _, ...own } = node;
    return keysOf({ ...target, ...own }, at, used);
  }
  const inner = [
    ...Object.entries(node.properties ?? {}).map(([key, value]) => [at === '' ? key : `${at}.${key}`, value]),
    ...(typeof node.additionalProperties === 'object' ? [[`${at}.*`, node.additionalProperties]] : []),
    ...(node.items === undefined ? [] : [[`${at}[]`, node.items]]),
    ...[...(node.oneOf ?? []), ...(node.anyOf ?? [])].map((item) => [at, item]),
  ] as [string, Schema][];
  const below = [...new Set(inner.flatMap(([key, value]) => keysOf(value, key, used)))];
  return below.length > 0 || isMap(node) ? below : [at];
}

function isMap({ properties, additionalProperties }: Schema): boolean {
  return properties !== undefined || typeof additionalProperties === 'object';
}

/** Keys of one value, and the list of further files, which test/config/include holds. */
const others: ReadonlySet<string> = new Set(['version', 'include[]']);
export const keys: readonly string[] = [...new Set(keysOf(schema, '', new Set()))].filter(
  (key) => !others.has(key),
);

/** The keys without those that only a file with several accounts has: the sandbox has one. */
export const keysOfOneAccount: readonly string[] = keys.filter((key) => otherValues[key]?.several !== true);

type Node = Record<string, unknown> | unknown[];

/** The nodes of a file at the place of a schema key, each with the key in it. */
function placesOf(node: unknown, steps: readonly string[]): readonly (readonly [Node, string])[] {
  const [step = '', ...rest] = steps;
  if (typeof node !== 'object' || node === null) return [];
  const names = step === '*' ? Object.keys(node) : Object.hasOwn(node, step) ? [step] : [];
  if (rest.length === 0) return names.map((name) => [node as Node, name] as const);
  return names.flatMap((name) => placesOf((node as Record<string, unknown>)[name], rest));
}

/** Reading and writing YAML takes most of the time of this file: each text is read once, and the same file is written once. */
const parsed = { one: parse(fullFile) as object, several: parse(severalAccounts) as object };
const unchanged = { one: stringify(parsed.one), several: stringify(parsed.several) };

/** The file to which most keys are compared. */
export const unchangedFile = unchanged.one;

export interface KeyVersions {
  readonly before: string;
  readonly after: string;
}

const knownVersions = new Map<string, KeyVersions>();

/** The file with two values of a key. */
export function versionsOf(key: string): KeyVersions {
  const versions = knownVersions.get(key) ?? makeVersions(key);
  knownVersions.set(key, versions);
  return versions;
}

function makeVersions(key: string): KeyVersions {
  const { to, within, without = [], service, several } = otherValues[key] ?? { to: undefined };
  const accounts = several === true ? 'several' : 'one';
  const file = structuredClone(parsed[accounts]) as Record<string, unknown>;
  for (const steps of without) {
    for (const [node, name] of placesOf(file, steps)) {
      if (Array.isArray(node)) node.splice(Number(name), 1);
      else delete node[name];
    }
  }
  if (service !== undefined) (file.services as Record<string, unknown>).added = structuredClone(service);
  const isUnchanged = without.length === 0 && service === undefined;
  const before = isUnchanged ? unchanged[accounts] : stringify(file);
  const steps = key.replaceAll('[]', '.*').split('.');
  const found = placesOf(file, within === undefined ? steps : [...within, ...steps.slice(within.length)]);
  const [place] = found;
  if (place === undefined) throw new Error(`Add ${key} to ${folder}/full-file.ts`);
  const [node, name] = place as [Record<string, unknown>, string];
  if (to === undefined && Array.isArray(node)) node.splice(Number(name), 1);
  else if (to === undefined) delete node[name];
  else node[name] = to;
  return { before, after: stringify(file) };
}

const known = new Map<string, ReturnType<typeof readOnce>>();

/** A version, read and compiled. Most keys change the same file: it is read once. */
export function readVersion(text: string): ReturnType<typeof readOnce> {
  const outcome = known.get(text) ?? readOnce(text);
  known.set(text, outcome);
  return outcome;
}

function readOnce(text: string) {
  const outcome = parseFile(text);
  if (!outcome.ok) return { mistakes: outcome.mistakes.map(({ message, line }) => `${line}: ${message}`) };
  const config = outcome.accounts.map((account) => account.config);
  return { config, desired: config.map(compile) };
}

/** The only account of a version. */
export function configOf(text: string): Config {
  const [config] = readVersion(text).config ?? [];
  if (config === undefined) throw new Error('The file has mistakes');
  return config;
}
