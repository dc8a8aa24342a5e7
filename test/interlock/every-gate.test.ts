import { expect, test } from 'vitest';
import { parseLag } from '../../src/lab/sandbox/index.ts';
import { everyGateHome, everyGateSandbox, gates } from '../scenarios/homes/every-gate-home.ts';
import { newDisk } from '../scenarios/stage/disk.ts';
import { runProcess, unfinished } from '../scenarios/stage/stage.ts';

const atOnce = parseLag('revocations=0');

test('an interlock holds nothing back on the way from each gate to the next', async () => {
  const sandbox = await everyGateSandbox();
  const disk = newDisk();
  const held: string[] = [];
  let writes = 0;
  for (const state of Object.values(gates)) {
    const run = await runProcess(sandbox, disk, everyGateHome(state), undefined, undefined, atOnce, true);
    writes += run.writes;
    held.push(...unfinished(run.report).filter((change) => change.includes('would let somebody in')));
  }
  expect(held).toEqual([]);
  expect(writes).toBeGreaterThan(100);
});
