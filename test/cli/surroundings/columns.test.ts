import { afterEach, beforeEach, expect, it } from 'vitest';
import { heedColumns } from '../../../src/cli/surroundings/columns.ts';
import { widthOf } from '../../../src/report/screen/screen.ts';

const streams = [process.stdout, process.stderr];
const before = streams.map(({ columns }) => columns);
const widths = () => streams.map(widthOf);

/** The streams are no terminals here. */
beforeEach(() => {
  for (const stream of streams) Reflect.deleteProperty(stream, 'columns');
});

afterEach(() => {
  for (const [index, stream] of streams.entries()) Reflect.set(stream, 'columns', before[index]);
});

it('the width comes from COLUMNS when no stream is a terminal', () => {
  heedColumns({ COLUMNS: '57' });
  expect(widths()).toEqual([57, 57]);
});

it('the width of a terminal wins', () => {
  process.stderr.columns = 132;
  heedColumns({ COLUMNS: '57' });
  expect(widths()).toEqual([57, 132]);
});

it.each([undefined, '', '0', '-5', 'wide', '57.5'])('COLUMNS=%s is ignored', (COLUMNS) => {
  heedColumns(COLUMNS === undefined ? {} : { COLUMNS });
  expect(widths()).toEqual([80, 80]);
});
