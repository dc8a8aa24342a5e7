import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { home, states } from '../homes/plain-home.ts';
import { surroundings, themElsewhere } from '../homes/surroundings.ts';
import { host, Moves, type State, state } from '../moves/moves.ts';
import { copyOf, newDisk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const [me, you, them] = ['me@example.dev', 'you@example.dev', 'them@example.dev'];
const admits = (...emails: readonly string[]) => `{ cloudflare: { emails: [${emails.join(', ')}] } }`;
const none = states.find(({ name }) => name === 'none') as State;
const inside = { '/health': [admits(me, you), { emails: [me, you] }] } as const;
const elsewhere = state('me, with a path for you', admits(me), { emails: [me] }, inside, 'other');

/** The guards of the host, and whom the foreign application admits until the host is closed. */
const guards = elsewhere.guards.map((guard) => ({
  ...guard,
  admit: { emails: [...(guard.admit.emails ?? []), them] },
}));

/** A wildcard leads every host to the first tunnel and is guarded by a foreign application; the new host is in another tunnel. */
async function sceneBefore({ hasTunnel }: { readonly hasTunnel: boolean }) {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home, [themElsewhere]);
  for (const { place } of surroundings.filter(({ name }) => /wildcard|every host/.test(name)))
    await place(moves);
  const { disk } = hasTunnel ? await moves.sceneOf(sandbox.snapshot(), none) : { disk: newDisk() };
  const { snapshot } = moves.sceneNow(disk);
  sandbox.restore(snapshot);
  return { moves, disk, snapshot };
}

/** The changes at the host, without policies, checks and the rule for odd spellings. */
const steps = (ended: readonly string[]) =>
  ended
    .filter((change) => change.includes(host) && !/\\|access-policy|verify/.test(change))
    .map((change) => change.replace(/ [0-9a-f-]{36} .*/, ''));

describe('a new host that a foreign wildcard leads to another tunnel', () => {
  it.each([
    { where: 'a tunnel that exists', hasTunnel: true },
    { where: 'a tunnel of the same run', hasTunnel: false },
  ])('in $where: its closed rule and its name come first', async ({ hasTunnel }) => {
    const { moves, disk } = await sceneBefore({ hasTunnel });
    await moves.guard(guards);
    const { report, ended } = await runProcess(moves.sandbox, disk, home(elsewhere));
    expect(unfinished(report)).toEqual([]);
    expect(steps(ended)).toEqual([
      `close cloudflare/ingress-rule:second/${host}`,
      `create cloudflare/dns-record:CNAME ${host}`,
      `create cloudflare/cache-rule:${host}`,
      `create cloudflare/access-application:${host}`,
      `create cloudflare/access-application:${host}/health`,
      `create cloudflare/ingress-rule:second/${host} (?i)^/health(/)?$`,
      `update cloudflare/ingress-rule:second/${host}`,
    ]);
    expect(moves.sandbox.exposures()).toEqual([]);
    expect(await moves.judgedBy(elsewhere.guards)).toEqual([]);
    expect((await runProcess(moves.sandbox, disk, home(elsewhere))).writes).toBe(0);
  });

  it('ends in the same state, wherever the run is killed', async () => {
    const { moves, disk, snapshot } = await sceneBefore({ hasTunnel: true });
    const { sandbox } = moves;
    const { writes } = await runProcess(sandbox, await copyOf(disk), home(elsewhere));
    for (let write = 1; write <= writes; write += 1) {
      sandbox.restore(snapshot);
      await moves.guard(guards);
      const left = await copyOf(disk);
      await runProcess(sandbox, left, home(elsewhere), { write, kind: 'kill' });
      const { report } = await runProcess(sandbox, left, home(elsewhere));
      const again = await runProcess(sandbox, left, home(elsewhere));
      expect([write, unfinished(report), again.writes, sandbox.exposures()]).toEqual([write, [], 0, []]);
      expect([write, await moves.judgedBy(elsewhere.guards)]).toEqual([write, []]);
    }
  });
});

it('a host whose rule somebody removed, so that a catch-all serves it, moves to another tunnel and admits others', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  const { disk } = await moves.sceneOf(sandbox.snapshot(), state('me', admits(me), { emails: [me] }));
  await surroundings.find(({ name }) => name === 'above an open catch-all')?.place(moves);
  const there = state('you, elsewhere', admits(you), { emails: [you] }, inside, 'other');
  await moves.guard(there.guards.map((guard) => ({ ...guard, admit: { emails: [me, you] } })));
  const { report, ended } = await runProcess(sandbox, disk, home(there));
  expect(unfinished(report)).toEqual([]);
  const closing = steps(ended).indexOf(`close cloudflare/ingress-rule:second/${host}`);
  expect(closing).toBeGreaterThanOrEqual(0);
  expect(steps(ended)[closing + 1]).toContain(`update cloudflare/dns-record:CNAME ${host}`);
  expect(await moves.judgedBy(there.guards)).toEqual([]);
  expect((await runProcess(sandbox, disk, home(there))).writes).toBe(0);
});
