import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, home } from '../homes/authentik-home.ts';
import { type Admitted, Moves, type State, union } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';

const file = (of: State) =>
  home({ ...of, service: undefined }).replace(
    'clients:\n',
    `clients:\n  portal: { redirectUris: ["https://portal.example.net/callback"], ${of.name} }\n`,
  );

const client = (name: string, admit: Admitted): State => ({
  name,
  service: undefined,
  guards: [{ host: 'auth.example.dev', client: 'portal', admit }],
});

const before = client('users: [ada], policies: [office]', {
  rules: [{ include: [{ users: ['ada'] }], require: [{ passes: ['policy office'] }] }],
});
const after = client('groups: [family]', { groups: ['family'] });

/** Nobody logs in without the link, so what asked for more goes before the link is made again. */
it('a client that somebody unlinked from its provider gets other people and loses its policy', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, file);
  const ada = { username: 'ada', name: 'ada', groups: [] };
  await moves.byHand('POST', '/api/v3/core/users/', ada, 'authentik');
  const office = { name: 'office', expression: 'return is_office(request)' };
  await moves.byHand('POST', '/api/v3/policies/expression/', office, 'authentik');
  await moves.sendThroughOutpost(behind);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), before);
  await moves.byHand('PATCH', '/api/v3/core/applications/portal/', { provider: null }, 'authentik');
  await moves.guard(union(before, after));
  const { report } = await moves.process(disk, file(after));
  expect(unfinished(report)).toEqual([]);
  expect(sandbox.exposures()).toEqual([]);
  expect((await moves.process(disk, file(after))).writes).toBe(0);
  expect(await moves.judgedBy(after.guards)).toEqual([]);
});

it('the last people of a client stay as long as those who follow cannot be bound', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, file);
  const first = client('groups: [admins]', { groups: ['admins'] });
  await moves.sendThroughOutpost(behind);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), first);
  await moves.guard(union(first, after));
  const match = { system: 'authentik', method: 'POST', path: '/api/v3/policies/bindings/*' };
  await moves.admin('POST', '/faults', { match, fault: 'status', status: 400, times: 9 });
  const { report } = await moves.process(disk, file(after));
  expect(unfinished(report).join('\n')).toMatch(
    /prune authentik\/binding:portal\/admins.*: waits for: create authentik\/binding:portal\/family/,
  );
  await moves.admin('DELETE', '/faults');
  expect(unfinished((await moves.process(disk, file(after))).report)).toEqual([]);
  expect(await moves.judgedBy(after.guards)).toEqual([]);
});
