import { describe, expect, it } from 'vitest';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';
import { homesOf, pairsOf } from './deed-homes.ts';

const tally = tallied('changes by hand before a change of the file');

describe.each(homesOf(tally))('$name, after a change by hand', ({ states, groups, left = [], open }) => {
  it.each(inTurn(pairsOf(states)))('$before.name → $after.name', async ({ before, after }) => {
    const changed = await ChangedHome.of(await open(), before, groups);
    const deeds = changed.deeds.filter(({ what }) => !left.includes(what));
    expect(deeds.length).toBeGreaterThan(2);
    for (const deed of deeds) await changed.play(deed, after);
  });
});
