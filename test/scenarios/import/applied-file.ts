import { expect } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { pendingIn } from '../others/adopted.ts';
import { leansOnOrigin, type RandomFile, textOf } from '../random-files/file.ts';
import { askAdmin } from '../stage/hand.ts';
import { newDisk, runCommand, runProcess, unfinished } from '../stage/stage.ts';
import { dropMarks } from './dropped-marks.ts';
import { importedFrom } from './imported.ts';
import { unlikeDoors } from './same-doors.ts';

/**
 * Applies a file, drops our marks, and imports what is there. The imported file admits the same people and machines at
 * every door, and after it is adopted nothing is left to plan.
 */
export async function importedAfterApply(file: RandomFile): Promise<void> {
  await importedAfterApplyOf(
    textOf(file),
    file.services.filter(leansOnOrigin).map(({ host }) => host),
  );
}

/** The same for a text. `asking`: the hosts whose origin asks Authentik. */
export async function importedAfterApplyOf(text: string, asking: readonly string[]): Promise<void> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: asking };
  await askAdmin(sandbox, 'PUT', '/origins', traefik);
  const disk = newDisk();
  const applied = await runProcess(sandbox, disk, text);
  expect(unfinished(applied.report)).toEqual([]);
  await dropMarks(sandbox);
  const home = { sandbox, disk: { ...newDisk(), vault: disk.vault } };
  const imported = await importedFrom(home);
  expect(imported.draft.leftovers).toEqual([]);
  expect(unlikeDoors(text, imported.text), imported.text).toEqual([]);
  const adopting = { ...home, text: imported.text };
  expect(unfinished((await runCommand('adopt', adopting, undefined)).report)).toEqual([]);
  expect(pendingIn(await runCommand('plan', adopting, undefined)), imported.text).toEqual([]);
}
