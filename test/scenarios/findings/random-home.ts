import { expect } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { leansOnOrigin, type RandomFile } from '../random-files/file.ts';
import { textOf } from '../random-files/file-text.ts';
import { newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';
import { findingsIn, namesOf } from './found-faults.ts';

/** Applies a file, and checks that the result has no finding and leaves no question open. */
export async function healthyAfterApply(file: RandomFile): Promise<void> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const forwardAuth = file.services.filter(leansOnOrigin).map(({ host }) => host);
  await askAdmin(sandbox, 'PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
  const disk = newDisk();
  const text = textOf(file);
  expect(unfinished((await runProcess(sandbox, disk, text)).report)).toEqual([]);
  const document = await findingsIn({ sandbox, disk }, text);
  expect(namesOf(document), text).toEqual([]);
  expect(document.unanswered, text).toEqual([]);
}
