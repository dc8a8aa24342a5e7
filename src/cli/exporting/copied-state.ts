import { readExport } from '../../export/export-folder.ts';
import { recordedReplies } from '../../export/recorded-replies.ts';
import { type MirrorOptions, mirrorSandbox, type Snapshot } from '../../lab/sandbox/index.ts';
import { tell } from '../surroundings/terminal.ts';

/** The state of a sandbox that copies the systems of an export. Prints the parts that the copy does not play. */
export async function copiedState(folder: string, options: MirrorOptions): Promise<Snapshot> {
  const copied = await readExport(folder);
  const { sandbox, unplayed } = await mirrorSandbox(recordedReplies(copied), options);
  for (const sentence of unplayed) tell(`not as in the export: ${sentence}`);
  for (const { system, path } of copied.refused) tell(`not in the export: ${system} ${path}`);
  return sandbox.snapshot();
}
