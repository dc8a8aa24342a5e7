import { describe, it } from 'vitest';
import { betweenGates, EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

const { origin, none, edge, ...others } = gates;
const tally = tallied('moves of a gate jwt at the origin');

describe('a host whose tokens the daemon checks, will check, or did check', () => {
  it.each(inTurn([none, edge]))('moves there and back, with every fault: $name', async (other) => {
    await betweenGates(await EveryGateMoves.open(tally), origin, other, 'all');
  });

  it.each(inTurn(Object.values(others)))('moves there and back: $name', async (other) => {
    await betweenGates(await EveryGateMoves.open(tally), origin, other, 'writes');
  });
});
