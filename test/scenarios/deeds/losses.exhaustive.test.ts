import { expect, it } from 'vitest';
import { tallied } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';
import { changesInTurn } from './deed-homes.ts';

const tally = tallied('marks taken before a change of the file');

it.each(changesInTurn(tally))(
  '$home.name, after an object lost our mark: $before.name → $after.name',
  async ({ home: { groups, left = [], open }, before, after }) => {
    const changed = await ChangedHome.of(await open(), before, groups);
    const losses = changed.losses.filter(({ what }) => !left.includes(what));
    expect(losses.length).toBeGreaterThan(2);
    for (const loss of losses) await changed.lose(loss, after);
  },
);
