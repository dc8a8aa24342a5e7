import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { laidOut, paragraph, table, widthOf } from '../../../src/report/screen/screen.ts';

const esc = String.fromCharCode(27);
const bare = (line: string) => line.replaceAll(new RegExp(`${esc}\\[[0-9;]*m`, 'g'), '');
const red = (text: string) => `${esc}[31m${text}${esc}[39m`;

describe('the width of a screen', () => {
  it.each([
    { because: 'a terminal says how wide it is', columns: 120, width: 120 },
    { because: 'a pipe says nothing', columns: undefined, width: 80 },
    { because: 'some terminals report 0', columns: 0, width: 80 },
  ])('is $width when $because', ({ columns, width }) => {
    expect(widthOf(columns === undefined ? {} : { columns })).toBe(width);
  });
});

describe('a paragraph', () => {
  it('indents further lines to the text of the first', () => {
    expect(paragraph('one two three four', 14, '  ! ')).toEqual(['  ! one two', '    three four']);
  });

  it('measures visible characters, not colors', () => {
    expect(paragraph(`${red('one')} two three four`, 14, `  ${red('!')} `).map(bare)).toEqual([
      '  ! one two',
      '    three four',
    ]);
  });

  it('gives a lead that leaves no room its own line', () => {
    expect(paragraph('text', 6, 'a long lead: ')).toEqual(['a long', 'lead:', '  text']);
  });
});

describe('a table', () => {
  const rows = [
    ['a.example.dev', 'public', 'answers 200'],
    ['longer.example.dev', 'cloudflare', 'a reason that does not fit beside the other two columns'],
  ];

  it('aligns its columns, and wraps the last one within itself', () => {
    expect(table(rows, 70)).toEqual([
      '  a.example.dev       public      answers 200',
      '  longer.example.dev  cloudflare  a reason that does not fit beside',
      '                                  the other two columns',
    ]);
  });

  it('puts the last column below its row if too little room is left', () => {
    expect(table(rows, 40)).toEqual([
      '  a.example.dev  public',
      '    answers 200',
      '  longer.example.dev  cloudflare',
      '    a reason that does not fit beside',
      '    the other two columns',
    ]);
  });

  it('separates rows that have several lines', () => {
    expect(laidOut(rows, 40).map((lines) => lines.length)).toEqual([2, 3]);
  });
});

describe('every layout', () => {
  const word = fc.stringMatching(/^[a-z0-9.:/→·-]{1,60}$/);
  const text = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(' '));
  const colored = fc.tuple(text, fc.boolean()).map(([plain, isRed]) => (isRed ? red(plain) : plain));
  const width = fc.constantFrom(40, 80, 120);

  it('has no line that is longer than the screen', () => {
    fc.assert(
      fc.property(fc.array(fc.array(colored, { minLength: 3, maxLength: 3 })), width, (rows, columns) => {
        for (const line of table(rows, columns)) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('breaks only words that are longer than a line', () => {
    fc.assert(
      fc.property(text, width, fc.constantFrom('', '  ', '    → '), (plain, columns, lead) => {
        const words = paragraph(plain, columns, lead).join(' ').replace(lead, '').split(/ +/).filter(Boolean);
        const room = columns - lead.length;
        const fitting = plain.split(' ').filter((each) => each.length <= room);
        for (const each of fitting) expect(words).toContain(each);
      }),
    );
  });
});
