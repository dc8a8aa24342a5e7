import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import {
  admittedBy,
  clientHome,
  clientStates,
  keysOfLogin,
  policedLogins,
  settlePolicies,
} from '../homes/policy-home.ts';
import { explore } from '../moves/exploration.ts';
import { host, Moves, type State, state } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

const tally = tallied('moves between policies');

async function moveFrom(before: State, states: readonly State[], file: (of: State) => string): Promise<void> {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  const moves = new Moves(sandbox, file, [], tally);
  await settlePolicies(moves);
  await moves.sendThroughOutpost([...behind, host]);
  const scene = await moves.sceneOf(sandbox.snapshot(), before);
  for (const after of states.filter((other) => other !== before)) {
    await explore(moves, { scene, before, after, goesWrong: 'all' });
  }
}

/** Policies that come, go and replace each other, also together with the people and a flow, with every trouble. */
describe('a host behind Authentik', () => {
  const states = [
    ...policedLogins.map((login) => {
      const keys = keysOfLogin(login);
      return state(keys, `{ authentik: { ${keys} } }`, admittedBy(login), {}, 'traefik');
    }),
    state('none', undefined, {}),
  ];

  it.each(inTurn(states))('changes from: $name', (before) => moveFrom(before, states, home));
});

/** The same of a client, whose login no host shows. */
describe('a client of Authentik', () => {
  it.each(inTurn(clientStates))('changes from: $name', (before) =>
    moveFrom(before, clientStates, clientHome),
  );
});
