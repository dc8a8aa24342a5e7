import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { bare, behind, clientGuard, home, plain, unlike } from '../homes/authentik-home.ts';
import { type Surroundings, surroundings, themElsewhere } from '../homes/surroundings.ts';
import { inTurn, isUncut } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { explore } from './exploration.ts';
import { Moves, type State } from './moves.ts';

/** States with inner paths matter where foreign rules compete for them, and so below a wildcard. */
function statesIn({ serves }: Surroundings): readonly State[] {
  return isUncut || serves ? [...plain, ...unlike] : bare;
}

const tally = tallied('moves with Authentik, and others around');

const starts = surroundings
  .filter(({ name }) => name !== 'alone')
  .flatMap((around) =>
    statesIn(around).map((before) => ({ around, before, where: around.name, from: before.name })),
  );

/**
 * Moves every state with Authentik to every other and back, where foreign objects serve or guard every host. The calls
 * and checks are the same as without them.
 */
describe('a host among foreign objects that Authentik guards, will guard, or did guard', () => {
  it.each(inTurn(starts))('$where, from: $from', async ({ around, before }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home, [clientGuard, themElsewhere], tally);
    await moves.sendThroughOutpost(behind);
    await around.place(moves);
    const open = around.serves && before.service === undefined && { open: true as const };
    const scene = { ...(await moves.sceneOf(sandbox.snapshot(), before)), ...open };
    const others = statesIn(around).filter(
      (after) => after !== before && !(plain.includes(before) && plain.includes(after)),
    );
    for (const after of others) await explore(moves, { scene, before, after, goesWrong: 'writes' });
  });
});
