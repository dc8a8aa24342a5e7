import fc from 'fast-check';
import { describe, it } from 'vitest';
import { ofThisTurn } from '../../support/turn.ts';
import { emptyFile, revised, revision } from '../random-files/file.ts';
import { importedAfterApply } from './applied-file.ts';
import { extendedAfterLoss, loss } from './extended-file.ts';

/** The number of files of each sort; a check plays one of 24 parts of them. */
const numRuns = Number(process.env.GATES_IMPORTED_FILES ?? '60');

describe('importing what a random file made', () => {
  it.each(
    ofThisTurn(
      fc
        .sample(revision, { numRuns, seed: 11 })
        .map((drawn, index) => ({ index, file: revised(emptyFile, drawn) })),
    ),
  )('admits the same at every door, and leaves nothing to plan after adopt: file $index', ({ file }) =>
    importedAfterApply(file),
  );
});

describe('importing into a file that has lost entries', () => {
  it.each(
    ofThisTurn(
      fc
        .sample(fc.tuple(revision, loss), { numRuns, seed: 23 })
        .map(([drawn, lost], index) => ({ index, lost, file: revised(emptyFile, drawn) })),
    ),
  )('restores what it has lost: file $index', ({ file, lost }) => extendedAfterLoss(file, lost));
});
