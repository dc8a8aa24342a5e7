import { expect, it } from 'vitest';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { Tally } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';

/** Whoever serves the host of the login tells Access who somebody is. */
it.each(['lead a name elsewhere', 'lead a rule elsewhere'])(
  'gates leads the host of a login to Authentik again before another gate uses the login: %s',
  async (what) => {
    const changed = await ChangedHome.of(await EveryGateMoves.open(new Tally()), gates.people, ['family']);
    const deeds = changed.deeds.filter((deed) => deed.what === what);
    expect(deeds.length).toBeGreaterThan(0);
    for (const deed of deeds) await changed.play(deed, gates.groups);
  },
);
