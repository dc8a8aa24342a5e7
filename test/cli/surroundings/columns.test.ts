import { afterEach, beforeEach, expect, it } from 'vitest';
import { heedColumns } from '../../../src/cli/surroundings/columns.ts';
import { widthOf } from '../../../src/report/screen/screen.ts';

const streams = [process.stdout, process.stderr];
const before = streams.map(({ columns }) => columns);
const widths = () => streams.map(widthOf);

/** As a stream that is no terminal. */
beforeEach(() => {
  for (const stream of streams) Reflect.deleteProperty(stream, 'columns');
});

afterEach(() => {
  for (const [index, stream] of streams.entries()) Reflect.set(stream, 'columns', before[index]);
});

it('takes the width from COLUMNS where no terminal has one', () => {
  heedColumns({ COLUMNS: '57' });
  expect(widths()).toEqual([57, 57]);
});

it('keeps the width of a terminal', () => {
  process.stderr.columns = 132;
  heedColumns({ COLUMNS: '57' });
  expect(widths()).toEqual([57, 132]);
});

it.each([undefined, '', '0', '-5', 'wide', '57.5'])('makes nothing of COLUMNS=%s', (COLUMNS) => {
  heedColumns(COLUMNS === undefined ? {} : { COLUMNS });
  expect(widths()).toEqual([80, 80]);
});
