import { describe, it } from 'vitest';
import { ruleMoves, ruleStates } from '../homes/rule-home.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { explore } from './exploration.ts';

const tally = tallied('moves between rules of Access');

/** Widens, narrows and exchanges every pair of rules, with every trouble. */
describe('a host behind Access', () => {
  it.each(inTurn(ruleStates))('changes from: $name', async (before) => {
    const moves = await ruleMoves(tally);
    const scene = await moves.sceneOf(moves.sandbox.snapshot(), before);
    for (const after of ruleStates.filter((other) => other !== before)) {
      await explore(moves, { scene, before, after, goesWrong: 'all' });
    }
  });
});
