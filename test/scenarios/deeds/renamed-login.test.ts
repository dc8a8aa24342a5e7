import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, home, plain } from '../homes/authentik-home.ts';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { Moves, type State } from '../moves/moves.ts';
import { perform } from '../random-files/drift.ts';
import { settle } from '../random-files/neighbours.ts';
import { Tally } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';
import { obstacles } from './obstacles.ts';

const { people, groups } = gates;

/** Access keeps the client, so the application that holds it by then seems to be in use. */
it.each([
  { before: people, after: people },
  { before: people, after: groups },
  { before: groups, after: groups },
])(
  'the login of Access gets its name back in one run: $before.name → $after.name',
  async ({ before, after }) => {
    const moves = await EveryGateMoves.open(new Tally());
    const changed = await ChangedHome.of(moves, before, ['admins']);
    const renamed = changed.deeds.filter(({ what }) => what === 'rename a login');
    expect(renamed.length).toBeGreaterThan(1);
    for (const deed of renamed) await changed.play(deed, after);
  },
);

it('the login of a domain gets its name back beside an open wildcard of others', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  const others = { catchAll: 'closed', accessForAll: false, accessOn: 'none', guests: false } as const;
  await settle(sandbox, { wildcard: 'open', ...others });
  await moves.sendThroughOutpost(behind);
  const byDomain = authentik.find(({ name }) => name === 'family, by their domain') as State;
  const changed = await ChangedHome.of(moves, byDomain, ['family']);
  const renamed = changed.deeds.filter(({ what }) => what === 'rename a login');
  expect(renamed.length).toBeGreaterThan(1);
  for (const deed of renamed) await changed.play(deed, byDomain);
});

it('the login of a domain, for two groups, gets its name back beside a host that is refused', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const forBoth = (state: State) =>
    home(state).replace('{ groups: [family] } }', '{ groups: [admins, family] } }');
  const moves = new Moves(sandbox, forBoth);
  await moves.sendThroughOutpost(behind);
  const [none, open] = ['none', 'public'].map((wanted) => plain.find(({ name }) => name === wanted) as State);
  const changed = await ChangedHome.of(moves, none as State, ['family']);
  const renamed = changed.deeds.filter(({ what }) => what === 'rename a login');
  expect(renamed.length).toBeGreaterThan(1);
  const [theirs] = obstacles;
  for (const deed of renamed) {
    const place = async (home: Moves) => {
      await perform(home.sandbox, deed);
      return theirs.place(home);
    };
    await changed.obstruct({ name: theirs.name, place }, open as State);
  }
});
