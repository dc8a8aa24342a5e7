import { parse, stringify } from 'yaml';
import { designExample, type Tree } from './sample-file.ts';

/** Numbers from 0 to 1 that are the same in every run. */
function* seeded(seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const random = seeded(7);
const below = (limit: number) => Math.floor(Number(random.next().value) * limit);
const bytes = (text: string) => new TextEncoder().encode(text);
const lines = designExample.split('\n');
const insertLine = (line: string, at = below(lines.length)) => lines.toSpliced(at, 0, line).join('\n');

/** Every map of the file that has an entry. */
export function mapsOf(tree: Tree): Tree[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const inner = Object.values(tree).flatMap(mapsOf);
  return Array.isArray(tree) ? inner : [tree, ...inner];
}

function retyped(): string {
  const tree = parse(designExample);
  const maps = mapsOf(tree).filter((map) => Object.keys(map).length > 0);
  const map = maps[below(maps.length)];
  const keys = Object.keys(map);
  // No key accepts an infinite number; inside lists it is no scalar, and too deep for a map.
  map[keys[below(keys.length)] ?? ''] = [[[Number.POSITIVE_INFINITY]]];
  return stringify(tree);
}

function withUnknownKey(): string {
  const tree = parse(designExample);
  const maps = mapsOf(tree);
  maps[below(maps.length)][`un known ${below(1000)}`] = 1;
  return stringify(tree);
}

/** The file with a key of the top level or of a service written twice. */
function withDuplicate(): string {
  const keyed = lines.flatMap((line, index) => (/^(?: {2})*[a-z]\w*:/.test(line) ? [index] : []));
  const at = keyed[below(keyed.length)] ?? 0;
  const [key = ''] = /^ *\w+:/.exec(lines[at] ?? '') ?? [];
  return insertLine(`${key} x`, at);
}

function bomb(): string {
  const width = 8 + below(4);
  const levels = Array.from({ length: 8 }, (_, level) => {
    const item = level === 0 ? 'lol' : `*a${level - 1}`;
    return `  - &a${level} [${Array.from({ length: width }, () => item).join(', ')}]`;
  });
  return `${designExample}\nbomb:\n${levels.join('\n')}\n`;
}

function binary(): Uint8Array {
  return Uint8Array.from({ length: 1 + below(3000) }, () => below(256));
}

function notUtf8(): Uint8Array {
  const whole = bytes(designExample);
  whole[below(whole.length)] = 0x80 + below(0x80);
  return whole;
}

const sorts: Readonly<Record<string, () => string | Uint8Array>> = {
  truncated: () => designExample.slice(0, below(designExample.indexOf('zones:'))),
  'truncated in a bracket': () => {
    const opened = [...designExample.matchAll(/[{[]/g)].map(({ index }) => index);
    return designExample.slice(0, (opened[below(opened.length)] ?? 0) + 1);
  },
  retyped,
  'with an unknown key': withUnknownKey,
  'with a tab': () => insertLine('\tkey: value', 2 + below(lines.length - 2)),
  'with a duplicate key': withDuplicate,
  'with an alias bomb': bomb,
  huge: () => `${designExample}${'#'.repeat(1024 * 1024)}${below(10)}`,
  binary,
  'not UTF-8': notUtf8,
  'with a control character': () => insertLine(`# \u0000${String.fromCharCode(below(8))}`),
  'with a second document': () => insertLine('---', 8 + below(lines.length - 8)),
  'with an unknown alias': () => insertLine(`x${below(100)}: *nothing`, lines.length - 1),
  'with a tag': () => designExample.replace('owner: home', `owner: !tag${below(100)} home`),
  'nested without end': () => `${designExample}\nx: ${'['.repeat(100 + below(5000))}`,
  'with a lost quote': () => designExample.replace('oidc-signin"', 'oidc-signin'),
};

const each = Math.ceil(200 / Object.keys(sorts).length);
/** More than 200 malformed files, each in its own way, the same in every run. */
export const malformedFiles: readonly { readonly name: string; readonly make: () => string | Uint8Array }[] =
  Object.entries(sorts).flatMap(([sort, make]) =>
    Array.from({ length: each }, (_, number) => ({ name: `${sort}, ${number + 1}`, make })),
  );
