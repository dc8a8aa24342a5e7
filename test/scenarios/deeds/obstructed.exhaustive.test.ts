import { it } from 'vitest';
import { guardedPathByDomain } from '../homes/authentik-home.ts';
import { tallied } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';
import { changesInTurn } from './deed-homes.ts';
import { obstacles } from './obstacles.ts';

const tally = tallied('changes of the file at a refused host');

const changes = changesInTurn(tally, ({ states }) => {
  const isBehindOutpost = states.some(({ name }) => name === 'family, by their domain');
  return isBehindOutpost ? [guardedPathByDomain] : [];
});

it.each(changes)(
  '$home.name, beside an object of others: $before.name → $after.name',
  async ({ home, before, after }) => {
    const changed = await ChangedHome.of(await home.open(), before, home.groups);
    for (const obstacle of obstacles) await changed.obstruct(obstacle, after);
  },
);
