import { describe, it } from 'vitest';
import { betweenGates, byLdap, EveryGateMoves, gates } from '../homes/every-gate-home.ts';
import { placeLdapOutpost } from '../homes/ldap-outpost.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

const { groups, webhook, alone, outpost, domain, proxy, itself, saml } = gates;
const tally = tallied('moves between gates that no other file plays');

const pairs = [
  ...[webhook, alone, domain, proxy, itself].map((item) => [item, groups] as const),
  ...[outpost, domain, proxy, itself].map((item) => [item, webhook] as const),
  ...[groups, itself].map((item) => [saml, item] as const),
  ...[groups, itself, outpost].map((item) => [byLdap, item] as const),
].map(([one, other]) => ({ one, other, names: `${one.name} and ${other.name}` }));

/** Pairs of gates for which another suite plays all troubles, with the same sorts of calls. */
describe('a host between two gates', () => {
  it.each(inTurn(pairs))('moves there and back: $names', async ({ one, other }) => {
    const moves = await EveryGateMoves.open(tally);
    if (one === byLdap) await placeLdapOutpost(moves.sandbox);
    await betweenGates(moves, one, other, 'writes');
  });
});
