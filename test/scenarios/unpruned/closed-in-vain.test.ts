import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { behind, clientGuard, home } from '../homes/authentik-home.ts';
import { host, Moves, type State, state, union } from '../moves/moves.ts';
import { unfinished } from '../stage/stage.ts';

const unpruned = (of: State) => `${home(of)}reconcile: { prune: false }\n`;
const ci = ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }] as const;
const open = ['{ public: { reason: open } }', { public: true }] as const;

/** The login of the first file stays with its people, and so does the open path of the second one: the third one would join them. */
it('a host is not closed for a change that has to wait until something of an earlier file is removed', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, unpruned, [clientGuard]);
  await moves.sendThroughOutpost(behind);
  const family = state(
    'family',
    '{ authentik: { mode: forwardAuth, groups: [family] } }',
    { groups: ['family'] },
    {},
    'traefik',
  );
  const paths = state('ci, with an open path', ...ci, { '/admin/**': open });
  const admins = state(
    'admins and family',
    '{ authentik: { mode: proxy, groups: [admins, family] } }',
    { groups: ['admins', 'family'] },
    {},
    'next',
  );
  const { disk } = await moves.sceneOf(sandbox.snapshot(), family);
  await moves.process(disk, unpruned(paths));
  await moves.guard(union(paths, admins));
  await moves.admin('DELETE', '/exposures');
  const { report } = await moves.process(disk, unpruned(admins));
  const held = (report?.outcomes ?? []).filter(({ status }) => status === 'failed');
  expect(held.map(({ change, error }) => `${change}: ${error?.message}`)).toEqual([
    expect.stringMatching(
      new RegExp(
        `${host} stays as it is, because a later step would be held back \\(create authentik/binding:app-example-dev/admins\\)\\. This write`,
      ),
    ),
  ]);
  expect(sandbox.exposures()).toEqual([]);
  expect((await moves.process(disk, unpruned(admins))).writes).toBe(0);
});

const me = ['{ cloudflare: { emails: [me@example.dev] } }', { emails: ['me@example.dev'] }] as const;

/** The home, with the origin `next` behind a tunnel of its own. */
const homeOfTwo = (of: State) =>
  home(of)
    .replace(/^ {2}next: .*$/m, '  next: { tunnel: lab, url: "http://next.lan:80" }')
    .replace('tunnels: { homelab: {} }', 'tunnels: { homelab: {}, lab: { create: true } }');

/** The route of before stays, and takes the token of the gate that is to admit everybody and to lead to another origin. */
it('a host that everybody is to reach is not closed either, if its route in another tunnel has to go first', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, homeOfTwo, [clientGuard]);
  await moves.sendThroughOutpost(behind);
  const { disk } = await moves.sceneOf(
    sandbox.snapshot(),
    state('in a tunnel of its own', ...me, {}, 'next'),
  );
  const unprunedOf = (of: State) => `${homeOfTwo(of)}reconcile: { prune: false }\n`;
  const moved = state('in the other tunnel', ...me, {}, 'app');
  expect(unfinished((await moves.process(disk, unprunedOf(moved))).report)).toEqual([]);
  const after = state('open, but for a path', ...open, { '/open': ci }, 'traefik');
  await moves.guard(union(moved, after));
  const { report } = await moves.process(disk, unprunedOf(after));
  const refused = (report?.plan?.changes ?? []).filter(({ verb }) => verb === 'refuse');
  expect(refused.map(({ address }) => address.key)).toEqual([`lab/${host}`]);
  const done = (report?.outcomes ?? []).flatMap(({ change, status }) => (status === 'done' ? [change] : []));
  expect(done.filter((change) => change.startsWith('close '))).toEqual([]);
  expect((await moves.process(disk, unprunedOf(after))).writes).toBe(0);
  expect(sandbox.exposures()).toEqual([]);
  expect(unfinished((await moves.process(disk, homeOfTwo(after))).report)).toEqual([]);
  expect(sandbox.exposures()).toEqual([]);
});
