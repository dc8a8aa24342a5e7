import { describeError } from '../core/errors.ts';
import type { Answered } from './answers.ts';
import { Answers } from './answers.ts';
import type { Group } from './group.ts';
import type { Lab } from './lab.ts';

/** The findings of a run. */
export interface Conclusion {
  readonly answered: readonly Answered[];
  /** The reasons why groups ended early, by their names. */
  readonly failures: Readonly<Record<string, string>>;
}

/**
 * Asks group by group, and removes the objects of a group before the next one begins. A group that cannot continue
 * leaves the rest of its beliefs unasked. Rejects with the signal's reason once a person stops it.
 */
export async function askAll(
  groups: readonly Group[],
  lab: Lab,
  onAnswer?: (answered: Answered) => void,
): Promise<Conclusion> {
  const answers = new Answers(onAnswer);
  const failures: Record<string, string> = {};
  const { signal } = lab.world;
  for (const group of groups) {
    const missing = group.needs.find((id) => !answers.holds(id));
    if (missing !== undefined) {
      answers.leave(group.beliefs, `it needs ${missing}`);
      continue;
    }
    try {
      await group.ask(lab, answers);
    } catch (error) {
      signal.throwIfAborted();
      failures[group.name] = describeError(error);
    }
    try {
      await lab.tidy();
    } catch (error) {
      signal.throwIfAborted();
      failures[group.name] ??= describeError(error);
    }
    answers.leave(group.beliefs, failures[group.name] ?? 'the group ended before it');
  }
  return { answered: answers.all, failures };
}
