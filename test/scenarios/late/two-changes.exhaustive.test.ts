import { describe, expect, it } from 'vitest';
import { createSandbox, parseLag } from '../../../src/lab/sandbox/index.ts';
import { home, states } from '../homes/plain-home.ts';
import { Moves, unionOf } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { copyOf, runProcess, unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';
import { chiefMisfortunes } from '../stage/trouble.ts';

const tally = tallied('two changes of the file, the first run interrupted, and the second at once');

const lags = ['5000', 'random', '0'];
const open = states.filter(({ service }) => service !== undefined);
const rows = open.flatMap((before) =>
  open.flatMap((next) => (next === before ? [] : [{ before, next, name: `${before.name} → ${next.name}` }])),
);

/** A write of an earlier run may be on its way to the edge while the API shows it as done. */
describe('a push right after a run that may have been interrupted', () => {
  it.each(inTurn(rows))('$name', async ({ before, next }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], plan: 'pro', callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home, [], tally);
    const scene = await moves.sceneOf(sandbox.snapshot(), before);
    const row = rows.findIndex((each) => each.before === before && each.next === next);
    for (const [index, after] of open.entries()) {
      if (after === next) continue;
      const write = 1 + ((5 * row + 3 * index) % 14);
      const kind = chiefMisfortunes[(row + index) % chiefMisfortunes.length] ?? 'kill';
      const lag = lags[(row + 2 * index) % lags.length] ?? '0';
      const where = `${after.name}: ${kind} at write ${write}, lag ${lag}`;
      sandbox.restore(scene.snapshot);
      sandbox.setLag(parseLag(lag));
      const disk = await copyOf(scene.disk);
      await moves.guard(unionOf([before, next]));
      tally.add(await runProcess(sandbox, disk, home(next), { write, kind }, undefined, parseLag(lag)));
      expect(sandbox.exposures(), where).toEqual([]);
      await moves.guard(unionOf([before, next, after]));
      const last = await runProcess(sandbox, disk, home(after), undefined, undefined, parseLag(lag));
      tally.add(last);
      tally.interrupted += 1;
      expect(sandbox.exposures(), where).toEqual([]);
      if (unfinished(last.report).length === 0) continue;
      const again = await moves.process(disk, home(after));
      expect(unfinished(again.report), where).toEqual([]);
    }
  });
});
