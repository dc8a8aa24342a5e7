import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  claimNumber,
  isNewest,
  type LeaseHolder,
  newestRecord,
  rewriteRecord,
} from '../../../src/daemon/lease/lease-record.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

function holder(id: string): LeaseHolder {
  const time = '2026-03-01T12:00:00.000Z';
  const identity = { pid: 7, place: 'here', host: 'vm', startedAt: '1' };
  return { ...identity, id, command: 'gates run', since: time, renewedAt: time, released: false };
}

const free = async () => true;
const recordOf = (directory: string, number: number) =>
  JSON.parse(readFileSync(path.join(directory, `${number}.json`), 'utf8'));

it('an error says what to do when the folder cannot be written', async () => {
  const file = path.join(temporaryDirectory(), 'state');
  writeFileSync(file, '');
  const refused = expect.objectContaining({
    message: 'The state directory cannot be written',
    hint: expect.stringContaining('GATES_STATE_DIR'),
  });
  await expect(newestRecord(path.join(file, 'lease'))).rejects.toEqual(refused);
  await expect(claimNumber(file, 1, holder('a'), free)).rejects.toEqual(refused);
});

describe('the number of a record', () => {
  it('belongs to one process, and its claim removes lower numbers', async () => {
    const directory = temporaryDirectory();
    expect(await claimNumber(directory, 1, holder('a'), free)).toBe(true);
    expect(await claimNumber(directory, 1, holder('b'), free)).toBe(false);
    expect(await claimNumber(directory, 2, holder('b'), free)).toBe(true);
    expect(readdirSync(directory)).toEqual(['2.json']);
  });

  const rows: readonly {
    readonly because: string;
    readonly meanwhile: (directory: string) => void;
    readonly claimed: boolean;
    readonly left: readonly string[];
  }[] = [
    {
      because: 'another was faster',
      meanwhile: (directory) =>
        writeFileSync(path.join(directory, '5.json'), JSON.stringify(holder('other'))),
      claimed: false,
      left: ['5.json'],
    },
    {
      because: 'it was used and cleaned away by who has the next one',
      meanwhile: (directory) =>
        writeFileSync(path.join(directory, '6.json'), JSON.stringify(holder('other'))),
      claimed: false,
      left: ['6.json'],
    },
    {
      because: 'the network lost the answer to the first call, and the second finds it there',
      meanwhile: (directory) => linkSync(path.join(directory, 'draft-mine'), path.join(directory, '5.json')),
      claimed: true,
      left: ['5.json'],
    },
  ];

  it.each(rows)('is claimed: $claimed, when $because', async ({ meanwhile, claimed, left }) => {
    const directory = temporaryDirectory();
    const answer = await claimNumber(directory, 5, holder('mine'), async () => {
      meanwhile(directory);
      return true;
    });
    expect(answer).toBe(claimed);
    expect(readdirSync(directory)).toEqual(left);
  });

  it('is not claimed when the holder renewed it at the last moment', async () => {
    const directory = temporaryDirectory();
    expect(await claimNumber(directory, 5, holder('mine'), async () => false)).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a record', () => {
  it('is rewritten in place, and keeps nothing of a longer one', async () => {
    const directory = temporaryDirectory();
    await claimNumber(directory, 1, holder('a'), free);
    expect(await rewriteRecord(directory, 1, { ...holder('a'), command: 'gates rotate' })).toBe(true);
    expect(await rewriteRecord(directory, 1, { ...holder('a'), released: true })).toBe(true);
    expect(recordOf(directory, 1)).toEqual({ ...holder('a'), released: true });
  });

  it('does not come back once it was removed', async () => {
    const directory = temporaryDirectory();
    await claimNumber(directory, 1, holder('a'), free);
    rmSync(path.join(directory, '1.json'));
    expect(await rewriteRecord(directory, 1, holder('a'))).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is the newest as long as it exists and no number is higher', async () => {
    const directory = path.join(temporaryDirectory(), 'made', 'when', 'missing');
    expect(await newestRecord(directory)).toEqual({ number: 0, holder: undefined });
    await claimNumber(directory, 9, holder('a'), free);
    expect(await newestRecord(directory)).toEqual({ number: 9, holder: holder('a') });
    expect(await isNewest(directory, 9)).toBe(true);
    writeFileSync(path.join(directory, '10.json'), '');
    expect(await isNewest(directory, 9)).toBe(false);
    rmSync(path.join(directory, '9.json'));
    rmSync(path.join(directory, '10.json'));
    expect(await isNewest(directory, 9)).toBe(false);
  });

  it('is not considered removed when the disk fails in another way', async () => {
    const directory = temporaryDirectory();
    mkdirSync(path.join(directory, 'folder'));
    writeFileSync(path.join(directory, 'folder', 'file'), '');
    await expect(isNewest(path.join(directory, 'folder', 'file'), 1)).rejects.toThrow('ENOTDIR');
  });
});
