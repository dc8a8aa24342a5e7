import type { Answers } from './answers.ts';
import type { Belief } from './belief.ts';
import type { Lab } from './lab.ts';

/** Beliefs that are asked together, with the same scratch objects. */
export interface Group {
  readonly name: string;
  /** `quick`: in every run; `full`: only with `--full`. */
  readonly set: 'quick' | 'full';
  /** Expected duration at Cloudflare, in seconds. */
  readonly seconds: number;
  /** Objects that it creates, in words for the person who agrees: `1 service token`. */
  readonly makes: readonly string[];
  /** Beliefs without which none of the group can be asked. */
  readonly needs: readonly string[];
  readonly beliefs: readonly Belief[];
  ask(lab: Lab, answers: Answers): Promise<void>;
}

/** The beliefs of a group by their names, so that a question names its belief once. */
export function named<Name extends string>(
  group: string,
  beliefs: Readonly<Record<Name, Omit<Belief, 'id'>>>,
): Readonly<Record<Name, Belief>> {
  const entries = Object.entries(beliefs) as [Name, Omit<Belief, 'id'>][];
  return Object.fromEntries(
    entries.map(([name, belief]) => [name, { id: `${group}/${name}`, ...belief }]),
  ) as Record<Name, Belief>;
}
