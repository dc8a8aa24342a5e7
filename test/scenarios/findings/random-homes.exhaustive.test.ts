import fc from 'fast-check';
import { it } from 'vitest';
import { emptyFile, revised, revision } from '../random-files/file.ts';
import { healthyAfterApply } from './random-home.ts';

it.each(
  fc
    .sample(revision, { numRuns: 40, seed: 33 })
    .map((drawn, index) => ({ index, file: revised(emptyFile, drawn) })),
)('a home that gates has just made has no finding: file $index', ({ file }) => healthyAfterApply(file));
