import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseFile } from '../../../src/config/parse-config.ts';
import { compile } from '../../../src/desired/compile.ts';
import { otherValues, readElsewhere } from './changes.ts';
import { fullFile, severalAccounts } from './full-file.ts';

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
const keys = [...new Set(keysOf(schema, '', new Set()))].filter((key) => !others.has(key));

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

interface Versions {
  readonly before: string;
  readonly after: string;
}

const knownVersions = new Map<string, Versions | undefined>();

/** The file with two values of a key; undefined for a key that the file lacks. */
function versionsOf(key: string): Versions | undefined {
  if (!knownVersions.has(key)) knownVersions.set(key, makeVersions(key));
  return knownVersions.get(key);
}

function makeVersions(key: string): Versions | undefined {
  const { to, within, without = [], service, several } = otherValues[key] ?? { to: undefined };
  const accounts = several === true ? 'several' : 'one';
  const file = structuredClone(parsed[accounts]) as Record<string, unknown>;
  for (const steps of without) {
    for (const [node, name] of placesOf(file, steps)) {
      if (Array.isArray(node)) node.splice(Number(name), 1);
      else delete node[name];
    }
  }
  if (service !== undefined) (file.services as Record<string, unknown>).github = structuredClone(service);
  const isUnchanged = without.length === 0 && service === undefined;
  const before = isUnchanged ? unchanged[accounts] : stringify(file);
  const steps = key.replaceAll('[]', '.*').split('.');
  const found = placesOf(file, within === undefined ? steps : [...within, ...steps.slice(within.length)]);
  const [place] = found;
  if (place === undefined) return undefined;
  const [node, name] = place as [Record<string, unknown>, string];
  if (to === undefined && Array.isArray(node)) node.splice(Number(name), 1);
  else if (to === undefined) delete node[name];
  else node[name] = to;
  return { before, after: stringify(file) };
}

const known = new Map<string, ReturnType<typeof readOnce>>();

/** Most keys change the same file: it is read once. */
function read(text: string) {
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

/** A key that is accepted and has no effect would leave a door as it is, against what the file says. */
describe('every key of the schema', () => {
  it('is in the file of this test, which has no mistakes', () => {
    const { mistakes, desired } = read(fullFile);
    expect(mistakes).toBeUndefined();
    expect(desired?.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(read(severalAccounts).mistakes).toBeUndefined();
    expect(keys.length).toBeGreaterThan(120);
    expect(keys.filter((key) => versionsOf(key) === undefined)).toEqual([]);
  });

  it('has another value here, and no other key does', () => {
    expect(Object.keys(otherValues).filter((key) => !keys.includes(key))).toEqual([]);
    expect([...readElsewhere.keys()].filter((key) => !keys.includes(key))).toEqual([]);
  });

  it.each(keys)('%s changes what gates does', (key) => {
    const versions = versionsOf(key);
    const [before, after] = [read(versions?.before ?? ''), read(versions?.after ?? '')];
    expect([before.mistakes, after.mistakes], `${key}: a file is wrong`).toEqual([undefined, undefined]);
    expect(after.config, `${key} changes nothing of the configuration`).not.toEqual(before.config);
    if (!readElsewhere.has(key))
      expect(after.desired, `${key} changes nothing that compile returns`).not.toEqual(before.desired);
  });
});
