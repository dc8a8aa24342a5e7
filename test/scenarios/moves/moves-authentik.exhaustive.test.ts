import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import {
  authentik,
  bare,
  behind,
  clientGuard,
  home,
  homeAlone,
  isUnlike,
  plain,
} from '../homes/authentik-home.ts';
import { inTurn, isUncut } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { explore } from './exploration.ts';
import { Moves } from './moves.ts';

const states = [...plain, ...authentik];

/** Alone, the host's own gate is the only one that shows where Authentik and its outpost are. */
const homes = [
  { where: 'beside others', fileOf: home },
  { where: 'alone', fileOf: homeAlone },
];
const rows = homes.flatMap((place) => states.map((before) => ({ ...place, before })));

const tally = tallied('moves with Authentik');

/**
 * Moves every state with Authentik to every other and back, with faults at each write; between two gates also with all
 * other troubles.
 */
describe('a host that Authentik guards, will guard, or did guard', () => {
  it.each(inTurn(rows))('from: $before.name, $where', async ({ fileOf, before }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, fileOf, [clientGuard], tally);
    await moves.sendThroughOutpost(behind);
    const first = await moves.sceneOf(sandbox.snapshot(), before);
    const both = await moves.withMember(first, ['admins', 'family']);
    const scene = await moves.withMember(await moves.withMember(both, ['admins'], 'ada'), ['family'], 'fay');
    const others = (plain.includes(before) ? authentik : states).filter(
      (after) => after !== before && (isUncut || isUnlike(before, after)),
    );
    for (const after of others) {
      const goesWrong = bare.includes(before) && bare.includes(after) ? 'all' : 'writes';
      await explore(moves, { scene, before, after, goesWrong });
    }
  });
});
