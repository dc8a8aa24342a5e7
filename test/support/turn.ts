/**
 * The turn of a check: `GATES_TURN=1/3` is the second of three checks that together play what would take too long for
 * one (`scripts/check.mjs` derives the turn from the commit). Undefined: everything is played.
 */
function turnOfCheck(): { readonly turn: number; readonly turns: number } | undefined {
  const [turn, turns] = (process.env.GATES_TURN ?? '').split('/').map(Number);
  return turn === undefined || turns === undefined ? undefined : { turn: turn % turns, turns };
}

/** The rows that this check plays: one at least, another one at each turn. */
export function ofThisTurn<Row>(rows: readonly Row[]): readonly Row[] {
  const found = turnOfCheck();
  if (found === undefined) return rows;
  const parts = Math.min(found.turns, rows.length);
  return rows.filter((_, index) => index % parts === found.turn % parts);
}

/**
 * Exhaustive suites that a check plays only in their turn. Such a suite makes no choice of its own by the turn, which would
 * be the same choice each time.
 */
export const longSuites: readonly string[] = [
  ...['e2e/daemon/two-daemons', 'lab/sandbox/doors/agreement', 'conformance/planted'],
  ...['packaging/image', 'scenarios/writers/interleavings', 'scenarios/gates/jwt-month'],
  ...[
    'scenarios/lists/idle-run',
    'scenarios/tokens/signing-key-interrupted',
    'scenarios/moves/strangers-moves',
  ],
  ...['conformance/killed', 'scenarios/moves/moves-others', 'scenarios/month/month'],
  ...['e2e/commands/malformed', 'mutants/planted', 'scenarios/lists/changing-run'],
  ...['scenarios/writers/two-folders', 'scenarios/writers/outpost-person', 'scenarios/lists/first-run'],
  ...['scenarios/tokens/rotation-interrupted', 'scenarios/random-files/any-order', 'expect/every-gate'],
  'scenarios/random-files/passing',
].map((name) => `test/${name}.exhaustive.test.ts`);
