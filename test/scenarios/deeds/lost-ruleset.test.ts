import { expect, it } from 'vitest';
import { EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { Tally } from '../stage/tally.ts';
import { ChangedHome } from './changed-home.ts';

/** The new gate does not need the WAF rules, by which other folders learn that API Shield has objects of ours. */
it.each([gates.origin, gates.people])(
  'the objects in API Shield go, although somebody deleted the WAF rules: $name',
  async (after) => {
    const moves = await EveryGateMoves.open(new Tally());
    const changed = await ChangedHome.of(moves, gates.edge, []);
    const [deed] = changed.deeds.filter(({ what }) => what === 'delete a ruleset');
    if (deed === undefined) throw new Error('no ruleset');
    await changed.play(deed, after);
    const { tokenRules, tokenConfigurations, operations } = JSON.parse(moves.sandbox.snapshot());
    expect([tokenRules, tokenConfigurations, operations]).toEqual([[], [], []]);
  },
);
