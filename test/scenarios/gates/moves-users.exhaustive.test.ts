import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { explore } from '../moves/exploration.ts';
import { type Admitted, host, Moves, type State, state } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

/** A gate of Authentik that admits these people, in the words of the file and of the guard. */
function users(name: string, people: string, admit: Admitted, mode = 'forwardAuth'): State {
  const gate = `{ authentik: { mode: ${mode}, ${people} } }`;
  return state(name, gate, admit, {}, 'traefik');
}

const states: readonly State[] = [
  users('ada', 'users: [ada]', { users: ['ada'] }),
  users('ada and ben', 'users: [ben, ada]', { users: ['ada', 'ben'] }),
  users('ben and the family', 'groups: [family], users: [ben]', { groups: ['family'], users: ['ben'] }),
  users('the family', 'groups: [family]', { groups: ['family'] }),
  users('ada, by proxy', 'users: [ada]', { users: ['ada'] }, 'proxy'),
  users('everyone', 'everyone: { reason: all }', { people: true }),
  state('none', undefined, {}),
];

const tally = tallied('moves between users of Authentik');

/** Users and groups that come, go and replace each other, with every trouble. */
describe('a host behind Authentik', () => {
  it.each(inTurn(states))('changes from: $name', async (before) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home, [], tally);
    for (const username of ['ada', 'ben']) {
      await moves.byHand(
        'POST',
        '/api/v3/core/users/',
        { username, name: username, groups: [] },
        'authentik',
      );
    }
    await moves.sendThroughOutpost([...behind, host]);
    const scene = await moves.sceneOf(sandbox.snapshot(), before);
    for (const after of states.filter((other) => other !== before)) {
      await explore(moves, { scene, before, after, goesWrong: 'all' });
    }
  });
});
