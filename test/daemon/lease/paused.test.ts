import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPaused, removePaused, writePaused } from '../../../src/daemon/lease/paused.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const NOON = new Date('2026-03-01T12:00:00.000Z');
const LATER = new Date('2026-03-01T14:00:00.000Z');

function stateDirectory() {
  const stateDir = path.join(temporaryDirectory(), 'state');
  const file = path.join(stateDir, 'paused.json');
  return { stateDir, file };
}

describe('a pause', () => {
  it('is a private file of its owner, which says why, who and since when', async () => {
    const { stateDir, file } = stateDirectory();
    expect(await readPaused(stateDir)).toBeUndefined();
    const paused = { reason: 'moving house', by: 'ada@vm', since: NOON.toISOString() };
    expect(await writePaused(stateDir, { reason: 'moving house', by: 'ada@vm', now: NOON })).toEqual({
      before: undefined,
      paused,
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(paused);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await readPaused(stateDir)).toEqual(paused);
  });

  it('that already exists gets another reason, and keeps its beginning', async () => {
    const { stateDir } = stateDirectory();
    await writePaused(stateDir, { reason: 'moving house', by: 'ada@vm', now: NOON });
    const { before, paused } = await writePaused(stateDir, { reason: 'still', by: 'eve@vm', now: LATER });
    expect(before?.reason).toBe('moving house');
    expect(paused).toEqual({ reason: 'still', by: 'eve@vm', since: NOON.toISOString() });
    expect(await readPaused(stateDir)).toEqual(paused);
  });

  it('ends and says what it was; without one, nothing happens', async () => {
    const { stateDir } = stateDirectory();
    expect(await removePaused(stateDir)).toBeUndefined();
    await writePaused(stateDir, { reason: 'moving house', by: 'ada@vm', now: NOON });
    expect(await removePaused(stateDir)).toMatchObject({ reason: 'moving house' });
    expect(await readPaused(stateDir)).toBeUndefined();
  });

  it.each(['', '{"reason":', 'null', '"text"', '[1]'])('also exists when its file says %j', async (text) => {
    const { stateDir, file } = stateDirectory();
    mkdirSync(stateDir);
    writeFileSync(file, text);
    expect(await readPaused(stateDir)).toBeDefined();
    const { paused } = await writePaused(stateDir, { reason: 'now I say it', by: 'ada@vm', now: NOON });
    expect(await readPaused(stateDir)).toEqual(paused);
    expect(paused.since).toBe(NOON.toISOString());
  });

  it('also exists when its file cannot be read at all', async () => {
    const { stateDir, file } = stateDirectory();
    mkdirSync(path.join(file, 'a-folder'), { recursive: true });
    expect((await readPaused(stateDir))?.reason).toContain('cannot be read');
    const refused = { name: 'UnsafeError', hint: expect.stringContaining('GATES_STATE_DIR') };
    await expect(removePaused(stateDir)).rejects.toMatchObject(refused);
    const write = writePaused(stateDir, { reason: 'moving house', by: 'ada@vm', now: NOON });
    await expect(write).rejects.toMatchObject(refused);
  });
});
