import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { longSuites } from '../support/turn.ts';

/** A suite that is played at one turn only, and then chooses by the turn, would make the same choice in every check. */
it.each(longSuites)('%s makes no choice of its own by the turn', (suite) => {
  expect(readFileSync(suite, 'utf8')).not.toMatch(/\b(inTurn|ofThisTurn)\b/);
});
