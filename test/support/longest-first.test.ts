import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { longestFiles } from './longest-first.ts';

it('the list names existing files, each once', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  expect(longestFiles.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  expect(new Set(longestFiles).size).toBe(longestFiles.length);
});
