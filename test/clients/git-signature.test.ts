import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { signatureOf } from '../../src/clients/git-signature.ts';
import { ConfigError, describeError } from '../../src/core/errors.ts';
import { FILE, signatureStage } from './git-signature-stage.ts';

const stage = signatureStage();
const { allowed, forge, judged, keyring, pathOfGit, who } = stage;

afterAll(() => stage.close());

describe('a commit with no signature to believe', () => {
  it('is refused, and followed where none is asked for', async () => {
    forge.pushSigned(FILE, undefined);
    const said = await judged({ allowedSigners: allowed() });
    expect(said).toMatch(
      /^The commit is not signed, and here only signed ones are followed\. Sign it: git commit/,
    );
    expect(await judged({ keyring: keyring('grace') })).toBe(said);
    expect(await judged({})).toBe('followed');
  });

  it('is refused when it says a signature in its message', async () => {
    const signed = forge.pushSigned(FILE, who('ada'));
    expect(signed).toHaveLength(40);
    forge.forgeCommit((raw) => {
      const signature = /^gpgsig .*\n(?: .*\n)+/m.exec(raw)?.[0] ?? '';
      return `${raw.replace(signature, '')}\n${signature}`;
    });
    expect(await judged({ allowedSigners: allowed() })).toMatch(/^The commit is not signed/);
  });

  it('is refused when it is of a sort that nobody knows', async () => {
    forge.pushSigned(FILE, who('ada'));
    forge.forgeCommit((raw) => raw.replaceAll('SSH SIGNATURE', 'SIGNED MESSAGE'));
    expect(await judged({ allowedSigners: allowed() })).toMatch(/a sort that gates cannot check/);
  });
});

describe('what decides is the files alone', () => {
  it('and nothing of the surroundings', async () => {
    forge.pushSigned(FILE, who('mallory'));
    const environment = {
      ...process.env,
      GNUPGHOME: path.join(stage.root, 'g'),
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'gpg.program',
      GIT_CONFIG_VALUE_0: '/bin/true',
      GIT_CONFIG_KEY_1: 'gpg.ssh.program',
      GIT_CONFIG_VALUE_1: '/bin/true',
    };
    expect(await judged({ keyring: keyring('grace') }, { environment })).toMatch(/not allowed/);
  });

  it.each([
    { files: { allowedSigners: '/nonexistent/a' }, says: /GATES_GIT_ALLOWED_SIGNERS_FILE cannot be read/ },
    { files: { keyring: '/nonexistent/k' }, says: /GATES_GIT_KEYRING_FILE cannot be read/ },
  ])('and without them nothing is read: $files', async ({ files, says }) => {
    forge.pushSigned(FILE, who('ada'));
    const error = await judged(files).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toMatch(says);
  });

  it('and a keyring that is none is said to be none', async () => {
    forge.pushSigned(FILE, who('grace'));
    const said = await judged({ keyring: allowed() }).catch(describeError);
    expect(said).toMatch(/^The keyring is not one that gpg can read .*gpg --export/);
  });

  it.each([
    { signer: 'ada', says: /The program ssh-keygen is not there.*OpenSSH/ },
    { signer: 'grace', says: /The program gpg is not there.*GnuPG/ },
  ])('and without the program of $signer nothing is read', async ({ signer, says }) => {
    forge.pushSigned(FILE, who(signer));
    const environment = { PATH: pathOfGit() };
    const files = { allowedSigners: allowed(), keyring: keyring('grace') };
    expect(await judged(files, { environment }).catch(describeError)).toMatch(says);
  });
});

describe('taking a commit apart', () => {
  it('leaves what was signed byte for byte, and drops the signature of the other sort of names', () => {
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
