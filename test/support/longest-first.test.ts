import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { longestFiles, mixed } from './longest-first.ts';

it('the list names existing files, each once', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  expect(longestFiles.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  expect(new Set(longestFiles).size).toBe(longestFiles.length);
});

it('mixing spreads the files of each project over the list, in their order', () => {
  const files = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2'];
  expect(mixed(files, ([project = '']) => project)).toEqual(['a1', 'b1', 'a2', 'a3', 'b2', 'a4']);
});
