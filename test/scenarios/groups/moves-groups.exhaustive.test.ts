import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { explore } from '../moves/exploration.ts';
import { Moves } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { hierarchyBehind, hierarchyHome, hierarchyStates } from './hierarchy-home.ts';

const tally = tallied('moves between groups that lie in each other');

/** Parents that come, go and are exchanged while the gate and a client change their groups, with every trouble. */
describe.each(['forwardAuth', 'proxy', 'access'] as const)('a host behind the gate %s', (gate) => {
  const states = hierarchyStates(gate);
  it.each(inTurn(states))('changes from: $name', async (before) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, hierarchyHome, [], tally);
    await moves.sendThroughOutpost(hierarchyBehind);
    const scene = await moves.withMember(await moves.sceneOf(sandbox.snapshot(), before), ['admins']);
    for (const after of states.filter((other) => other !== before)) {
      await explore(moves, { scene, before, after, goesWrong: 'all' });
    }
  });
});
