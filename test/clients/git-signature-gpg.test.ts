import { afterAll, describe, expect, it } from 'vitest';
import { FILE, signatureStage } from './git-signature-stage.ts';

const stage = signatureStage();
const { allowed, fresh, forge, gpg, judged, keyring, who } = stage;

const old = gpg.signer('old@example.dev', { at: '20200102T000000', lasts: '30d' });
const lost = gpg.signer('lost@example.dev');

afterAll(() => stage.close());

describe('a commit signed with a GPG key', () => {
  it('is followed when the key is in the keyring, armoured or not', async () => {
    forge.pushSigned(FILE, who('grace'));
    expect(await judged({ keyring: gpg.keyring(fresh('keyring'), [old, who('grace')]) })).toBe('followed');
    const armoured = gpg.keyring(fresh('keyring'), [who('grace')], true);
    expect(await judged({ keyring: armoured })).toBe('followed');
    expect(await judged({ keyring: armoured, allowedSigners: allowed() })).toBe('followed');
  });

  it.each([
    {
      signer: 'mallory',
      says: /^The commit is signed by a key that is not allowed\. It is GPG key [0-9A-F]{40}\. .*GATES_GIT_KEYRING_FILE/,
      because: 'the key is not in the keyring',
    },
    {
      signer: 'old',
      says: /^The commit is signed by a key that has expired\. .* of old@example\.dev, expired on 2020-02-01\./,
      because: 'the key has expired, whatever date the signature says',
    },
  ])('is refused from $signer: $because', async ({ signer, says }) => {
    forge.pushSigned(FILE, signer === 'old' ? old : who(signer));
    const both = gpg.keyring(fresh('keyring'), [who('grace'), old]);
    expect(await judged({ keyring: both })).toMatch(says);
  });

  it('is refused once the keyring says that the key was revoked', async () => {
    forge.pushSigned(FILE, lost);
    expect(await judged({ keyring: gpg.keyring(fresh('keyring'), [lost]) })).toBe('followed');
    gpg.revoke(lost);
    expect(await judged({ keyring: gpg.keyring(fresh('keyring'), [lost]) })).toMatch(
      /^The commit is signed by a key that was revoked\. It is GPG key [0-9A-F]{40} of lost@example\.dev\./,
    );
  });

  it('stays believed when its key expires after it was put in force', async () => {
    const revision = forge.pushSigned(FILE, old);
    const accepted = { revision, since: '2020-01-05T00:00:00.000Z' };
    expect(await judged({ keyring: gpg.keyring(fresh('keyring'), [old]) }, { accepted })).toBe('followed');
  });

  it('is refused after it was changed', async () => {
    forge.pushSigned(FILE, who('grace'));
    forge.forgeCommit((raw) => raw.replace('Open the gates', 'Open the doors'));
    expect(await judged({ keyring: keyring('grace') })).toMatch(/^The signature does not fit the commit/);
  });

  it('is refused where only ssh keys are allowed', async () => {
    forge.pushSigned(FILE, who('grace'));
    const said = await judged({ allowedSigners: allowed() });
    expect(said).toMatch(/GPG key, and here only ssh keys are allowed.*GATES_GIT_KEYRING_FILE/);
  });
});
