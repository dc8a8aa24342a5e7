import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { home, states } from '../homes/plain-home.ts';
import { type Surroundings, surroundings, themElsewhere } from '../homes/surroundings.ts';
import { inTurn, isUncut } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { explore } from './exploration.ts';
import { Moves, type State } from './moves.ts';

/** One state for each gate, and none, without a path that has its own gate. */
const bare = ['none', 'me', 'ci', 'public'];

/** The states that differ in more than the people of a gate. */
const unlike = [...bare, 'me, with open paths', 'ci, with a path for me', 'public, with a path for me'];

const tally = tallied('moves without Authentik');

const starts = surroundings.flatMap((around) =>
  states
    .filter(({ name }) => isTried(name, around))
    .map((before) => ({ around, before, where: around.name, from: before.name })),
);

/** Foreign objects around a host do not depend on its people; a wildcard obstructs a host that changes tunnels. */
function isTried(name: string, { name: around, serves }: Surroundings): boolean {
  if (around === 'alone' || unlike.includes(name)) return true;
  return serves && (isUncut || name.endsWith('on another tunnel'));
}

/**
 * Moves every state of one host to every other, with each write failing; between two gates also with all other
 * troubles, alone and where a wildcard would serve the host.
 */
describe('a host without Authentik', () => {
  it.each(inTurn(starts))('$where, from: $from', async ({ around, before }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home, [themElsewhere], tally);
    await around.place(moves);
    const open = around.serves && before.service === undefined && { open: true as const };
    const scene = { ...(await moves.sceneOf(sandbox.snapshot(), before)), ...open };
    const others = starts.filter((start) => start.around === around).map((start) => start.before);
    const hasAll = (of: State) => bare.includes(of.name) && (around.serves || around.name === 'alone');
    for (const after of others) {
      const goesWrong = hasAll(before) && hasAll(after) ? 'all' : 'writes';
      if (after !== before) await explore(moves, { scene, before, after, goesWrong });
    }
  });
});
