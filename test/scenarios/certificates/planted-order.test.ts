import { beforeAll, expect, it, vi } from 'vitest';
import { certificateHost } from '../../../reconcilers/cloudflare/certificate/certificate-host.ts';
import type { DoorStep } from '../../../src/core/objects/door.ts';
import type { Snapshot } from '../../../src/lab/sandbox/index.ts';
import { certificateMoves, certificateState } from '../homes/certificate-home.ts';
import { type Moves, union } from '../moves/moves.ts';
import { runProcess } from '../stage/stage.ts';

let moves: Moves;
let first: Snapshot;

beforeAll(async () => {
  moves = await certificateMoves();
  first = moves.sandbox.snapshot();
});

type Steps = (comes: boolean) => DoorStep;

/** Those who get in on the way from one state to the other, by neither of the two files. `steps`: a mistake of the order. */
async function exposed(
  [from, to]: readonly [string, string],
  interlocked: boolean,
  steps?: Steps,
): Promise<string> {
  const [before, after] = [certificateState(from), certificateState(to)];
  const { disk } = await moves.sceneOf(first, before);
  await moves.guard(union(before, after));
  if (steps !== undefined)
    vi.spyOn(certificateHost, 'doors').mockImplementation((want, have) => [
      { host: String(want?.host ?? have?.spec.host), step: steps(want !== undefined) },
    ]);
  await runProcess(moves.sandbox, disk, moves.fileOf(after), undefined, undefined, undefined, interlocked);
  vi.restoreAllMocks();
  return moves.sandbox
    .exposures()
    .map(({ principal }) => principal)
    .join('\n');
}

it('the order of a plan lets nobody in by itself', async () => {
  expect(await exposed(['me and you, by a laptop', 'me, by a phone'], false)).toBe('');
  expect(await exposed(['me, by a laptop', 'you, by a phone'], false)).toBe('');
});

it.each<{ readonly because: string; readonly move: readonly [string, string]; readonly steps: Steps }>([
  {
    because: 'a new authority comes before the gate is narrowed',
    move: ['me and you, by a laptop', 'me, by a phone'],
    steps: (comes) => (comes ? 'close' : 'guard'),
  },
  {
    because: 'an old authority goes after the gate admits others',
    move: ['me, by a laptop', 'you, by a phone'],
    steps: (comes) => (comes ? 'unguard' : 'confirm'),
  },
])('another order would let somebody in, from which the interlock protects: $because', async (row) => {
  expect(await exposed(row.move, false, row.steps)).toContain('you@example.net');
  expect(await exposed(row.move, true, row.steps)).toBe('');
});
