import { describe, expect, it } from 'vitest';
import { createSandbox, parseLag, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import * as withAuthentik from '../homes/authentik-home.ts';
import { home, states } from '../homes/plain-home.ts';
import { Moves, type State, unionOf } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { copyOf } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';
import { chiefMisfortunes } from '../stage/trouble.ts';

const tally = tallied('two changes of the file, the first run interrupted, and the second at once');
const lags = ['5000', 'random', '0'];

interface House {
  readonly states: readonly State[];
  readonly moves: (sandbox: Sandbox) => Promise<Moves>;
  /** The most third files for each pair of files. */
  readonly thirds: number;
}

const { behind, clientGuard, plain, proxied, unlike } = withAuthentik;
const houses = {
  'with Access alone': {
    states,
    moves: async (sandbox) => new Moves(sandbox, home, [], tally),
    thirds: states.length,
  },
  'with Authentik': {
    states: [...unlike, ...proxied.slice(3), ...plain],
    async moves(sandbox) {
      const moves = new Moves(sandbox, withAuthentik.home, [clientGuard], tally);
      await moves.sendThroughOutpost(behind);
      return moves;
    },
    thirds: 4,
  },
} satisfies { readonly [name: string]: House };

const rows = Object.entries(houses).flatMap(([name, house]) => {
  const open = house.states.filter(({ service }) => service !== undefined);
  return open.flatMap((before, i) =>
    open.flatMap((next, k) => {
      const others = open.filter((after) => after !== next);
      const row = open.length * i + k;
      const chosen = others.length <= house.thirds ? 1 : 7;
      const after = others
        .map((_, index) => others[(5 * row + chosen * index) % others.length] as State)
        .slice(0, house.thirds);
      return next === before
        ? []
        : [{ house, row, before, next, after, name: `${name}: ${before.name} → ${next.name}` }];
    }),
  );
});

/** A write of an earlier run may be on its way to the edge while the API shows it as done. */
describe('a push right after a run that may have been interrupted', () => {
  it.each(inTurn(rows))('$name', async ({ house, row, before, next, after: thirds }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], plan: 'pro', callBudget: 100_000_000 });
    const moves = await house.moves(sandbox);
    const scene = await moves.sceneOf(sandbox.snapshot(), before);
    for (const [index, after] of thirds.entries()) {
      const write = 1 + ((5 * row + 3 * index) % 14);
      const kind = chiefMisfortunes[(row + index) % chiefMisfortunes.length] ?? 'kill';
      const lag = lags[(row + 2 * index) % lags.length] ?? '0';
      const where = `${after.name}: ${kind} at write ${write}, lag ${lag}`;
      sandbox.restore(scene.snapshot);
      sandbox.setLag(parseLag(lag));
      const disk = await copyOf(scene.disk);
      await moves.guard(unionOf([before, next]));
      const file = moves.fileOf(after);
      const interrupted = { write, kind };
      tally.add(await runProcess(sandbox, disk, moves.fileOf(next), interrupted, undefined, parseLag(lag)));
      expect(sandbox.exposures(), where).toEqual([]);
      await moves.guard(unionOf([before, next, after]));
      const last = await runProcess(sandbox, disk, file, undefined, undefined, parseLag(lag));
      tally.add(last);
      tally.interrupted += 1;
      expect(sandbox.exposures(), where).toEqual([]);
      if (unfinished(last.report).length === 0) continue;
      const again = await moves.process(disk, file);
      expect(unfinished(again.report), where).toEqual([]);
    }
  });
});
