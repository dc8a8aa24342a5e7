import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { host, Moves, type State, state } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';

const unpruned = (of: State) => `${home(of)}reconcile: { prune: false }\n`;

/** The old gate becomes the cover of the new one, so it goes, and what lies below the exact path loses the gate around it. */
it('a host with a gate at an exact path leaves Access for the login of its domain, while nothing is removed', async () => {
  const ci = ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }] as const;
  const before = state('ci, with a path for ci', ...ci, { '/open': ci });
  const gate = '{ authentik: { mode: domain } }';
  const after = state('family, by their domain', gate, { groups: ['family'] }, {}, 'traefik');
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, unpruned);
  await moves.sendThroughOutpost([...behind, host]);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
  expect(unfinished((await moves.process(disk, unpruned(after))).report)).toEqual([]);
  expect((await moves.process(disk, unpruned(after))).writes).toBe(0);
});
