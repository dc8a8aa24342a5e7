import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
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
  const sinks = fileSinks([], '/nowhere');

  it('contains the lines it was given, readable by its owner alone', async () => {
    expect(await sinks.holds(file(), lines)).toBe(false);
    await sinks.write(file(), lines);
    expect(await readFile(file(), 'utf8')).toBe('CF_ACCESS_CLIENT_ID=id\nCF_ACCESS_CLIENT_SECRET=canary=1\n');
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await sinks.holds(file(), lines)).toBe(true);
  });

  it.each([
    {
      because: 'its content was changed',
      change: (name: string) => writeFile(name, 'CF_ACCESS_CLIENT_ID=x\n'),
    },
    { because: 'others may read it', change: (name: string) => chmod(name, 0o644) },
    { because: 'it is gone', change: (name: string) => rm(name) },
  ])('does not match any more when $because, and is written again', async ({ change }) => {
    await sinks.write(file(), lines);
    await change(file());
    expect(await sinks.holds(file(), lines)).toBe(false);
    await sinks.write(file(), lines);
    expect(await sinks.holds(file(), lines)).toBe(true);
  });

  it('that cannot be written is named in the error, without its content', async () => {
    await writeFile(path.join(directory, 'secrets'), 'a file where a directory should be');
    const error = await sinks.write(file(), lines).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnsafeError);
    expect(describeError(error)).toContain(file());
    expect(describeError(error)).not.toContain('canary');
  });

  it('is never a file of gates itself, whatever link leads there', async () => {
    const state = path.join(directory, 'state');
    await mkdir(path.join(state, 'lease'), { recursive: true });
    await symlink(state, path.join(directory, 'elsewhere'));
    const secrets = path.join(state, 'secrets');
    const guarded = fileSinks([state, path.join(directory, 'token')], secrets);
    for (const place of ['state/last-good.yaml', 'elsewhere/lease/99.json', 'state/../state/x/y', 'token']) {
      const error = await guarded
        .write(path.join(directory, place), lines)
        .catch((thrown: unknown) => thrown);
      expect(describeError(error)).toContain('into a file of gates itself');
    }
    await guarded.write(file(), lines);
    await guarded.write(path.join(secrets, 'ci.env'), lines);
  });

  it('is never a symbolic link: the file that it leads to stays as it is', async () => {
    const other = path.join(directory, 'other');
    await writeFile(other, 'of somebody else');
    await mkdir(path.dirname(file()));
    await symlink(other, file());
    await expect(sinks.write(file(), lines)).rejects.toThrow('symbolic link');
    expect(await readFile(other, 'utf8')).toBe('of somebody else');
    await writeFile(other, 'CF_ACCESS_CLIENT_ID=id\nCF_ACCESS_CLIENT_SECRET=canary=1\n', { mode: 0o600 });
    expect(await sinks.holds(file(), lines)).toBe(false);
  });

  it('rejects a value of more than one line', async () => {
    await expect(sinks.write(file(), { A: 'x\nB=y' })).rejects.toThrow('several lines');
  });
});

describe('notes', () => {
  it('stay until they are cleared, each under its topic', async () => {
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

  it('wakes with the reason when it is stopped, before or during the sleep', async () => {
    const reason = new Error('stopped');
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const sleeping = systemClock.sleep(60_000, stop.signal);
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });
});
