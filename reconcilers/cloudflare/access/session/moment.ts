import type { Notes, World } from '../../../../src/core/world.ts';

/** Epoch milliseconds; undefined if the note has none. */
export async function momentOf(notes: Notes, topic: string, name: string): Promise<number | undefined> {
  const moment = Date.parse((await notes.text(topic, name)) ?? '');
  return Number.isNaN(moment) ? undefined : moment;
}

/** Resolves at that moment, in epoch milliseconds; at once if it has passed. */
export async function untilMoment({ clock, signal }: World, moment: number): Promise<void> {
  const remaining = moment - clock.now().getTime();
  if (remaining > 0) await clock.sleep(remaining, signal);
}

/** Clears each note of the topic whose moment lies more than `longestLag` in the past. */
export async function forgetArrived({ notes, clock, longestLag }: World, topic: string): Promise<void> {
  for (const name of await notes.list(topic)) {
    const moment = await momentOf(notes, topic, name);
    if (moment === undefined || moment + longestLag <= clock.now().getTime()) await notes.clear(topic, name);
  }
}
