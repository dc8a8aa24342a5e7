import { expect, it } from 'vitest';
import type { ProgressEvent } from '../../../src/core/progress.ts';
import { importedFile } from '../../../src/import/checked-draft.ts';
import { readLive } from '../../../src/import/reading.ts';
import { handMadeHome } from '../homes/hand-made-home.ts';
import { readFrom } from './imported.ts';

it('an import says which hosts it visits and what it checks, and ends both lines', async () => {
  const { reach } = await readFrom(await handMadeHome());
  const events: ProgressEvent[] = [];
  const told = { ...reach, onEvent: (event: ProgressEvent) => events.push(event) };
  const found = await readLive(told, { owner: 'home', authentik: 'http://authentik.lan:9000' });
  importedFile(found, told, {});
  const words = events.flatMap((event) => (event.type === 'working' ? [event.words] : []));
  expect(words).toEqual(['visiting hosts: 1 of 1', undefined, 'checking who gets in by the file', undefined]);
});
