import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clients/state/clock.ts';
import { createNotes } from '../../../src/clients/state/notes.ts';
import { fileSinks } from '../../../src/clients/state/sinks.ts';
import { describeError, UnsafeError } from '../../../src/core/errors.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'state-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('a sink', () => {
  const lines = { CF_ACCESS_CLIENT_ID: 'id', CF_ACCESS_CLIENT_SECRET: 'canary=1' };
  const file = () => path.join(directory, 'secrets', 'ci.env');

  it('holds the lines it was given, readable by its owner alone', async () => {
    expect(await fileSinks.holds(file(), lines)).toBe(false);
    await fileSinks.write(file(), lines);
    expect(await readFile(file(), 'utf8')).toBe('CF_ACCESS_CLIENT_ID=id\nCF_ACCESS_CLIENT_SECRET=canary=1\n');
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await fileSinks.holds(file(), lines)).toBe(true);
  });

  it.each([
    {
      because: 'its content was changed',
      change: (name: string) => writeFile(name, 'CF_ACCESS_CLIENT_ID=x\n'),
    },
    { because: 'others may read it', change: (name: string) => chmod(name, 0o644) },
    { because: 'it is gone', change: (name: string) => rm(name) },
  ])('does not hold them any more when $because, and takes them again', async ({ change }) => {
    await fileSinks.write(file(), lines);
    await change(file());
    expect(await fileSinks.holds(file(), lines)).toBe(false);
    await fileSinks.write(file(), lines);
    expect(await fileSinks.holds(file(), lines)).toBe(true);
  });

  it('that cannot be written says which, and not what', async () => {
    await writeFile(path.join(directory, 'secrets'), 'a file where a directory should be');
    const error = await fileSinks.write(file(), lines).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnsafeError);
    expect(describeError(error)).toContain(file());
    expect(describeError(error)).not.toContain('canary');
  });

  it('refuses what would be more than one line', async () => {
    await expect(fileSinks.write(file(), { A: 'x\nB=y' })).rejects.toThrow('several lines');
  });
});

describe('notes', () => {
  it('are there until they are cleared, each under its topic', async () => {
    const notes = createNotes(path.join(directory, 'notes'));
    expect(await notes.list('revoke')).toEqual([]);
    await notes.put('revoke', 'homelab/app.example.dev ^/a(/.*)?$');
    await notes.put('revoke', 'b');
    await notes.put('revoke', 'b');
    await notes.put('create', 'c');
    const later = createNotes(path.join(directory, 'notes'));
    expect([...(await later.list('revoke'))].sort()).toEqual(['b', 'homelab/app.example.dev ^/a(/.*)?$']);
    await later.clear('revoke', 'b');
    await later.clear('revoke', 'b');
    expect(await later.list('revoke')).toEqual(['homelab/app.example.dev ^/a(/.*)?$']);
    expect(await later.list('create')).toEqual(['c']);
  });
});

describe('the clock', () => {
  it('sleeps as long as it is told', async () => {
    const began = systemClock.now().getTime();
    await systemClock.sleep(20);
    expect(systemClock.now().getTime() - began).toBeGreaterThanOrEqual(19);
  });

  it('wakes with the reason when it is stopped, before or while it sleeps', async () => {
    const reason = new Error('stopped');
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const sleeping = systemClock.sleep(60_000, stop.signal);
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });
});
