import fc from 'fast-check';
import { day } from './days.ts';
import { Play } from './play.ts';
import type { Month } from './played.ts';

/** Plays `days` simulated days, in at least so many milliseconds; restarts happen in the first half. */
export async function playMonth(
  seed: number,
  days: number,
  wall: number,
  tell: (line: string) => void,
): Promise<Month> {
  const play = await Play.begin(seed, days);
  const begun = Date.now();
  try {
    const plans = fc.sample(day, { numRuns: days, seed });
    for (const [index, plan] of plans.entries()) {
      await play.day(index, plan, wall / days / 10);
      tell(`${new Date().toISOString().slice(11, 19)} ${play.line(index)}`);
      await play.quiet(index, begun + (wall * (index + 1)) / days);
      if (index < days - 1) await play.night(plan);
    }
    return await play.end();
  } finally {
    await play.close();
  }
}
