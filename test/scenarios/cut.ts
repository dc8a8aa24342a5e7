import { type Misfortune, misfortunes } from './trouble.ts';

/** Everything is played, without the cuts of a check: `GATES_MOVES=uncut`, about half an hour. */
export const isUncut = process.env.GATES_MOVES === 'uncut';

/**
 * Whether a check plays this misfortune, where a file of tests would play all eight kinds at every write. It plays two
 * kinds at each write, and other two at the next, so that four writes meet all eight.
 */
export function isPlayed({ write, kind }: Misfortune): boolean {
  return isUncut || (write + misfortunes.indexOf(kind)) % 4 === 0;
}

/** The misfortunes at these writes, counted from 1, that a check plays. */
export function playedAt(writes: number): readonly Misfortune[] {
  return Array.from({ length: writes }, (_, index) => index + 1)
    .flatMap((write) => misfortunes.map((kind) => ({ write, kind })))
    .filter(isPlayed);
}

/**
 * The rows of a table that this check plays: `GATES_TURN=1/3` plays the second of every three, so that three checks play all of
 * them (`scripts/check.mjs` takes the turn of a commit). Without it, all rows.
 */
export function inTurn<Row>(rows: readonly Row[]): readonly Row[] {
  const [turn, turns] = (process.env.GATES_TURN ?? '0/1').split('/').map(Number);
  if (turn === undefined || turns === undefined || isUncut) return rows;
  const own = rows.filter((_, index) => index % turns === turn % turns);
  return own.length > 0 ? own : rows.slice(0, 1);
}
