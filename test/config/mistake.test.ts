import { describe, expect, it } from 'vitest';
import { formatMistake, type Mistake, pathText, quoted } from '../../src/config/mistake.ts';
import { didYouMean } from '../../src/config/suggestion.ts';

const mistake: Mistake = {
  severity: 'error',
  code: 'G106',
  line: 2,
  column: 7,
  message: 'this gate lets everybody in',
  hint: 'add `groups`',
  path: 'services.a.gate',
};

describe('a formatted mistake', () => {
  it('shows the place, the line with a caret, and what would be right', () => {
    expect(formatMistake(mistake, 'gates.yaml', 'a:\r\n  bcd: efg\r\nh: i')).toBe(
      [
        'gates.yaml:2:7 error G106 this gate lets everybody in',
        '  2 |   bcd: efg',
        '    |       ^',
        '    = add `groups`',
      ].join('\n'),
    );
  });

  it('is readable without colour and coloured where asked', () => {
    const plain = formatMistake(mistake, 'gates.yaml', 'a\n  bcd: efg');
    const colored = formatMistake({ ...mistake, severity: 'warning' }, 'gates.yaml', 'a\n  bcd: efg', true);
    expect(plain).not.toContain('\u001b');
    expect(colored).toContain('\u001b[33mwarning G106');
  });

  it('leaves out what there is not', () => {
    const { code: _, hint: __, ...bare } = mistake;
    expect(formatMistake({ ...bare, line: 9 }, 'f', 'a')).toBe('f:9:7 error this gate lets everybody in');
    expect(formatMistake({ ...bare, line: 1 }, 'f', '   \nx')).toBe(
      'f:1:7 error this gate lets everybody in',
    );
  });

  it('does not show a line that may hold a secret', () => {
    expect(formatMistake({ ...mistake, line: 1, secret: true }, 'f', 'secret: hunter2')).not.toContain(
      'hunter2',
    );
  });

  it('shows a window of a long line, with the caret below the column', () => {
    const text = `${'a'.repeat(300)}X${'b'.repeat(300)}`;
    for (const column of [1, 50, 301, 601]) {
      const [, line = '', caret = ''] = formatMistake({ ...mistake, line: 1, column }, 'f', text).split('\n');
      expect(line.length).toBeLessThan(140);
      expect(line[caret.indexOf('^')]).toBe(text[column - 1]);
    }
  });

  it('shows nothing that a terminal would act on', () => {
    const shown = formatMistake(
      { ...mistake, line: 1, column: 1, message: 'm\u001b[2J' },
      'f',
      'x\u202e\u009by\tz',
    );
    expect(shown).toContain('x\u00b7\u00b7y z');
    for (const character of ['\u001b', '\u202e', '\u009b', '\t']) expect(shown).not.toContain(character);
  });
});

describe('words', () => {
  it('name a path as one would write it', () => {
    expect(pathText(['services', 'auth-api', 'paths', '/a/**', 'x', 0])).toBe(
      'services.auth-api.paths["/a/**"].x[0]',
    );
    expect(pathText([])).toBe('');
  });

  it('quote a value, short', () => {
    expect(quoted('a"b')).toBe('"a\\"b"');
    expect(quoted('x'.repeat(500))).toHaveLength(78);
    expect(quoted(3)).toBe('3');
  });

  it.each<[string, string | undefined, string]>([
    ['grafanna', 'did you mean "grafana"?', 'one letter too many'],
    ['Vault', 'did you mean "vault"?', 'another case'],
    ['x', undefined, 'near to none'],
    ['completely', undefined, 'near to none'],
    ['v'.repeat(1000), undefined, 'nobody mistypes so long a word'],
  ])('%s: %s, because it is %s', (word, said) => {
    expect(didYouMean(word, ['grafana', 'vault', 'docs'])).toBe(said);
  });
});
