import { describe, it } from 'vitest';
import { guardedPathByDomain } from '../homes/authentik-home.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';
import { homesOf, pairsOf } from './deed-homes.ts';
import { obstacles } from './obstacles.ts';

const tally = tallied('changes of the file at a refused host');

describe.each(homesOf(tally))('$name, beside an object of others', (home) => {
  const isBehindOutpost = home.states.some(({ name }) => name === 'family, by their domain');
  const states = isBehindOutpost ? [...home.states, guardedPathByDomain] : home.states;
  it.each(inTurn(pairsOf(states)))('$before.name → $after.name', async ({ before, after }) => {
    const changed = await ChangedHome.of(await home.open(), before, home.groups);
    for (const obstacle of obstacles) await changed.obstruct(obstacle, after);
  });
});
