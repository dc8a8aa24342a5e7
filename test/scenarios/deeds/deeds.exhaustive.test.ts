import { expect, it } from 'vitest';
import { tallied } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';
import { changesInTurn } from './deed-homes.ts';

const tally = tallied('changes by hand before a change of the file');

it.each(changesInTurn(tally))(
  '$home.name, after a change by hand: $before.name → $after.name',
  async ({ home: { groups, left = [], open }, before, after }) => {
    const changed = await ChangedHome.of(await open(), before, groups);
    const deeds = changed.deeds.filter(({ what }) => !left.includes(what));
    expect(deeds.length).toBeGreaterThan(2);
    for (const deed of deeds) await changed.play(deed, after);
  },
);
