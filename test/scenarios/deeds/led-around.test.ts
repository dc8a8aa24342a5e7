import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { home, states } from '../homes/plain-home.ts';
import { Moves } from '../moves/moves.ts';
import { ChangedHome } from './changed-home.ts';

const stateOf = (name: string) => {
  const found = states.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no state ${name}`);
  return found;
};

/** Everybody gets a file of the path while it is open, and nobody while the name leads around the edge. The copies stay. */
it('a name comes back to the edge once the gate of its host exists, and those of earlier paths are gone', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const changed = await ChangedHome.of(new Moves(sandbox, home), stateOf('public, with a path for me'), []);
  const deedsOf = (deed: string) => changed.deeds.filter(({ what }) => what === deed);
  const pairs = deedsOf('open an Access application').flatMap((opened) =>
    deedsOf('lead a name around the edge').map((led) => [opened, led]),
  );
  expect(pairs.length).toBeGreaterThan(1);
  for (const pair of pairs) await changed.play(pair, stateOf('you, at another origin of the tunnel'));
});
