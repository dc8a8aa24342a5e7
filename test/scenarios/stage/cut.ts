import { ofThisTurn } from '../../support/turn.ts';
import { type Misfortune, misfortunes } from './trouble.ts';

/** True if everything is played, without the cuts of a check: `GATES_MOVES=uncut`, about half an hour. */
export const isUncut = process.env.GATES_MOVES === 'uncut';

/**
 * True if a check plays this misfortune, where a test file would play all eight kinds at every write. A check plays one
 * kind at each write, and another one at the next, so that eight writes meet all eight.
 */
export function isPlayed({ write, kind }: Misfortune): boolean {
  return isUncut || (write + misfortunes.indexOf(kind)) % misfortunes.length === 0;
}

/** The misfortunes at these writes, counted from 1, that a check plays. */
export function playedAt(writes: number): readonly Misfortune[] {
  return Array.from({ length: writes }, (_, index) => index + 1)
    .flatMap((write) => misfortunes.map((kind) => ({ write, kind })))
    .filter(isPlayed);
}

/** The rows of a table that this check plays: `ofThisTurn`, unless everything is played. */
export function inTurn<Row>(rows: readonly Row[]): readonly Row[] {
  return isUncut ? rows : ofThisTurn(rows);
}
