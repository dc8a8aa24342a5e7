import type { Part } from '../../src/core/objects/part.ts';
import { type AllowedEnd, Interlock, type InterlockOptions } from '../../src/doors/interlock.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import { catchAll, email, name, policy, tunnel, zone } from './parts.ts';

/** The host of the tests. */
export const host = 'app.example.dev';
/** A host that a tunnel serves by this rule alone, if by any. */
export const led = (...rules: readonly Part[]): readonly Part[] => [
  zone,
  tunnel,
  name(host),
  ...rules,
  catchAll,
];
export const store = (parts: readonly Part[]) => PartStore.of({ parts });
export const allow = (id: string, ...addresses: readonly string[]) =>
  policy(id, 'allow', addresses.map(email));

/** The parts that one of two states has and the other lacks. */
export function changes(before: readonly Part[], after: readonly Part[]): readonly Part[] {
  const lacks = (parts: readonly Part[]) => {
    const all = new Set(parts.map((part) => JSON.stringify(part)));
    return (part: Part) => !all.has(JSON.stringify(part));
  };
  return [...before.filter(lacks(after)), ...after.filter(lacks(before))];
}

interface Step {
  readonly start: readonly Part[];
  readonly after: readonly Part[];
  /** The states that the file wants. */
  readonly goals?: readonly AllowedEnd[];
  readonly options?: InterlockOptions;
  /** Sorts of parts that gates could not read. */
  readonly unread?: readonly Part['part'][];
}

/** The paths at which a first step admits somebody new. */
export function newcomers({ start, after, goals = [], options, unread = [] }: Step): readonly string[] {
  const live = (parts: readonly Part[]) => PartStore.of({ parts, unread: new Set(unread) });
  const interlock = new Interlock([{ store: live(start) }, ...goals], options);
  interlock.look(live(start));
  return interlock.step(live(after), changes(start, after), new Map()).newcomersAt.map(({ path }) => path);
}
