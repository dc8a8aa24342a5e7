import { beforeAll, describe, expect, it } from 'vitest';
import { changesNoObject, otherValues, readElsewhere } from './changes.ts';
import { fullFile, severalAccounts } from './full-file.ts';
import {
  configOf,
  folder,
  keys,
  keysOfOneAccount,
  readVersion,
  unchangedFile,
  versionsOf,
} from './key-versions.ts';
import { LiveFile } from './live-file.ts';

/** A key that is accepted and has no effect would leave a door as it is, against what the file says. */
describe('every key of the schema', () => {
  it('is in the file of this test, which has no mistakes', () => {
    const { mistakes, desired } = readVersion(fullFile);
    expect(mistakes).toBeUndefined();
    expect(desired?.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(readVersion(severalAccounts).mistakes).toBeUndefined();
    expect(keys.length).toBeGreaterThan(120);
  });

  it('has another value here, and no other key does', () => {
    for (const listed of [Object.keys(otherValues), [...readElsewhere.keys()], [...changesNoObject.keys()]])
      expect(listed.filter((key) => !keys.includes(key))).toEqual([]);
    expect([...readElsewhere.keys()].filter((key) => changesNoObject.has(key))).toEqual([]);
  });

  it.each(keys)('%s changes what gates does', (key) => {
    const versions = versionsOf(key);
    const [before, after] = [readVersion(versions.before), readVersion(versions.after)];
    const other = `give ${key} another value in otherValues of ${folder}/changes.ts`;
    expect(before.mistakes).toBeUndefined();
    expect(
      after.mistakes,
      `The file is wrong without ${key}, or with its other value: ${other}`,
    ).toBeUndefined();
    expect(after.config, `The configuration stays the same: ${other}`).not.toEqual(before.config);
    if (!readElsewhere.has(key))
      expect(
        after.desired,
        `compile returns the same: ${other}, or name its reader in readElsewhere`,
      ).not.toEqual(before.desired);
  });
});

/** A key that compile reads and no reconciler compares would have an effect on new objects alone. */
describe('once the file is applied, every key', () => {
  let live: LiveFile;

  beforeAll(async () => {
    live = await LiveFile.of(configOf(unchangedFile));
  });

  it('has been written, and is read as it was written', async () => {
    const changes = await live.changes(configOf(unchangedFile));
    expect(changes.map(({ id, drift }) => `${id}: ${drift.map(({ field }) => field)}`)).toEqual([]);
  });

  it.each(keysOfOneAccount.filter((key) => !readElsewhere.has(key)))('%s changes an object', async (key) => {
    const { before, after } = versionsOf(key);
    const applied = before === unchangedFile ? live : await live.with(configOf(before));
    const changes = await applied.changes(configOf(after));
    const changed = changes.filter(({ verb }) => verb !== 'refuse').map(({ id }) => id);
    if (changesNoObject.has(key)) expect(changed, 'Take it out of changesNoObject').toEqual([]);
    else
      expect(
        changed,
        `No plan changes an object: the reconciler of the kind must observe ${key}, compare it (drift) and write it. If its absence leaves the object as it is, give it another value in otherValues of ${folder}/changes.ts`,
      ).not.toEqual([]);
  });
});
