import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { pendingIn } from '../adopting/adopted.ts';
import { Moves, union } from '../moves/moves.ts';
import { runCommand, unfinished } from '../stage/stage.ts';
import { hierarchyBehind, hierarchyHome, hierarchyStates } from './hierarchy-home.ts';

describe.each(['forwardAuth', 'proxy', 'access'] as const)(
  'behind the gate %s, a parent that a file',
  (gate) => {
    const states = hierarchyStates(gate);
    const moveTo = states.flatMap((before) =>
      states.filter((after) => after !== before).map((after) => ({ before, after })),
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
        expect(pendingIn(await runCommand('plan', { sandbox, disk: scene.disk, text }, undefined))).toEqual(
          [],
        );
      },
    );
  },
);
