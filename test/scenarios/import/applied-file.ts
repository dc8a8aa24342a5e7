import { expect } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { pendingIn } from '../adopting/adopted.ts';
import { leansOnOrigin, type RandomFile } from '../random-files/file.ts';
import { textOf } from '../random-files/file-text.ts';
import { copyOf, type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runCommand, runProcess, unfinished } from '../stage/stage.ts';
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
  const home = await homeWithoutMarks(text, asking);
  const imported = await importedFrom(home);
  expect(imported.draft.leftovers).toEqual([]);
  expect(unlikeDoors(text, imported.text), imported.text).toEqual([]);
  expect(await leftAfterAdopt({ ...home, text: imported.text }), imported.text).toEqual([]);
}

interface Home {
  readonly sandbox: Sandbox;
  readonly disk: Disk;
}

/** A sandbox in which everything is as the file says, and nothing carries our mark. */
export async function homeWithoutMarks(text: string, asking: readonly string[]): Promise<Home> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: asking };
  await askAdmin(sandbox, 'PUT', '/origins', traefik);
  const disk = newDisk();
  const applied = await runProcess(sandbox, disk, text);
  expect(unfinished(applied.report)).toEqual([]);
  await dropMarks(sandbox);
  return { sandbox, disk: { ...newDisk(), vault: disk.vault } };
}

/** The changes that are left after `gates adopt` with a file, in a copy of the state folder. */
export async function leftAfterAdopt(home: Home & { readonly text: string }): Promise<readonly string[]> {
  const adopting = { ...home, disk: await copyOf(home.disk) };
  const left = unfinished((await runCommand('adopt', adopting, undefined)).report);
  return [...left, ...pendingIn(await runCommand('plan', adopting, undefined))];
}
