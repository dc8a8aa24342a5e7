import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/config/yaml/yaml-document.ts';

const rows: readonly { because: string; text: string; said: readonly string[] }[] = [
  { because: 'an empty file', text: '', said: ['1:1 the file is empty'] },
  { because: 'a comment alone says nothing', text: '# soon\n', said: ['1:1 the file is empty'] },
  { because: 'a first marker is harmless', text: '---\na: 1\n', said: [] },
  { because: 'two documents', text: 'a: 1\n---\nb: 1\n', said: ['3:1 a second document begins here'] },
  {
    because: 'a last marker begins another one',
    text: 'a: 1\n---\n',
    said: ['2:4 a second document begins here'],
  },
  {
    because: 'keys once',
    text: 'a: 1\nb: { c: 1, c: 2 }\na: 2\n',
    said: ['2:12 the key "c" occurs twice in one map', '3:1 the key "a" occurs twice in one map'],
  },
  {
    because: 'gates once',
    text: 's:\n  gate: {}\n  gate: {}\n',
    said: ['3:3 G101 the key "gate" occurs twice in one map'],
  },
  {
    because: 'paths once',
    text: 'paths:\n  /a: {}\n  /a: {}\n',
    said: ['3:3 G108 the key "/a" occurs twice in one map'],
  },
  {
    because: 'a key in an alias was said where it stands',
    text: 'a: &a { b: 1, b: 2 }\nc: *a\n',
    said: ['1:15 the key "b" occurs twice in one map'],
  },
  { because: 'a key that is a list', text: '? [a]\n: 1\nb: 1\n', said: ['1:3 a key is not plain text'] },
  { because: 'a key that is not there', text: ': 1\n', said: ['1:1 a key is not plain text'] },
  { because: 'a key that is an alias', text: 'a: &x b\n*x : 1\n', said: ['2:1 a key is not plain text'] },
  { because: 'an alias to nothing', text: 'a: *b\n', said: ['1:4 no anchor "b" before this alias'] },
  {
    because: 'an alias to what comes later',
    text: 'a: *b\nc: &b 1\n',
    said: ['1:4 no anchor "b" before this alias'],
  },
  {
    because: 'an alias to what it is in',
    text: 'a: &a { b: *a }\n',
    said: ['1:12 an alias inside its own anchor'],
  },
  { because: 'a tab', text: 'a:\n\tb: 1\n', said: ['2:1 the line is indented with a tab'] },
  { because: 'a tag', text: 'a: !secret x\n', said: ['1:4 gates.yaml has no tags of its own'] },
  {
    because: 'a tag of other schemas',
    text: 'a: !!binary aGk=\n',
    said: ['1:4 gates.yaml has no tags of its own'],
  },
  {
    because: 'a version in which yes is true',
    text: '%YAML 1.1\n---\na: yes\n',
    said: ['1:1 the file asks for another version of YAML'],
  },
  {
    because: 'a quote that does not end',
    text: 'a: "b\n',
    said: ['1:4 a quote that is opened here is not closed'],
  },
  {
    because: 'one quote that breaks all that follows is said once',
    text: 'a: [1\nb: 1\nc: 1\nd: 1\n',
    said: ['2:1 a bracket that was opened before is not closed'],
  },
  {
    because: 'flow without end',
    text: `a: ${'['.repeat(70)}`,
    said: ['1:67 nested more than 64 levels deep'],
  },
];

describe('reading YAML', () => {
  it.each(rows)('$because', ({ text, said }) => {
    expect(saidOf(text)).toEqual(said);
  });

  it('stops an alias bomb with one mistake', () => {
    const levels = 'bcdefghi'.split('').map((name, index) => {
      const below = 'abcdefghi'[index];
      return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${below}`).join(', ')}]`;
    });
    expect(saidOf(`a: &a [x, x]\n${levels.join('\n')}`)).toEqual([
      '1:8 the aliases of this file expand to too much',
    ]);
  });

  it('stops aliases that nest too deep', () => {
    const levels = Array.from({ length: 80 }, (_, index) => `  - &a${index + 1} [*a${index}]`);
    const said = saidOf(`a: &a0 [x]\nb:\n${levels.join('\n')}`);
    expect(said.length).toBeGreaterThan(0);
    expect(said.every((text) => text.endsWith('nested more than 64 levels deep'))).toBe(true);
  });

  it('gives plain values, and keys as written', () => {
    const read = readYaml(
      '1: one\ntrue: yes\n__proto__: { a: 1 }\nlist: [~, 0x10, 1.5, &x text, *x]\nempty:\n',
    );
    const value = 'document' in read ? read.document.value : undefined;
    expect(JSON.stringify(value)).toBe(
      '{"1":"one","true":"yes","__proto__":{"a":1},"list":[null,16,1.5,"text","text"],"empty":null}',
    );
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('finds the place of a value, of a key, and of the parent of a missing entry', () => {
    const read = readYaml('a:\n  b: &x { c: [1, { d: 2 }] }\n  e: *x\n  f:\n');
    if ('mistakes' in read) throw new Error('not read');
    const at = (path: (string | number)[], part?: 'key' | 'value') => {
      const { column, line } = read.document.place(path, part);
      return `${line}:${column}`;
    };
    expect(at([])).toBe('1:1');
    expect(at(['a'])).toBe('1:1');
    expect(at(['a'], 'value')).toBe('2:3');
    expect(at(['a', 'b', 'c', 0])).toBe('2:15');
    expect(at(['a', 'b', 'c', 1, 'd'])).toBe('2:23');
    expect(at(['a', 'b', 'c', 1, 'd'], 'key')).toBe('2:20');
    expect(at(['a', 'e', 'c', 0])).toBe('2:15');
    expect(at(['a', 'f'])).toBe('4:3');
    expect(at(['a', 'b', 'nothing'])).toBe('2:3');
    expect(at(['a', 'b', 'c', 9])).toBe('2:11');
    expect(at(['a', 'f', 'x', 'y'])).toBe('4:3');
  });
});

function saidOf(text: string): string[] {
  const read = readYaml(text);
  const mistakes = 'mistakes' in read ? read.mistakes : read.document.mistakes;
  return mistakes.map(({ code, column, line, message }) =>
    [`${line}:${column}`, code, message].filter((part) => part !== undefined).join(' '),
  );
}
