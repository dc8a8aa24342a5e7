import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signatureOf } from '../../../src/clients/git/signature.ts';
import { ConfigError, describeError } from '../../../src/core/errors.ts';
import { needs } from '../../support/programs.ts';
import { FILE, SIGNING_PROGRAMS, type SignatureStage, signatureStage } from './git-signature-stage.ts';

describe('a repository whose commits must be signed', needs(...SIGNING_PROGRAMS), () => {
  let stage: SignatureStage;

  beforeAll(() => {
    stage = signatureStage();
  });
  afterAll(() => stage.close());

  describe('a commit without a valid signature', () => {
    it('is refused, but followed when none is required', async () => {
      stage.forge.pushSigned(FILE, undefined);
      const said = await stage.judged({ allowedSigners: stage.allowed() });
      expect(said).toMatch(
        /^The commit is not signed, and this daemon accepts only signed commits\. Sign it: git commit/,
      );
      expect(await stage.judged({ keyring: stage.keyring('grace') })).toBe(said);
      expect(await stage.judged({})).toBe('followed');
    });

    it('is refused when its signature is only in its message', async () => {
      const signed = stage.forge.pushSigned(FILE, stage.who('ada'));
      expect(signed).toHaveLength(40);
      stage.forge.forgeCommit((raw) => {
        const signature = /^gpgsig .*\n(?: .*\n)+/m.exec(raw)?.[0] ?? '';
        return `${raw.replace(signature, '')}\n${signature}`;
      });
      expect(await stage.judged({ allowedSigners: stage.allowed() })).toMatch(/^The commit is not signed/);
    });

    it('is refused when its signature is of an unknown sort', async () => {
      stage.forge.pushSigned(FILE, stage.who('ada'));
      stage.forge.forgeCommit((raw) => raw.replaceAll('SSH SIGNATURE', 'SIGNED MESSAGE'));
      expect(await stage.judged({ allowedSigners: stage.allowed() })).toMatch(
        /a sort that gates cannot check/,
      );
    });
  });

  describe('the verdict on a commit', () => {
    it('depends on the files alone, not on the settings of the machine', async () => {
      stage.forge.pushSigned(FILE, stage.who('mallory'));
      const environment = {
        ...process.env,
        GNUPGHOME: path.join(stage.root, 'g'),
        GIT_CONFIG_COUNT: '2',
        GIT_CONFIG_KEY_0: 'gpg.program',
        GIT_CONFIG_VALUE_0: '/bin/true',
        GIT_CONFIG_KEY_1: 'gpg.ssh.program',
        GIT_CONFIG_VALUE_1: '/bin/true',
      };
      expect(await stage.judged({ keyring: stage.keyring('grace') }, { environment })).toMatch(/not allowed/);
    });

    it.each([
      { files: { allowedSigners: '/nonexistent/a' }, says: /GATES_GIT_ALLOWED_SIGNERS_FILE cannot be read/ },
      { files: { keyring: '/nonexistent/k' }, says: /GATES_GIT_KEYRING_FILE cannot be read/ },
    ])('needs these files, or nothing is read: $files', async ({ files, says }) => {
      stage.forge.pushSigned(FILE, stage.who('ada'));
      const error = await stage.judged(files).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(ConfigError);
      expect(describeError(error)).toMatch(says);
    });

    it('rejects a keyring that is none', async () => {
      stage.forge.pushSigned(FILE, stage.who('grace'));
      const said = await stage.judged({ keyring: stage.allowed() }).catch(describeError);
      expect(said).toMatch(/^The keyring is not one that gpg can read .*gpg --export/);
    });

    it.each([
      { signer: 'ada', says: /The program ssh-keygen is not there.*OpenSSH/ },
      { signer: 'grace', says: /The program gpg is not there.*GnuPG/ },
    ])('needs the program of $signer, or nothing is read', async ({ signer, says }) => {
      stage.forge.pushSigned(FILE, stage.who(signer));
      const environment = { PATH: stage.pathOfGit() };
      const files = { allowedSigners: stage.allowed(), keyring: stage.keyring('grace') };
      expect(await stage.judged(files, { environment }).catch(describeError)).toMatch(says);
    });
  });
});

describe('splitting a commit into content and signature', () => {
  it('leaves the signed bytes unchanged, and drops the signature of the other hash format', () => {
    const raw = Buffer.from(
      'tree 1\nauthor \xe9 <a> 1 +0000\ncommitter C <c> 1700000000 +0100\ngpgsig -----BEGIN SSH SIGNATURE-----\n \n x\n -----END SSH SIGNATURE-----\ngpgsig-sha256 other\n more\nencoding latin1\n\ngpgsig no\n',
      'latin1',
    );
    expect(signatureOf(raw, 'a'.repeat(40))).toEqual({
      kind: 'ssh',
      text: '-----BEGIN SSH SIGNATURE-----\n\nx\n-----END SSH SIGNATURE-----\n',
      payload: Buffer.from(
        'tree 1\nauthor \xe9 <a> 1 +0000\ncommitter C <c> 1700000000 +0100\nencoding latin1\n\ngpgsig no\n',
        'latin1',
      ),
      committed: 1_700_000_000,
    });
    expect(signatureOf(raw, 'a'.repeat(64))?.text).toBe('other\nmore\n');
  });
});
