import { expect, it } from 'vitest';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { Tally } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';

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
