import { describe, expect, it } from 'vitest';
import { checkedConfig } from '../../../src/expect/checked-config.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { pendingIn } from '../adopting/adopted.ts';
import { importedAfterApplyOf } from '../import/applied-file.ts';
import { Moves, union } from '../moves/moves.ts';
import { runCommand, unfinished } from '../stage/stage.ts';
import { hierarchyBehind, hierarchyHome, hierarchyStates } from './hierarchy-home.ts';

/** Every move from and to the state in which a client without a host matters; the exhaustive suite plays all others. */
const pivot = 'the staff, and the admins elsewhere';

describe.each(['forwardAuth', 'access'] as const)('behind the gate %s, a parent that a file', (gate) => {
  const states = hierarchyStates(gate);
  const moveTo = states.flatMap((before) =>
    states
      .filter((after) => after !== before && [before.name, after.name].includes(pivot))
      .map((after) => ({ before, after })),
  );

  it.each(moveTo)(
    'changes from $before.name to $after.name admits whom one of the files admits',
    async ({ before, after }) => {
      const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
      const moves = new Moves(sandbox, hierarchyHome);
      await moves.sendThroughOutpost(hierarchyBehind);
      const scene = await moves.withMember(await moves.sceneOf(sandbox.snapshot(), before), ['admins']);
      sandbox.restore(scene.snapshot);
      await moves.guard(union(before, after));
      const pass = await moves.process(scene.disk, hierarchyHome(after));
      expect(unfinished(pass.report)).toEqual([]);
      expect(await moves.judgedBy(after.guards)).toEqual([]);
      const text = hierarchyHome(after);
      expect(pendingIn(await runCommand('plan', { sandbox, disk: scene.disk, text }, undefined))).toEqual([]);
    },
  );
});

it('a parent waits while a client that the file dropped, and that nothing removes, admits it', async () => {
  const states = hierarchyStates('forwardAuth');
  const [after] = states.filter(({ name }) => name === 'the staff with the admins');
  const [before] = states.filter(({ name }) => name === pivot);
  if (before === undefined || after === undefined) throw new Error('the states have other names');
  const text = hierarchyHome(after).replace(/clients:\n.*\n/, '');
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, hierarchyHome);
  await moves.sendThroughOutpost(hierarchyBehind);
  const scene = await moves.withMember(await moves.sceneOf(sandbox.snapshot(), before), ['admins']);
  sandbox.restore(scene.snapshot);
  const hostGuards = after.guards.filter(({ client }) => client === undefined);
  const left = before.guards.filter(({ client }) => client !== undefined);
  await moves.guard([...hostGuards, ...left]);
  const { report } = await moves.process(scene.disk, `${text}reconcile: { prune: false }\n`);
  expect(unfinished(report).join('\n')).toContain('let gates remove it (`reconcile.prune`)');
  expect(sandbox.exposures()).toEqual([]);
  expect(unfinished((await moves.process(scene.disk, text)).report)).toEqual([]);
  expect(sandbox.exposures()).toEqual([]);
  expect(await moves.judgedBy(hostGuards)).toEqual([]);
});

it('a parent is imported with the groups that gates name, and stays after adopt', async () => {
  for (const gate of ['forwardAuth', 'access'] as const)
    for (const of of hierarchyStates(gate)) await importedAfterApplyOf(hierarchyHome(of), hierarchyBehind);
});

describe('a file with a parent', () => {
  const [, withAdmins] = hierarchyStates('forwardAuth');
  const fileOf = (expectation: string) =>
    `${hierarchyHome(withAdmins as never)}expect:\n  - { url: "https://${hierarchyBehind[0]}/", ${expectation} }\n`;

  it.each([
    ['as: { groups: [admins] }, verdict: allow', true],
    ['as: { groups: [staff] }, verdict: allow', true],
    ['as: { groups: [all] }, verdict: deny', true],
    ['as: { groups: [admins] }, verdict: deny', false],
  ])('admits members of the inner group: %s', (expectation, holds) => {
    expect(checkedConfig(new TextEncoder().encode(fileOf(expectation))).ok).toBe(holds);
  });
});
