import { expect, test } from 'vitest';
import { createSandbox, parseLag } from '../../src/lab/sandbox/index.ts';
import { everyGateHome, gates } from '../scenarios/homes/every-gate-home.ts';
import { askAdmin } from '../scenarios/stage/hand.ts';
import { newDisk, runProcess, unfinished } from '../scenarios/stage/stage.ts';

const host = 'app.example.dev';
const atOnce = parseLag('revocations=0');

test('an interlock holds nothing back on the way from each gate to the next', async () => {
  const sandbox = await createSandbox({
    zones: ['example.dev'],
    plan: 'enterprise',
    callBudget: 100_000_000,
  });
  const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: [host] };
  await askAdmin(sandbox, 'PUT', '/origins', traefik);
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
