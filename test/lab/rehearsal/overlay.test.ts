import { describe, expect, it } from 'vitest';
import { frozen, overlay } from '../../../src/lab/rehearsal/overlay.ts';
import { memoryNotes, memorySinks, memoryVault } from '../../support/memory.ts';

async function under() {
  const disk = { vault: memoryVault(), notes: memoryNotes(), sinks: memorySinks() };
  await disk.vault.put('token/ci', { clientId: 'a', clientSecret: 'real' });
  await disk.vault.put('token/old', { clientId: 'b', clientSecret: 'real' });
  await disk.notes.put('revoke', 'app', 'since monday');
  await disk.sinks.write('/x/ci.env', { ID: 'a' });
  return disk;
}

describe('a disk over another', () => {
  it('reads from the lower disk', async () => {
    const over = overlay(await under());
    expect(await over.vault.get('token/ci')).toEqual({ clientId: 'a', clientSecret: 'real' });
    expect(await over.vault.list()).toEqual(['token/ci', 'token/old']);
    expect(await over.notes.list('revoke')).toEqual(['app']);
    expect(await over.notes.text('revoke', 'app')).toBe('since monday');
    expect(await over.sinks.holds('/x/ci.env', { ID: 'a' })).toBe(true);
  });

  it('keeps writes to itself', async () => {
    const disk = await under();
    const over = overlay(disk);
    await over.vault.put('token/ci', { clientId: 'c', clientSecret: 'new' });
    await over.vault.put('token/new', { clientId: 'd', clientSecret: 'new' });
    await over.vault.remove('token/old');
    await over.notes.put('revoke', 'other');
    await over.notes.clear('revoke', 'app');
    await over.notes.put('unproved', 'host', 'why');
    await over.sinks.write('/x/ci.env', { ID: 'c' });

    expect(await over.vault.list()).toEqual(['token/ci', 'token/new']);
    expect(await over.vault.get('token/old')).toBeUndefined();
    expect(await over.vault.get('token/ci')).toEqual({ clientId: 'c', clientSecret: 'new' });
    expect(await over.notes.list('revoke')).toEqual(['other']);
    expect(await over.notes.text('revoke', 'other')).toBe('');
    expect(await over.notes.text('revoke', 'app')).toBeUndefined();
    expect(await over.notes.text('unproved', 'host')).toBe('why');
    expect(await over.sinks.holds('/x/ci.env', { ID: 'c' })).toBe(true);
    expect(await over.sinks.holds('/x/ci.env', { ID: 'a' })).toBe(false);

    expect(await disk.vault.list()).toEqual(['token/ci', 'token/old']);
    expect(await disk.vault.get('token/ci')).toEqual({ clientId: 'a', clientSecret: 'real' });
    expect(await disk.notes.list('revoke')).toEqual(['app']);
    expect(await disk.notes.list('unproved')).toEqual([]);
    expect(await disk.sinks.holds('/x/ci.env', { ID: 'a' })).toBe(true);
  });

  it('is independent of another one over the same disk', async () => {
    const disk = await under();
    const one = overlay(disk);
    await one.vault.remove('token/ci');
    await one.notes.clear('revoke', 'app');
    const other = overlay(disk);
    expect(await other.vault.list()).toEqual(['token/ci', 'token/old']);
    expect(await other.notes.list('revoke')).toEqual(['app']);
  });
});

describe('a frozen disk', () => {
  it('keeps each value as it was at its first read', async () => {
    const disk = await under();
    const still = frozen(disk);
    const read = async () => [
      await still.vault.list(),
      await still.vault.get('token/ci'),
      await still.notes.list('revoke'),
      await still.notes.text('revoke', 'app'),
      await still.sinks.holds('/x/ci.env', { ID: 'a' }),
    ];
    const before = await read();
    await disk.vault.put('token/ci', { clientId: 'c', clientSecret: 'new' });
    await disk.vault.remove('token/old');
    await disk.notes.put('revoke', 'app', 'changed');
    await disk.notes.put('revoke', 'other');
    await disk.sinks.write('/x/ci.env', { ID: 'c' });
    expect(await read()).toEqual(before);
    expect(await still.sinks.holds('/x/ci.env', { ID: 'c' })).toBe(true);
  });
});
