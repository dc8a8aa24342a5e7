import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, clientGuard, home, proxied } from '../homes/authentik-home.ts';
import { Moves } from '../moves/moves.ts';
import { ChangedHome } from './changed-home.ts';

const stateOf = (name: string) => {
  const found = proxied.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no state ${name}`);
  return found;
};

/** The new provider leads to the new origin as soon as it serves the host, also from a path that Access guards. */
it.each([
  ['family, by proxy, with a path for me', 'admins, by proxy, elsewhere, with a path for ci'],
  ['admins, by proxy, elsewhere, with a path for ci', 'family, by proxy, with a path for me'],
])('%s → %s, after somebody deleted the provider', async (from, to) => {
  const moves = new Moves(await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 }), home, [
    clientGuard,
  ]);
  await moves.sendThroughOutpost(behind);
  const changed = await ChangedHome.of(moves, stateOf(from), ['family']);
  const deeds = changed.deeds.filter(({ what }) => what === 'delete a provider');
  expect(deeds.length).toBeGreaterThan(0);
  for (const deed of deeds) await changed.play(deed, stateOf(to));
});
