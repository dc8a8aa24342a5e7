import { equal } from '../../core/objects/equal.ts';

/** The error when a server differs from the claim of a story. The message has both, on one line. */
export class ClaimError extends Error {}

/** The most characters of a value in a message. */
const longest = 300;

/** Claims that plain data equals the expected data. `what` names it for the message: `what a second run would do`. */
export function same(what: string, seen: unknown, wanted: unknown): void {
  claim(equal(seen, wanted), `${what}: ${shown(seen)}, and not ${shown(wanted)}`);
}

/** Claims that each text contains its part: as many texts as parts, in their order. */
export function each(what: string, seen: readonly string[], parts: readonly string[]): void {
  const isSo = seen.length === parts.length && parts.every((part, n) => seen[n]?.includes(part));
  claim(isSo, `${what}: ${shown(seen)}, and not ${shown(parts)}`);
}

/** Claims that the objects of a server have not changed; names those that have. */
export function unchanged(
  what: string,
  now: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): void {
  const names = [...new Set([...before.keys(), ...now.keys()])];
  const changed = names.filter((name) => now.get(name) !== before.get(name));
  claim(changed.length === 0, `${what} changed: ${shown(changed)}`);
}

/** @throws ClaimError unless it holds. */
export function claim(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new ClaimError(otherwise);
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  if (Array.isArray(value) && value.length === 0) return 'nothing';
  const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
  const text = isTexts ? value.join(', ') : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
