import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Mistake } from '../../../src/core/mistake.ts';
import { alsoWords, formatMistake } from '../../../src/report/mistakes/mistakes-text.ts';

const form = { color: false, width: 120 };

const mistake: Mistake = {
  severity: 'error',
  rule: 'G106',
  code: 'G106',
  line: 2,
  column: 7,
  message: 'this gate lets everybody in',
  hint: 'add `groups`',
  path: 'services.a.gate',
};

describe('a formatted mistake', () => {
  it('shows the place, the line with a caret, and the correction', () => {
    expect(formatMistake(mistake, 'gates.yaml', 'a:\r\n  bcd: efg\r\nh: i', form)).toBe(
      [
        'gates.yaml:2:7 error G106 this gate lets everybody in',
        '  2 |   bcd: efg',
        '    |       ^',
        '    = add `groups`',
      ].join('\n'),
    );
  });

  it('is readable without color, and colored on request', () => {
    const plain = formatMistake(mistake, 'gates.yaml', 'a\n  bcd: efg', form);
    const colored = formatMistake({ ...mistake, severity: 'warning' }, 'gates.yaml', 'a\n  bcd: efg', {
      ...form,
      color: true,
    });
    expect(plain).not.toContain('\u001b');
    expect(colored).toContain('\u001b[33mwarning G106');
  });

  it('omits missing parts', () => {
    const { code: _, hint: __, ...bare } = mistake;
    expect(formatMistake({ ...bare, line: 9 }, 'f', 'a', form)).toBe(
      'f:9:7 error this gate lets everybody in',
    );
    expect(formatMistake({ ...bare, line: 1 }, 'f', '   \nx', form)).toBe(
      'f:1:7 error this gate lets everybody in',
    );
  });

  it('does not show a line that may hold a secret', () => {
    expect(formatMistake({ ...mistake, line: 1, secret: true }, 'f', 'secret: hunter2', form)).not.toContain(
      'hunter2',
    );
  });

  it('shows a window of a long line, with the caret below the column', () => {
    const text = `${'a'.repeat(300)}X${'b'.repeat(300)}`;
    for (const column of [1, 50, 301, 601]) {
      const [, line = '', caret = ''] = formatMistake({ ...mistake, line: 1, column }, 'f', text, form).split(
        '\n',
      );
      expect(line.length).toBeLessThanOrEqual(120);
      expect(line[caret.indexOf('^')]).toBe(text[column - 1]);
    }
  });

  it('contains nothing that affects a terminal', () => {
    const shown = formatMistake(
      { ...mistake, line: 1, column: 1, message: 'm\u001b[2J' },
      'f',
      'x\u202e\u009by\tz',
      form,
    );
    expect(shown).toContain('x\u00b7\u00b7y z');
    for (const character of ['\u001b', '\u202e', '\u009b', '\t']) expect(shown).not.toContain(character);
  });

  it('wraps at words, with continued lines indented', () => {
    const long = {
      ...mistake,
      message: 'one two three four five six seven',
      hint: 'ten eleven twelve thirteen',
    };
    expect(formatMistake(long, 'f', 'a\n  bcd: efg', { color: false, width: 24 }).split('\n')).toEqual([
      'f:2:7 error G106 one',
      '  two three four five',
      '  six seven',
      '  2 |   bcd: efg',
      '    |       ^',
      '    = ten eleven twelve',
      '      thirteen',
    ]);
  });

  it('fits the terminal, with its caret below the column', () => {
    const words = fc.array(fc.constantFrom('a', 'gate', 'identityProvider', '`origins`', 'x: y'), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(
        words,
        words,
        words,
        fc.nat(200),
        fc.constantFrom(40, 80, 120),
        (message, hint, line, at, width) => {
          const text = line.join(' ');
          const column = (at % text.length) + 1;
          const said = { ...mistake, line: 1, column, message: message.join(' '), hint: hint.join(' ') };
          const lines = formatMistake(said, 'f', text, { color: false, width }).split('\n');
          for (const one of lines) expect(stringWidth(one)).toBeLessThanOrEqual(width);
          const caret = lines.findIndex((item) => /^ +\| +\^$/.test(item));
          expect(lines[caret - 1]?.[lines[caret]?.indexOf('^') ?? 0]).toBe(text[column - 1]);
        },
      ),
    );
  });

  it.each([
    [[], ''],
    [[{ line: 2, column: 9 }], ''],
    [[{ line: 4, column: 1 }], ' (also on line 4)'],
    [[4, 5, 5, 6].map((line) => ({ line, column: 1 })), ' (also on lines 4, 5 and 6)'],
    [
      Array.from({ length: 8 }, (_, n) => ({ line: 10 + n, column: 1 })),
      ' (also on lines 10, 11, 12, 13, 14 and 3 more)',
    ],
  ])('names the lines of the same cause: %j', (also, words) => {
    expect(alsoWords({ ...mistake, also }, 'gates.yaml')).toBe(words);
  });
});
