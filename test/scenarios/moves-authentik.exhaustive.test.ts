import { describe, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';
import { authentik, behind, clientGuard, home, plain } from './authentik-home.ts';
import { explore } from './exploration.ts';
import { Moves } from './moves.ts';
import { tallied } from './tally.ts';

const states = [...plain, ...authentik];

const tally = tallied('moves with Authentik');

/** Every state with Authentik to every other and back, with everything on the way going wrong. */
describe('a host that Authentik guards, or will, or did', () => {
  it.each(states)('from: $name', async (before) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home, [clientGuard], tally);
    await moves.sendThroughOutpost(behind);
    const scene = await moves.sceneOf(sandbox.snapshot(), before);
    const others = plain.includes(before) ? authentik : states;
    for (const after of others) if (after !== before) await explore(moves, { scene, before, after });
  });
});
