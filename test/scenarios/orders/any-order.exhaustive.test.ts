import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { home, states } from '../homes/plain-home.ts';
import { Moves, union } from '../moves/moves.ts';
import { Beginning } from '../stage/beginning.ts';
import { inTurn } from '../stage/cut.ts';
import { copyOf, type Disk } from '../stage/disk.ts';
import { shapeOf } from '../stage/shape.ts';
import { runProcess, unfinished } from '../stage/stage.ts';
import { type Misfortune, misfortunes } from '../stage/trouble.ts';
import { isCopy, isHeldBack, shuffled } from './random-order.ts';

/** The number of orders for each move. */
const orders = 3;

/** A write number that is never reached, so that nothing fails. */
const never: Misfortune = { write: Number.MAX_SAFE_INTEGER, kind: 'refuse' };

const seen = { moves: 0, orders: 0, held: 0, exposedWithout: 0, copies: 0 };

/**
 * Moves every state of one host to every other, with the changes of the plan in random orders, some with a failing
 * write. Only the interlock keeps people out then. The next run ends as with the planner's own order.
 */
describe('in any order of its changes', () => {
  afterAll(() => {
    const { moves, orders: played, held, exposedWithout, copies } = seen;
    process.stdout.write(
      `${moves} moves in ${played} orders: zero exposures, ${held} changes held back, ${copies} orders with a copy for somebody new; without the interlock ${exposedWithout} orders expose somebody\n`,
    );
  });

  it.each(inTurn(states))('a move from $name admits nobody new', async (before) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], plan: 'pro', callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home);
    const scene = await moves.sceneOf(sandbox.snapshot(), before);
    for (const [index, after] of states.entries()) {
      if (after === before) continue;
      const text = home(after);
      const start = async (): Promise<Disk> => {
        sandbox.restore(scene.snapshot);
        await moves.guard(union(before, after));
        return copyOf(scene.disk);
      };
      const disk = await start();
      expect(unfinished((await runProcess(sandbox, disk, text)).report)).toEqual([]);
      const own = await shapeOf(sandbox);
      const beginning = new Beginning();
      await runProcess(sandbox, await start(), text, { write: 1, kind: 'stop-unsent' }, beginning);
      for (let order = 0; order < orders; order += 1) {
        const seed = index * orders + order;
        const where = `${before.name} → ${after.name}, order ${seed}`;
        const begun = beginning.with((plan) => shuffled(plan, seed));
        const kind = misfortunes[seed % misfortunes.length] ?? 'refuse';
        const trouble = order === 0 ? never : { write: 1 + (seed % 5), kind };
        const bare = await start();
        await runProcess(sandbox, bare, text, trouble, begun, undefined, false);
        if (!sandbox.exposures().every(isCopy)) seen.exposedWithout += 1;
        const kept = await start();
        const { report } = await runProcess(sandbox, kept, text, trouble, begun);
        seen.held += unfinished(report).filter(isHeldBack).length;
        const left = unfinished((await runProcess(sandbox, kept, text)).report);
        expect(left, where).toEqual([]);
        expect(await shapeOf(sandbox), where).toEqual(own);
        const exposures = await moves.judgedBy(after.guards);
        if (exposures.some(isCopy)) seen.copies += 1;
        const others = exposures.filter((exposure) => !isCopy(exposure));
        expect(others, where).toEqual([]);
        seen.orders += 1;
      }
      seen.moves += 1;
    }
  });
});
