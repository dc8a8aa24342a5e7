import { describe, expect, it } from 'vitest';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';
import { homesOf, pairsOf } from './deed-homes.ts';

const tally = tallied('marks taken before a change of the file');

describe.each(homesOf(tally))(
  '$name, after an object lost our mark',
  ({ states, groups, left = [], open }) => {
    it.each(inTurn(pairsOf(states)))('$before.name → $after.name', async ({ before, after }) => {
      const changed = await ChangedHome.of(await open(), before, groups);
      const losses = changed.losses.filter(({ what }) => !left.includes(what));
      expect(losses.length).toBeGreaterThan(2);
      for (const loss of losses) await changed.lose(loss, after);
    });
  },
);
