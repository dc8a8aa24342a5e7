import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { explore } from '../moves/exploration.ts';
import { type Admitted, host, Moves, type State, state } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

const ada = { users: ['ada'] };
const ben = { users: ['ben'] };

function passing(people: { users: string[] }, ...passes: string[]): Admitted {
  return { rules: [{ include: [people], require: passes.map((name) => ({ passes: [name] })) }] };
}

function flows(name: string, keys: string, admit: Admitted, mode = 'forwardAuth'): State {
  return state(name, `{ authentik: { mode: ${mode}, ${keys} } }`, admit, {}, 'traefik');
}

const states: readonly State[] = [
  flows('ada', 'users: [ada]', ada),
  flows('ada, a second factor', 'users: [ada], flow: mfa', passing(ada, 'flow mfa')),
  flows('ada, a key', 'users: [ada], flow: key', passing(ada, 'flow key')),
  flows('ben', 'users: [ben]', ben),
  flows('ben, a second factor', 'users: [ben], flow: mfa', passing(ben, 'flow mfa')),
  flows('ben, a key, by proxy', 'users: [ben], flow: key', passing(ben, 'flow key'), 'proxy'),
  state('none', undefined, {}),
];

const tally = tallied('moves between authorization flows');

/** Flows of a login's own that come, go and replace each other, also together with the people, with every trouble. */
describe('a host behind Authentik', () => {
  it.each(inTurn(states))('changes from: $name', async (before) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home, [], tally);
    for (const username of ['ada', 'ben']) {
      const person = { username, name: username, groups: [] };
      await moves.byHand('POST', '/api/v3/core/users/', person, 'authentik');
    }
    for (const slug of ['mfa', 'key']) {
      const flow = { name: slug, slug, title: slug, designation: 'authorization' };
      await moves.byHand('POST', '/api/v3/flows/instances/', flow, 'authentik');
    }
    await moves.sendThroughOutpost([...behind, host]);
    const scene = await moves.sceneOf(sandbox.snapshot(), before);
    for (const after of states.filter((other) => other !== before)) {
      await explore(moves, { scene, before, after, goesWrong: 'all' });
    }
  });
});
