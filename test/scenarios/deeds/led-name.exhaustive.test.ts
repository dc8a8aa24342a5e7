import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, home, plain, proxied } from '../homes/authentik-home.ts';
import { Moves } from '../moves/moves.ts';
import { ChangedHome } from './changed-home.ts';

const stateOf = (name: string) => {
  const found = [...plain, ...authentik, ...proxied].find((each) => each.name === name);
  if (found === undefined) throw new Error(`no state ${name}`);
  return found;
};

/** The killed run has led the host to its new origin, and its provider is still that of the earlier file. */
it.each([
  ['admins and family', 'the application itself asks'],
  ['family, by proxy', 'me, with open paths'],
])(
  '%s → %s: a host is led back after somebody led its name elsewhere, and a run was killed',
  async (from, to) => {
    const moves = new Moves(await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 }), home, [
      clientGuard,
    ]);
    await moves.sendThroughOutpost(behind);
    const changed = await ChangedHome.of(moves, stateOf(from), ['family']);
    const deeds = changed.deeds.filter(({ what }) => what.startsWith('lead a name'));
    expect(deeds.length).toBeGreaterThan(1);
    for (const deed of deeds) {
      let write = 1;
      while (await changed.play(deed, stateOf(to), write)) write += 1;
      expect(write).toBeGreaterThan(4);
    }
  },
);
