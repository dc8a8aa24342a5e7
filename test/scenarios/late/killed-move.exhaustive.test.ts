import { expect, it } from 'vitest';
import { createSandbox, parseLag } from '../../../src/lab/sandbox/index.ts';
import { home, states } from '../homes/plain-home.ts';
import { Moves, type State, union } from '../moves/moves.ts';
import { copyOf } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const named = (name: string) => states.find((state) => state.name === name) as State;
const rows = [
  ['me and you', 'you, at another origin of the tunnel'],
  ['ci and backup', 'me, with open paths'],
  // The gate of the host stands before that of the path, whose people must not reach the old origin.
  ['public, on another tunnel', 'ci, with one path for me'],
] as const;

/** The next run finds the writes of the killed one still on their way, and the API shows them as done. */
it.each(rows)(
  '%s → %s: the people of one origin do not reach the other after a killed run',
  async (from, to) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], plan: 'pro', callBudget: 100_000_000 });
    const moves = new Moves(sandbox, home);
    const [before, after] = [named(from), { ...named(to), origin: 'http://next.lan:80' }];
    const file = home(after).replace(/(host: app\.example\.dev\n\s+origin: )\S+/, '$1next');
    const scene = await moves.sceneOf(sandbox.snapshot(), before);
    const play = async (write: number) => {
      sandbox.restore(scene.snapshot);
      const disk = await copyOf(scene.disk);
      await moves.guard(union(before, after));
      const lag = parseLag('5000');
      const killed = await runProcess(sandbox, disk, file, { write, kind: 'kill' }, undefined, lag);
      const next = await runProcess(sandbox, disk, file, undefined, undefined, lag);
      expect(unfinished(next.report), `killed at write ${write}`).toEqual([]);
      expect(sandbox.exposures(), `killed at write ${write}`).toEqual([]);
      return killed.report === undefined;
    };
    let write = 1;
    while (await play(write)) write += 1;
    expect(write).toBeGreaterThan(4);
  },
);
