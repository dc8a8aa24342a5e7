import { RE2JS } from 're2js';
import { goExpression } from './go-expression.ts';

/** An instruction of a compiled expression, to which RE2 reduces every syntax. */
interface Instruction {
  op: number;
  /** The next instruction; of an alternative, the first of two. */
  out: number;
  /** The second instruction of an alternative, the sort of an assertion, or the flags of a character. */
  arg: number;
  /** Ranges of characters, or a single one. */
  runes: ArrayLike<number>;
}

/** The names of Go's `regexp/syntax`. */
const OP = { alternative: 1, alternativeMatch: 2, assertion: 4, fail: 5, match: 6, character: 8, any: 11 };
const BEGINS_TEXT = 4;
const FOLDS_CASE = 1;
const MOST_SAMPLES = 16;
/** Characters without a special meaning, the likeliest first. */
const PLAIN = [...'a0x/-_.~AZz9'].map((text) => text.charCodeAt(0));

const sampled = new Map<string, readonly string[]>();

/**
 * Paths, as sent, that the expression matches: at least one for each of its alternatives, if it has any. Empty if none
 * is known. Cached, since the oracle asks after every write.
 */
export function pathsMatching(expression: string): readonly string[] {
  const known = sampled.get(expression);
  if (known !== undefined) return known;
  const program = programOf(expression);
  const compiled = goExpression(expression);
  const texts = program === null ? [] : textsOf(program);
  const paths = texts.flatMap((text) => [text, `/${text}`]).filter((path) => path.startsWith('/'));
  const matching = [...new Set(paths)].filter((path) => compiled?.test(path) === true);
  // Half of a surrogate pair is omitted, since no request can contain it.
  const found = matching.filter(isWellFormed).slice(0, MOST_SAMPLES).map(asSent);
  if (sampled.size > 5000) sampled.clear();
  sampled.set(expression, found);
  return found;
}

/** True if no path can match: the expression is anchored at the beginning and does not begin with a slash. */
export function matchesNoPath(expression: string): boolean {
  const program = programOf(expression);
  if (program === null) return false;
  const slash = '/'.charCodeAt(0);
  const seen = new Set<string>();
  const open: [at: number, isAnchored: boolean][] = [[program.start, false]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [at, isAnchored] = next;
    const instruction = program.inst[at];
    if (instruction === undefined || seen.has(`${at} ${isAnchored}`)) continue;
    seen.add(`${at} ${isAnchored}`);
    const { op, arg } = instruction;
    if (op === OP.match) return false;
    if (isCharacter(instruction)) {
      if (!isAnchored || admits(instruction, slash)) return false;
      continue;
    }
    const anchors = op === OP.assertion && (arg & BEGINS_TEXT) !== 0;
    for (const out of followers(instruction)) open.push([out, isAnchored || anchors]);
  }
  return true;
}

interface Program {
  inst: readonly Instruction[];
  start: number;
}

function programOf(expression: string): Program | null {
  try {
    return RE2JS.compile(expression).re2().prog as Program;
  } catch {
    return null;
  }
}

/** The fewest texts, by a simple search, that pass through every instruction on a way to a match. */
function textsOf({ inst, start }: Program): readonly string[] {
  const before = reached(start, (at) => followers(inst[at]));
  const into = new Map<number, number[]>();
  for (const [at, instruction] of inst.entries())
    for (const out of followers(instruction)) into.set(out, [...(into.get(out) ?? []), at]);
  const end = inst.findIndex(({ op }) => op === OP.match);
  const after = reached(end, (at) => into.get(at) ?? []);
  const covered = new Set<number>();
  const texts: string[] = [];
  for (const at of before.keys()) {
    if (covered.has(at) || !after.has(at)) continue;
    const way = [...wayFrom(before, at).toReversed(), ...wayFrom(after, at).slice(1)];
    for (const each of way) covered.add(each);
    texts.push(way.map((each) => characterOf(inst[each])).join(''));
  }
  return texts;
}

/** Every reachable instruction, nearest first, each with its predecessor. */
function reached(from: number, next: (at: number) => readonly number[]): ReadonlyMap<number, number> {
  const found = new Map([[from, from]]);
  for (const at of found.keys()) for (const out of next(at)) if (!found.has(out)) found.set(out, at);
  return found;
}

function wayFrom(from: ReadonlyMap<number, number>, at: number): readonly number[] {
  const way = [at];
  for (let here = at, next = from.get(here); next !== undefined && next !== here; next = from.get(here)) {
    way.push(next);
    here = next;
  }
  return way;
}

function followers(instruction: Instruction | undefined): readonly number[] {
  if (instruction === undefined) return [];
  const { op, out, arg } = instruction;
  if (op === OP.match || op === OP.fail) return [];
  return op === OP.alternative || op === OP.alternativeMatch ? [out, arg] : [out];
}

function isCharacter({ op }: Instruction): boolean {
  return op >= OP.character && op <= OP.any;
}

function characterOf(instruction: Instruction | undefined): string {
  if (instruction === undefined || !isCharacter(instruction)) return '';
  const plain = PLAIN.find((rune) => admits(instruction, rune));
  const character = String.fromCodePoint(plain ?? instruction.runes[0] ?? 0);
  // In the form that people write if case does not matter.
  const lower = character.toLowerCase();
  return admits(instruction, lower.codePointAt(0) ?? 0) ? lower : character;
}

function admits({ runes, arg }: Instruction, rune: number): boolean {
  if (runes.length === 0) return true;
  if (runes.length === 1) return foldedBy(arg, runes[0] ?? 0) === foldedBy(arg, rune);
  for (let at = 0; at < runes.length; at += 2) {
    if ((runes[at] ?? 0) <= rune && rune <= (runes[at + 1] ?? 0)) return true;
  }
  return false;
}

function foldedBy(flags: number, rune: number): string {
  const character = String.fromCodePoint(rune);
  return (flags & FOLDS_CASE) === 0 ? character : character.toLowerCase();
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function asSent(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
}
