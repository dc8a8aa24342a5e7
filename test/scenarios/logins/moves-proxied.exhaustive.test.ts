import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, clientGuard, home, proxied } from '../homes/authentik-home.ts';
import { explore } from '../moves/exploration.ts';
import { Moves } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

const tally = tallied('moves of a gate of mode proxy between applications');

/** The application behind the outpost changes (`internal_host`), alone or with the people, with every trouble. */
describe('a host behind a gate of mode proxy', () => {
  it.each(inTurn(proxied))('changes from: $name', async (before) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home, [clientGuard], tally);
    await moves.sendThroughOutpost(behind);
    const first = await moves.sceneOf(sandbox.snapshot(), before);
    const scene = await moves.withMember(await moves.withMember(first, ['admins'], 'ada'), ['family'], 'fay');
    for (const after of proxied.filter((other) => other !== before)) {
      await explore(moves, { scene, before, after, goesWrong: 'all' });
    }
  });
});
