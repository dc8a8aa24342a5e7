import { beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Snapshot } from '../../../src/lab/sandbox/index.ts';
import { authentik, home as authentikHome, behind, clientGuard, plain } from '../homes/authentik-home.ts';
import { home, states } from '../homes/plain-home.ts';
import { Moves, type State, state, union } from '../moves/moves.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

let moves: Moves;
let first: Snapshot;

beforeAll(async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], plan: 'pro', callBudget: 100_000_000 });
  moves = new Moves(sandbox, home);
  first = sandbox.snapshot();
});

function named(name: string): State {
  const found = states.find((state) => state.name === name);
  if (found === undefined) throw new Error(`no state "${name}"`);
  return found;
}

/** The changes of a move, in order, and everybody who reached an origin at which the files do not admit them. */
async function moved(from: string, to: string) {
  const [before, after] = [named(from), named(to)];
  const { sandbox } = moves;
  const scene = await moves.sceneOf(first, before);
  sandbox.restore(scene.snapshot);
  await moves.guard(union(before, after));
  const { report, ended } = await runProcess(sandbox, scene.disk, home(after));
  expect(unfinished(report)).toEqual([]);
  return { ended, exposures: sandbox.exposures() };
}

const elsewhere = 'you, on another tunnel';
const next = 'you, at another origin of the tunnel';

describe('the new people of a host never reach its old origin', () => {
  it.each([
    ['me', elsewhere],
    [elsewhere, 'me'],
    ['ci, with a path for me', elsewhere],
    ['me', next],
    [next, 'me'],
    ['ci, with a path for me', next],
    [next, 'me, with open paths'],
  ])('%s → %s: the old route is closed first', async (from, to) => {
    const { ended, exposures } = await moved(from, to);
    expect(exposures).toEqual([]);
    const [closing, gate] = [/^close cloudflare\/ingress-rule/, /^update cloudflare\/access-policy/].map(
      (kind) => ended.findIndex((change) => kind.test(change)),
    );
    expect(closing).toBeGreaterThanOrEqual(0);
    expect(closing).toBeLessThan(gate ?? 0);
  });

  it.each([
    ['me', 'ci'],
    ['public', 'public, on another tunnel'],
    ['public', next],
    ['me and you', next],
    ['me', 'me and you'],
  ])('%s → %s: nothing is closed if the gate or the origin stays', async (from, to) => {
    const { ended, exposures } = await moved(from, to);
    expect(exposures).toEqual([]);
    expect(ended.filter((change) => change.startsWith('close'))).toEqual([]);
  });

  it('nor those of a path, where the host is open to everybody', async () => {
    const open = '{ public: { reason: open } }';
    const before = named('public, with a path for me');
    const you = ['{ cloudflare: { emails: [you@example.dev] } }', { emails: ['you@example.dev'] }] as const;
    const after = state('public, with a path for you', open, { public: true }, { '/admin/**': you }, 'next');
    const { sandbox } = moves;
    const scene = await moves.sceneOf(first, before);
    sandbox.restore(scene.snapshot);
    await moves.guard(union(before, after));
    expect(unfinished((await runProcess(sandbox, scene.disk, home(after))).report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    expect(await moves.judgedBy(after.guards)).toEqual([]);
  });
});

describe('a run after one that made the gate of a path and not the gate of its host', () => {
  const [me, you] = ['me@example.dev', 'you@example.dev'];
  const people = (...emails: readonly string[]) => `{ cloudflare: { emails: [${emails.join(', ')}] } }`;
  const inside = { '/open': [people(me), { emails: [me] }] } as const;

  it.each(['app', 'other'])('opens the host at the origin %s', async (origin) => {
    const before = named('public');
    const after = state('us, with one path for me', people(me, you), { emails: [me, you] }, inside, origin);
    const { sandbox } = moves;
    const scene = await moves.sceneOf(first, before);
    sandbox.restore(scene.snapshot);
    await moves.guard(union(before, after));
    const broken = await runProcess(sandbox, scene.disk, home(after), { write: 1, kind: 'reject' });
    expect(unfinished(broken.report)[0]).toContain('create cloudflare/access-policy:app.example.dev: ');
    expect(broken.ended).toContain('create cloudflare/access-application:app.example.dev/open');
    const { report } = await runProcess(sandbox, scene.disk, home(after));
    expect(unfinished(report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    expect(await moves.judgedBy(after.guards)).toEqual([]);
  });
});

describe('the old people of a host never reach its new origin', () => {
  it('which asks nobody, so that the host stays under its cover', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const own = new Moves(sandbox, authentikHome, [clientGuard]);
    await own.sendThroughOutpost(['beside.example.dev']);
    const [before, after] = ['me', 'admins'].map((name) =>
      [...plain, ...authentik].find((each) => each.name === name),
    );
    if (before === undefined || after === undefined) throw new Error('no such state');
    const { disk } = await own.sceneOf(sandbox.snapshot(), before);
    await own.guard(union(before, after));
    const { report } = await own.process(disk, authentikHome(after));
    expect(unfinished(report)[0]).toContain('so the host stays closed');
    expect(sandbox.exposures()).toEqual([]);
    expect(await own.judgedBy(after.guards)).toEqual([]);
  });

  it('nor do the new people of a path reach its old one, while the host is under a cover', async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const own = new Moves(sandbox, authentikHome, [clientGuard]);
    await own.sendThroughOutpost(behind);
    const at = (email: string) => [`{ cloudflare: { emails: [${email}] } }`, { emails: [email] }] as const;
    const ci = { tokens: ['ci'] };
    const before = state('ci', '{ serviceToken: { tokens: [ci] } }', ci, {
      '/admin/**': at('me@example.dev'),
    });
    const gate = '{ authentik: { groups: [admins] } }';
    const admins = { groups: ['admins'] };
    const after = state('admins', gate, admins, { '/admin/**': at('you@example.dev') }, 'traefik');
    const { disk } = await own.sceneOf(sandbox.snapshot(), before);
    await own.guard(union(before, after));
    expect(unfinished((await own.process(disk, authentikHome(after))).report)).toEqual([]);
    expect(sandbox.exposures()).toEqual([]);
    expect(await own.judgedBy(after.guards)).toEqual([]);
  });
});
