/**
 * The turn of a check: `GATES_TURN=1/3` is the second of three checks that together play what would take too long for
 * one (`scripts/check.mjs` derives the turn from the commit). Undefined: everything is played.
 */
function turnOfCheck(): { readonly turn: number; readonly turns: number } | undefined {
  const [turn, turns] = (process.env.GATES_TURN ?? '').split('/').map(Number);
  return turn === undefined || turns === undefined ? undefined : { turn: turn % turns, turns };
}

/** The rows that this check plays. */
export function ofThisTurn<Row>(rows: readonly Row[]): readonly Row[] {
  const found = turnOfCheck();
  return found === undefined ? rows : rows.filter((_, index) => index % found.turns === found.turn);
}
