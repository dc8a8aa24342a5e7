import { describe, it } from 'vitest';
import { certificateMoves, certificateStates } from '../homes/certificate-home.ts';
import { explore } from '../moves/exploration.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

const tally = tallied('moves between certificate authorities');

/** Adds, removes and exchanges authorities, with and without other changes of the gate, with every trouble. */
describe('a host behind certificate authorities', () => {
  it.each(inTurn(certificateStates))('changes from: $name', async (before) => {
    const moves = await certificateMoves(tally);
    const scene = await moves.sceneOf(moves.sandbox.snapshot(), before);
    for (const after of certificateStates.filter((other) => other !== before)) {
      await explore(moves, { scene, before, after, goesWrong: 'all' });
    }
  });
});
