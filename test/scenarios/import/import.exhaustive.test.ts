import fc from 'fast-check';
import { describe, it } from 'vitest';
import { emptyFile, revised, revision } from '../random-files/file.ts';
import { importedAfterApply } from './applied-file.ts';

describe('importing what a random file made', () => {
  it.each(
    fc
      .sample(revision, { numRuns: 60, seed: 11 })
      .map((drawn, index) => ({ index, file: revised(emptyFile, drawn) })),
  )('admits the same at every door, and leaves nothing to plan after adopt: file $index', ({ file }) =>
    importedAfterApply(file),
  );
});
