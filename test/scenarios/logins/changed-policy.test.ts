import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { type Admitted, Moves, type State, state } from '../moves/moves.ts';
import { Hand } from '../stage/hand.ts';
import { unfinished } from '../stage/stage.ts';

const login = (keys: string, admit: Admitted) =>
  state(keys, `{ authentik: { mode: forwardAuth, ${keys} } }`, admit, {}, 'traefik');
const office = (group: string): Admitted => ({
  rules: [{ include: [{ groups: [group] }], require: [{ passes: ['policy office'] }] }],
});

const before = login('groups: [admins], policies: [office]', office('admins'));
const rows: readonly { readonly file: string; readonly after: State; readonly settings?: string }[] = [
  { file: 'other people, without it', after: login('groups: [family]', { groups: ['family'] }) },
  { file: 'other people', after: login('groups: [family], policies: [office]', office('family')) },
  { file: 'the same people, with pruning off', after: before, settings: 'reconcile: { prune: false }\n' },
];

describe.each([
  ['disabled', { enabled: false }],
  ['negated', { negate: true }],
])('a login with a policy that somebody %s', (_, change) => {
  it.each(rows)('admits the people of the file: $file', async ({ after, settings = '' }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    const moves = new Moves(sandbox, home);
    const hand = new Hand(sandbox);
    await hand.post('/policies/expression/', { name: 'office', expression: 'return is_office(request)' });
    await moves.sendThroughOutpost(behind);
    const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
    await hand.changeBinding('app-example-dev', change, 'policy');
    const file = `${home(after)}${settings}`;
    const { report } = await moves.process(disk, file);
    expect(unfinished(report)).toEqual([]);
    expect((await moves.process(disk, file)).writes).toBe(0);
    await moves.admin('DELETE', '/exposures');
    await moves.guard(after.guards);
    expect(await moves.judgedBy(after.guards)).toEqual([]);
  });
});

/** The origin decides by the client. It is asked only once its login is checked, and the login loses what is wrong only after that. */
it('a client with a policy that somebody negated admits the same people at another origin of its host', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const fileOf = (of: Pick<State, 'service'>) =>
    home(of).replace(
      /(app: \{ redirectUris: .*), groups: \[family\]/,
      '$1, groups: [family], policies: [office]',
    );
  const moves = new Moves(sandbox, fileOf);
  const hand = new Hand(sandbox);
  await hand.post('/policies/expression/', { name: 'office', expression: 'return is_office(request)' });
  await moves.sendThroughOutpost(behind);
  const at = (origin: string) =>
    state(origin, '{ authentik: { mode: oidc, client: app } }', { public: true }, {}, origin);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), at('app'));
  await hand.changeBinding('app', { negate: true }, 'policy');
  await moves.guard(at('next').guards);
  const { report } = await moves.process(disk, fileOf(at('next')));
  expect(unfinished(report)).toEqual([]);
  expect((await moves.process(disk, fileOf(at('next')))).writes).toBe(0);
});
