import { describe, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';
import { authentik, behind, clientGuard, home, plain } from './authentik-home.ts';
import { Moves } from './moves.ts';

const states = [...plain, ...authentik];

let explored = 0;

/** Every state with Authentik to every other and back, with every write of the way going wrong in every way. */
describe('a host that Authentik guards, or will, or did', () => {
  it.each(states)('from: $name', async (before) => {
    const moves = new Moves(await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 }), home, [
      clientGuard,
    ]);
    await moves.sendThroughOutpost(behind);
    const scene = await moves.sceneOf(moves.sandbox.snapshot(), before);
    const others = plain.includes(before) ? authentik : states;
    for (const after of others) if (after !== before) await moves.explore(scene, before, after);
    explored += moves.explored;
    process.stdout.write(`from ${before.name}: ${explored} interrupted moves so far, zero exposures\n`);
  });
});
