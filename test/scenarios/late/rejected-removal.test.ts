import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { home } from '../homes/plain-home.ts';
import { Moves, state, union } from '../moves/moves.ts';
import { copyOf } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';

const me = ['{ cloudflare: { emails: [me@example.dev] } }', { emails: ['me@example.dev'] }] as const;
const you = ['{ cloudflare: { emails: [you@example.dev] } }', { emails: ['you@example.dev'] }] as const;
const ci = ['{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] }] as const;
const open = ['{ public: { reason: open } }', { public: true }] as const;

/** The rule that keeps answers out of the cache stays until both paths have lost their gates: the inner gate covers what lies below. */
it('a run goes on after Cloudflare rejected any write of one that takes an exact path and the path around it away', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, home);
  const before = state('with paths', ...open, { '/api/**': me, '/api/v1/status': ci });
  const after = state('without', ...you);
  const scene = await moves.sceneOf(sandbox.snapshot(), before);
  let write = 0;
  for (let isRejected = true; isRejected; ) {
    write += 1;
    sandbox.restore(scene.snapshot);
    const disk = await copyOf(scene.disk);
    await moves.guard(union(before, after));
    const disturbed = await moves.process(disk, home(after), { write, kind: 'reject' });
    // A purge that is rejected holds nothing up.
    isRejected = disturbed.writes >= write;
    const { report } = await moves.process(disk, home(after));
    const again = await moves.process(disk, home(after));
    expect([write, unfinished(report), again.writes, sandbox.exposures()]).toEqual([write, [], 0, []]);
  }
  expect(write).toBeGreaterThan(5);
});
