import { beforeAll, describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox, type Sandbox, type Snapshot } from '../../../src/lab/sandbox/index.ts';
import { tenGuards, tenServices } from '../../e2e/whole/ten-services.ts';
import { Beginning } from '../stage/beginning.ts';
import { playedAt } from '../stage/cut.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { Settled } from '../stage/settled.ts';
import { shapeOf } from '../stage/shape.ts';
import { runProcess } from '../stage/stage.ts';
import { standingTime } from '../stage/tally.ts';
import { misfortunes } from '../stage/trouble.ts';

/**
 * The first apply of ten services, with one failing write: every write, in ways that change from write to write. Then a
 * second process runs on the same disk. The sandbox's oracle judges after every write of both.
 */
const file = tenServices('/var/lib/gates/secrets');

let sandbox: Sandbox;
let start: Snapshot;
let writes = 0;
let undisturbed: unknown;
const [beginning, settled] = [new Beginning(), new Settled()];

standingTime();

beforeAll(async () => {
  sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const placed = await sandbox.fetch(`${sandbox.urls.admin}/guards`, {
    method: 'PUT',
    body: JSON.stringify(tenGuards),
  });
  expect(placed.status).toBe(200);
  start = sandbox.snapshot();
  const first = await runProcess(sandbox, newDisk(), file, undefined, beginning);
  expect(first.report?.outcomes.filter(({ status }) => status !== 'done')).toEqual([]);
  writes = first.writes;
  undisturbed = await shapeOf(sandbox);
});

async function secondProcess(disk: Disk, where: string): Promise<void> {
  await runProcess(sandbox, disk, file);
  expect(sandbox.exposures(), `${where}: nobody exposed`).toEqual([]);
  await settled.once(sandbox, disk, () => thirdProcess(disk, where));
}

async function thirdProcess(disk: Disk, where: string): Promise<void> {
  const third = await runProcess(sandbox, disk, file);
  expect(third.writes, `${where}: the third process writes nothing`).toBe(0);
  expect(third.report?.plan?.changes.filter(isPending), where).toEqual([]);
  expect(await shapeOf(sandbox), `${where}: same end, no duplicates`).toEqual(undisturbed);
  expect(sandbox.exposures(), `${where}: nobody exposed`).toEqual([]);
}

describe('the first apply, interrupted', () => {
  it.each(misfortunes)('at a write: %s', async (kind) => {
    const played = playedAt(writes).filter((misfortune) => misfortune.kind === kind);
    for (const { write } of played) {
      sandbox.restore(start);
      const disk = newDisk();
      const where = `${kind} at write ${write}`;
      await runProcess(sandbox, disk, file, { write, kind }, beginning);
      expect(sandbox.exposures(), `${where}: nobody exposed`).toEqual([]);
      await settled.once(sandbox, disk, () => secondProcess(disk, where));
    }
    process.stdout.write(
      `interrupted: ${played.length} of ${writes} writes × ${kind}: converged, no duplicates, zero exposures\n`,
    );
  });

  it('is a test that can fail: it finds an open door', async () => {
    sandbox.restore(start);
    const open = file.replace(
      /gate: \{ cloudflare: \{ emails: \[me@example\.dev\], session: 24h \} \}/,
      'gate: { public: { reason: "a mistake" } }',
    );
    expect(open).not.toBe(file);
    await runProcess(sandbox, newDisk(), open);
    expect(sandbox.exposures()).toContainEqual(
      expect.objectContaining({ host: 'proxmox.example.dev', principal: 'anonymous' }),
    );
  });
});
