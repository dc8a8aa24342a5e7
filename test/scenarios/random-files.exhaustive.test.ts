import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPending } from '../../src/core/change.ts';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import { Moves, misfortunes, union } from './moves.ts';
import { hosts, noService, type RandomFile, randomFile } from './random-files.ts';
import { type Disk, type Misfortune, newDisk, runProcess, unfinished } from './stage.ts';

/** `GATES_TEST_SEED` plays a run again that was seen to fail. */
const seed = Number(process.env.GATES_TEST_SEED ?? Date.now() % 2 ** 31);
const chains = 4;
const filesEach = 25;

/** What goes wrong on the way to a file: a write, or so many reads from some read on. */
interface Disturbance {
  readonly misfortune?: Misfortune;
  readonly fault?: object;
}

const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  fc
    .record({ write: fc.integer({ min: 1, max: 30 }), kind: fc.constantFrom(...misfortunes) })
    .map((misfortune) => ({ misfortune })),
  fc
    .record({
      system: fc.constantFrom('cloudflare', 'authentik'),
      trouble: fc.constantFrom(
        { fault: 'status', status: 403 },
        { fault: 'status', status: 500 },
        { fault: 'drop' },
      ),
      skip: fc.nat(25),
      times: fc.integer({ min: 1, max: 6 }),
    })
    .map(({ system, trouble, skip, times }) => ({
      fault: { match: { system, method: 'GET' }, ...trouble, skip, times },
    })),
);

const step = fc.record({ file: randomFile, disturbance });

let pairs = 0;

describe(`random files, one after the other, seed ${seed}`, () => {
  it.each(Array.from({ length: chains }, (_, chain) => ({ chain })))('chain $chain', async ({ chain }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, () => '');
    await moves.sendThroughOutpost(hosts);
    const disk = newDisk();
    let before = noService;
    await applied(sandbox, disk, before, 'no service');
    await people(moves);
    const steps = fc.sample(step, { numRuns: filesEach, seed: seed + chain });
    for (const [index, { file, disturbance: wrong }] of steps.entries()) {
      const where = `seed ${seed}, chain ${chain}, file ${index}, ${JSON.stringify(wrong)}\n${before.text}\n→\n${file.text}`;
      await moves.guard(union(before, file));
      if (wrong.fault !== undefined) await moves.admin('POST', '/faults', wrong.fault);
      await runProcess(sandbox, disk, file.text, wrong.misfortune);
      await moves.admin('DELETE', '/faults');
      await applied(sandbox, disk, file, where);
      const third = await runProcess(sandbox, disk, file.text);
      expect(third.writes, where).toBe(0);
      expect(third.report?.plan?.changes.filter(isPending), where).toEqual([]);
      expect(sandbox.exposures(), where).toEqual([]);
      expect(await moves.judgedBy(file.guards), `judged by the new file alone: ${where}`).toEqual([]);
      before = file;
      pairs += 1;
    }
    process.stdout.write(`random files: seed ${seed}, ${pairs} pairs so far, converged, zero exposures\n`);
  });
});

async function applied(sandbox: Sandbox, disk: Disk, file: RandomFile, where: string): Promise<void> {
  const { report } = await runProcess(sandbox, disk, file.text);
  expect(
    report?.plan,
    `${where}\n${report?.mistakes.map(({ message }) => message).join('\n')}`,
  ).toBeDefined();
  expect(unfinished(report), where).toEqual([]);
}

/** Somebody in each group and in no other, beside whom the sandbox has outside of all. */
async function people(moves: Moves): Promise<void> {
  for (const [username, group] of [
    ['ana', 'family'],
    ['root', 'admins'],
  ] as const) {
    const path = `/api/v3/core/groups/?name=${group}`;
    const { results } = (await moves.byHand('GET', path, undefined, 'authentik')) as {
      readonly results: readonly { readonly pk: string }[];
    };
    const person = { username, name: username, groups: results.map(({ pk }) => pk), type: 'internal' };
    await moves.byHand('POST', '/api/v3/core/users/', person, 'authentik');
  }
}
