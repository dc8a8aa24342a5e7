import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeAll } from '../../../src/cli/initializing/folder.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';

const contents = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file), entry.isFile() ? readFileSync(file, 'utf8') : 'folder'];
    }),
  );

const ignored = { file: '.gitignore', text: 'new', replaces: true } as const;
const job = { file: '.github/workflows/gates.yaml', text: 'job' };
const file = { file: 'gates.yaml', text: 'file' };

describe('the files of gates init', () => {
  it('appear together, with their folders', () => {
    const folder = temporaryDirectory();
    writeFileSync(path.join(folder, '.gitignore'), 'old');
    writeAll(folder, [ignored, job, file]);
    expect(contents(folder)).toEqual({
      '.gitignore': 'new',
      '.github': 'folder',
      '.github/workflows': 'folder',
      '.github/workflows/gates.yaml': 'job',
      'gates.yaml': 'file',
    });
  });

  it('leave the folder as it was if one of them exists', () => {
    const folder = temporaryDirectory();
    writeFileSync(path.join(folder, '.gitignore'), 'old');
    writeFileSync(path.join(folder, 'gates.yaml'), 'mine');
    mkdirSync(path.join(folder, '.github'));
    const before = contents(folder);
    expect(() => writeAll(folder, [ignored, job, file])).toThrow('exists');
    expect(contents(folder)).toEqual(before);
  });

  it('leave the folder as it was if one of them cannot be written', () => {
    const folder = temporaryDirectory();
    writeFileSync(path.join(folder, '.github'), 'no folder');
    const before = contents(folder);
    expect(() => writeAll(folder, [ignored, file, job])).toThrow();
    expect(contents(folder)).toEqual(before);
  });
});
