import { describe, it } from 'vitest';
import { betweenGates, EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

const { groups, webhook, alone, domain, proxy, itself, edge } = gates;
const tally = tallied('moves of a gate jwt at the edge, from and to the rest');

/** The moves that moves-jwt.exhaustive.test.ts does not play, with the same sorts of calls. */
describe('a host whose tokens API Shield checks before or after', () => {
  it.each(inTurn([groups, webhook, alone, domain, proxy, itself]))('there and back: $name', async (other) => {
    await betweenGates(await EveryGateMoves.open(tally), other, edge, 'writes');
  });
});
