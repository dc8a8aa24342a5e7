import { describe, expect, it } from 'vitest';
import { isMap, isSeq, parseDocument } from 'yaml';
import { pathText } from '../../../src/config/mistakes/finding.ts';
import { parseFile } from '../../../src/config/parse-config.ts';
import { twoAccounts } from './two-accounts-file.ts';

type Path = readonly (string | number)[];

/** Values of every shape. */
const shapes = [null, 7, 'text', [], {}, [7], { odd: 7 }] as const;

function pathsIn(node: unknown, path: Path = []): readonly Path[] {
  if (isMap(node))
    return node.items.flatMap(({ key, value }) => {
      const below = [...path, String(key)];
      return [below, ...pathsIn(value, below)];
    });
  if (isSeq(node))
    return node.items.flatMap((item, index) => [[...path, index], ...pathsIn(item, [...path, index])]);
  return [];
}

const whole = parseDocument(twoAccounts);

/** The file with another value at a path, or without the path. */
function changed(path: Path, value: unknown): string {
  const document = whole.clone();
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, document.createNode(value));
  return document.toString();
}

function mistakesOf(source: string) {
  const read = parseFile(source);
  return read.ok ? [] : read.mistakes.filter(({ severity }) => severity === 'error');
}

describe('a file with several accounts and one wrong value', () => {
  const paths = pathsIn(whole.contents).map((path) => [path.join('.'), path] as const);

  it.each(paths)('is read to the end at %s', (_, path) => {
    for (const value of [undefined, ...shapes]) {
      const source = changed(path, value);
      const lines = source.split('\n').length;
      for (const { line, message } of mistakesOf(source)) {
        expect(message).not.toBe('');
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines);
      }
    }
  });

  const collections = paths.filter(([, path]) => {
    const node = whole.getIn(path, true);
    return isMap(node) || isSeq(node);
  });

  it.each(collections)('has a mistake there for a number at %s', (_, path) => {
    expect(mistakesOf(changed(path, 7)).map((mistake) => mistake.path)).toContain(pathText(path));
  });

  it.each(paths)('has one mistake there for an alias of nothing at %s', (_, path) => {
    const source = changed(path, 'ALIAS').replace(/(: |- |\[ ?|, )ALIAS/, '$1*nowhere');
    const there = mistakesOf(source).filter((mistake) => mistake.path === pathText(path));
    // An entry that no account uses is a mistake of its key.
    const rules = there.map(({ rule }) => rule).filter((rule) => rule !== 'conflicting-keys');
    expect(rules).toEqual(['yaml-feature']);
  });
});
