import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { type Login, loginHome, loginStates, settlePeople } from '../homes/access-login-home.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';
import { explore } from './exploration.ts';
import { Moves } from './moves.ts';

const tally = tallied('moves with one login');

/** The states between which the login itself changes; moves between others send no other sort of read or write. */
const isChief = ({ access, name }: Login) => access === 'its own' || name.startsWith('admins, login');

/** Moves every login method of Access to every other, and from and to each other gate. */
describe('a host behind Access, which asks Authentik, will ask it, or did', () => {
  it.each(inTurn(loginStates))('from: $name', async (before) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, (of) => loginHome(of as Login), [], tally);
    await moves.sendThroughOutpost(['app.example.dev']);
    await settlePeople(moves);
    const scene = await moves.sceneOf(sandbox.snapshot(), before);
    for (const after of loginStates.filter((other) => other !== before)) {
      const goesWrong = isChief(before) && isChief(after) ? 'all' : 'writes';
      await explore(moves, { scene, before, after, goesWrong });
    }
  });
});
