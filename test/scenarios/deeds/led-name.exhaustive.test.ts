import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, homeAlone } from '../homes/authentik-home.ts';
import { Moves } from '../moves/moves.ts';
import { ChangedHome } from './changed-home.ts';

const stateOf = (name: string) => {
  const found = authentik.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no state ${name}`);
  return found;
};

/** The killed run has led the host to its new origin, while its provider is still that of the earlier file. */
it('a host comes back after somebody led its name elsewhere and a run was killed at any write', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, homeAlone, [clientGuard]);
  await moves.sendThroughOutpost(behind);
  const changed = await ChangedHome.of(moves, stateOf('admins and family'), ['family']);
  const deeds = changed.deeds.filter(({ what }) => what === 'lead a name elsewhere');
  expect(deeds.length).toBeGreaterThan(1);
  for (const deed of deeds) {
    let write = 1;
    while (await changed.play(deed, stateOf('the application itself asks'), write)) write += 1;
    expect(write).toBeGreaterThan(4);
  }
});
