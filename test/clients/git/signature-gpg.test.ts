import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../support/programs.ts';
import { FILE, SIGNING_PROGRAMS, type SignatureStage, signatureStage } from './git-signature-stage.ts';
import type { Signer } from './git-signing.ts';

let stage: SignatureStage;
let old: Signer;
let lost: Signer;

beforeAll(() => {
  stage = signatureStage();
  old = stage.gpg.signer('old@example.dev', { at: '20200102T000000', lasts: '30d' });
  lost = stage.gpg.signer('lost@example.dev');
});
afterAll(() => stage.close());

describe('a commit signed with a GPG key', needs(...SIGNING_PROGRAMS), () => {
  it('is followed when the key is in the keyring, armored or not', async () => {
    stage.forge.pushSigned(FILE, stage.who('grace'));
    expect(
      await stage.judged({ keyring: stage.gpg.keyring(stage.fresh('keyring'), [old, stage.who('grace')]) }),
    ).toBe('followed');
    const armoured = stage.gpg.keyring(stage.fresh('keyring'), [stage.who('grace')], true);
    expect(await stage.judged({ keyring: armoured })).toBe('followed');
    expect(await stage.judged({ keyring: armoured, allowedSigners: stage.allowed() })).toBe('followed');
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
    stage.forge.pushSigned(FILE, signer === 'old' ? old : stage.who(signer));
    const both = stage.gpg.keyring(stage.fresh('keyring'), [stage.who('grace'), old]);
    expect(await stage.judged({ keyring: both })).toMatch(says);
  });

  it('is refused once the keyring says that the key was revoked', async () => {
    stage.forge.pushSigned(FILE, lost);
    expect(await stage.judged({ keyring: stage.gpg.keyring(stage.fresh('keyring'), [lost]) })).toBe(
      'followed',
    );
    stage.gpg.revoke(lost);
    expect(await stage.judged({ keyring: stage.gpg.keyring(stage.fresh('keyring'), [lost]) })).toMatch(
      /^The commit is signed by a key that was revoked\. It is GPG key [0-9A-F]{40} of lost@example\.dev\./,
    );
  });

  it('stays valid when its key expires after it was applied', async () => {
    const revision = stage.forge.pushSigned(FILE, old);
    const accepted = { revision, since: '2020-01-05T00:00:00.000Z' };
    expect(
      await stage.judged({ keyring: stage.gpg.keyring(stage.fresh('keyring'), [old]) }, { accepted }),
    ).toBe('followed');
  });

  it('is refused after it was changed', async () => {
    stage.forge.pushSigned(FILE, stage.who('grace'));
    stage.forge.forgeCommit((raw) => raw.replace('Open the gates', 'Open the doors'));
    expect(await stage.judged({ keyring: stage.keyring('grace') })).toMatch(
      /^The signature does not fit the commit/,
    );
  });

  it('is refused where only ssh keys are allowed', async () => {
    stage.forge.pushSigned(FILE, stage.who('grace'));
    const said = await stage.judged({ allowedSigners: stage.allowed() });
    expect(said).toMatch(/GPG key, and here only ssh keys are allowed.*GATES_GIT_KEYRING_FILE/);
  });
});
