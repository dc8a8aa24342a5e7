import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packFiles, unpackFiles } from '../../../src/core/sources/source-files.ts';
import { lastGoodFile } from '../../../src/daemon/run/last-good.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const good = {
  revision: 'a'.repeat(40),
  author: 'Ada',
  subject: 'Open',
  allow: [],
  since: '2026-11-26T12:00:00.000Z',
  applied: true,
  bytes: Buffer.from('emails: [a@example.net]\n'),
};

async function written(edit: (text: string) => string) {
  const directory = temporaryDirectory();
  const file = lastGoodFile(directory);
  await file.save(good);
  const copy = path.join(directory, 'last-good.yaml');
  writeFileSync(copy, edit(readFileSync(copy, 'utf8')));
  return file.load();
}

describe('the copy of the last good revision', () => {
  it('is read as written', async () => {
    expect(await written((text) => text)).toEqual(good);
  });

  it('is unreadable when one letter of it has changed on disk', async () => {
    expect(await written((text) => text.replace('a@example', 'e@example'))).toBeUndefined();
  });

  it('is read without a hash, as gates 0.1 wrote it', async () => {
    expect(await written((text) => text.replace(/,"sha256":"[0-9a-f]{64}"/, ''))).toEqual(good);
  });

  it('has the files that gates.yaml included', async () => {
    const files = {
      main: Buffer.from('include: [a.yaml, b.yaml]\n'),
      patterns: ['a.yaml', 'b.yaml'],
      included: [
        { file: 'a.yaml', bytes: Buffer.from('services: {}\n# gates: {}\n') },
        { file: 'b.yaml', bytes: Buffer.from('dns: {}') },
      ],
    };
    const file = lastGoodFile(temporaryDirectory());
    await file.save({ ...good, bytes: packFiles(files) });
    const loaded = await file.load();
    expect(loaded && unpackFiles(loaded.bytes)).toEqual(files);
  });
});
