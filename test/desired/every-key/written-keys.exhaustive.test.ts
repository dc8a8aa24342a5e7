import { beforeAll, describe, expect, it } from 'vitest';
import { changesNoObject, readElsewhere } from './changes.ts';
import { configOf, keysOfOneAccount, unchangedFile, versionsOf } from './key-versions.ts';
import { LiveFile } from './live-file.ts';

/** Keys whose other value cannot be applied in the sandbox, each with the reason. */
const unapplied = new Map([
  ['owner', 'the objects of the other owner stay in the way'],
  ['cloudflare.account', 'the sandbox has one account'],
]);

describe('the other value of a key is written, and read as it was written:', () => {
  let live: LiveFile;

  beforeAll(async () => {
    live = await LiveFile.of(configOf(unchangedFile));
  });

  const skipped = [readElsewhere, changesNoObject, unapplied];
  it.each(keysOfOneAccount.filter((key) => skipped.every((list) => !list.has(key))))('%s', async (key) => {
    const { before, after } = versionsOf(key);
    const applied = before === unchangedFile ? live : await live.with(configOf(before));
    expect(await applied.remains(configOf(after))).toEqual([]);
  });
});
