import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readExport, writeExport } from '../../src/export/export-folder.ts';
import type { SystemsExport } from '../../src/export/exported-answer.ts';
import { createSandbox } from '../../src/lab/sandbox/index.ts';
import { exportOf } from './systems.ts';

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'gates-test-'));
  folder = path.join(parent, 'home');
});

afterEach(() => rm(parent, { recursive: true, force: true }));

const small: SystemsExport = {
  account: '0'.repeat(32),
  zones: ['example.dev'],
  isAnonymized: false,
  answers: [
    {
      system: 'cloudflare',
      path: '/zones',
      query: { per_page: 50 },
      content: { items: [{ id: 'z', a: 1 }] },
    },
    { system: 'authentik', path: '/admin/version/', content: { object: { version_current: '2026.8.0' } } },
  ],
  refused: [{ system: 'cloudflare', path: '/zones/z/bot_management', status: 403 }],
};

async function filesIn(place: string): Promise<Record<string, string>> {
  const names = (await readdir(place, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(place, path.join(entry.parentPath, entry.name)))
    .sort();
  const texts = names.map(async (name) => [name, await readFile(path.join(place, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

it('a folder has one private file for each question, and is read as it was written', async () => {
  await writeExport(folder, small);
  expect(Object.keys(await filesIn(folder))).toEqual([
    'authentik/admin/version.json',
    'cloudflare/zones.json',
    'export.json',
  ]);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(folder, 'cloudflare'))).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(folder, 'cloudflare/zones.json'))).mode & 0o777).toBe(0o600);
  const read = await readExport(folder);
  expect({ ...read, answers: new Set(read.answers) }).toEqual({ ...small, answers: new Set(small.answers) });
});

it('two exports of the same systems have the same bytes', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev', 'example.org'] });
  await writeExport(folder, await exportOf(sandbox));
  const other = path.join(parent, 'other');
  await writeExport(other, await exportOf(sandbox));
  expect(await filesIn(other)).toEqual(await filesIn(folder));
});

it('a new export replaces the old one, without a rest of it', async () => {
  await writeExport(folder, small);
  await writeExport(folder, { ...small, answers: small.answers.slice(0, 1) });
  expect(Object.keys(await filesIn(folder))).toEqual(['cloudflare/zones.json', 'export.json']);
});

it('a folder with other files is refused and left alone', async () => {
  await mkdir(folder);
  await writeFile(path.join(folder, 'notes.txt'), 'mine');
  await expect(writeExport(folder, small)).rejects.toThrow('is neither empty nor an export');
  await expect(readExport(folder)).rejects.toThrow('is no export');
  expect(await filesIn(folder)).toEqual({ 'notes.txt': 'mine' });
  await expect(readExport(path.join(parent, 'none'))).rejects.toThrow('is no export');
  await expect(writeExport(path.join(folder, 'notes.txt'), small)).rejects.toThrow(
    'cannot be read (ENOTDIR)',
  );
});

it.each([
  { what: 'lacks a file', change: () => rm(path.join(folder, 'cloudflare/zones.json')) },
  {
    what: 'has a broken file',
    change: () => writeFile(path.join(folder, 'cloudflare/zones.json'), '{"system"'),
  },
  { what: 'was cut off', change: () => rewrite({ isComplete: false }) },
  { what: 'names a file outside', change: () => rewrite({ files: ['cloudflare/../../secret.json'] }) },
])('a folder that $what is not read', async ({ change }) => {
  await writeExport(folder, small);
  await change();
  await expect(readExport(folder)).rejects.toThrow('was not written completely');
});

it('a folder of another format is not read', async () => {
  await writeExport(folder, small);
  await rewrite({ format: 'gates-export/9' });
  await expect(readExport(folder)).rejects.toThrow('is an export of another version of gates');
});

async function rewrite(change: object): Promise<void> {
  const file = path.join(folder, 'export.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
}
