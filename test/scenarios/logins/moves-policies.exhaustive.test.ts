import { describe, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { explore } from '../moves/exploration.ts';
import { type Admitted, host, Moves, type State, state } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { tallied } from '../stage/tally.ts';

/** The people of a login, as the file and as the guard name them. */
const people = {
  ada: ['users: [ada]', { users: ['ada'] }],
  ben: ['users: [ben]', { users: ['ben'] }],
  both: ['users: [ada, ben]', { users: ['ada', 'ben'] }],
  everyone: ['everyone: { reason: all }', { everyone: true }],
} as const;

/** A login by its name: the people, then the policies, then the flow. */
const logins: readonly (readonly [keyof typeof people, readonly string[], string?])[] = [
  ['ada', []],
  ['both', []],
  ['everyone', []],
  ['ada', ['office']],
  ['ben', ['office']],
  ['ben', ['office', 'trusted']],
  ['everyone', ['office']],
  ['everyone', ['trusted']],
  ['ada', ['trusted'], 'mfa'],
];

function keysOf([who, policies, flow]: (typeof logins)[number]): string {
  return [
    people[who][0],
    ...(policies.length > 0 ? [`policies: [${policies.join(', ')}]`] : []),
    ...(flow === undefined ? [] : [`flow: ${flow}`]),
  ].join(', ');
}

function admitted([who, policies, flow]: (typeof logins)[number]): Admitted {
  const passes = [
    ...policies.map((name) => `policy ${name}`),
    ...(flow === undefined ? [] : [`flow ${flow}`]),
  ];
  const [, one] = people[who];
  const include = 'everyone' in one ? { everyone: true as const } : { users: [...one.users] };
  return { rules: [{ include: [include], require: passes.map((name) => ({ passes: [name] })) }] };
}

/** Two people, two policies that depend on the visitor, and a flow. */
async function prepare(moves: Moves): Promise<void> {
  const make = (path: string, body: object) => moves.byHand('POST', `/api/v3${path}`, body, 'authentik');
  for (const username of ['ada', 'ben']) await make('/core/users/', { username, name: username, groups: [] });
  for (const name of ['office', 'trusted'])
    await make('/policies/expression/', { name, expression: `return is_${name}(request)` });
  await make('/flows/instances/', { name: 'mfa', slug: 'mfa', title: 'mfa', designation: 'authorization' });
}

const tally = tallied('moves between policies');

async function moveFrom(before: State, states: readonly State[], file: (of: State) => string): Promise<void> {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  const moves = new Moves(sandbox, file, [], tally);
  await prepare(moves);
  await moves.sendThroughOutpost([...behind, host]);
  const scene = await moves.sceneOf(sandbox.snapshot(), before);
  for (const after of states.filter((other) => other !== before)) {
    await explore(moves, { scene, before, after, goesWrong: 'all' });
  }
}

/** Policies that come, go and replace each other, also together with the people and a flow, with every trouble. */
describe('a host behind Authentik', () => {
  const states = [
    ...logins.map((login) => {
      const keys = keysOf(login);
      return state(keys, `{ authentik: { ${keys} } }`, admitted(login), {}, 'traefik');
    }),
    state('none', undefined, {}),
  ];

  it.each(inTurn(states))('changes from: $name', (before) => moveFrom(before, states, home));
});

/** The same of a client, whose login no host shows. */
describe('a client of Authentik', () => {
  const states = logins.map((login): State => {
    const guards = [{ host: 'auth.example.dev', client: 'portal', admit: admitted(login) }];
    return { name: keysOf(login), service: undefined, guards };
  });
  const file = (of: State) =>
    home({ ...of, service: undefined }).replace(
      'clients:\n',
      `clients:\n  portal: { redirectUris: ["https://portal.example.dev/callback"], ${of.name} }\n`,
    );

  it.each(inTurn(states))('changes from: $name', (before) => moveFrom(before, states, file));
});
