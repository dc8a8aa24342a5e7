import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AcceptedRevision, gitSource } from '../../src/clients/git.ts';
import { signatureOf } from '../../src/clients/git-signature.ts';
import type { SignerFiles } from '../../src/clients/git-signers.ts';
import { ConfigError, describeError } from '../../src/core/errors.ts';
import {
  createSignedForge,
  type GpgHome,
  gpgHome,
  type SignedForge,
  type Signer,
  sshSigner,
} from './git-signing.ts';

const FILE = { 'gates.yaml': 'version: 1\n' };

let root: string;
let forge: SignedForge;
let gpg: GpgHome;
const signers: Record<string, Signer> = {};
let count = 0;

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gates-'));
  forge = createSignedForge(root);
  gpg = gpgHome(root);
  signers.ada = sshSigner(root, 'ada');
  signers.eve = sshSigner(root, 'eve');
  signers.grace = gpg.signer('grace@example.dev');
  signers.mallory = gpg.signer('mallory@example.net');
  signers.old = gpg.signer('old@example.dev', { at: '20200102T000000', lasts: '30d' });
  signers.lost = gpg.signer('lost@example.dev');
});

afterAll(() => {
  gpg.close();
  rmSync(root, { recursive: true, force: true });
});

function who(name: string): Signer {
  const signer = signers[name];
  if (signer === undefined) throw new Error(`nobody is called ${name}`);
  return signer;
}

function fresh(name: string): string {
  count += 1;
  return path.join(root, `${name}-${count}`);
}

/** The file of allowed signers with one line for Ada's key: `options` stand before it. */
function allowed(options = '', principal = 'ada@example.dev'): string {
  const file = fresh('allowed');
  writeFileSync(file, `# who may sign\n${principal} ${options} ${who('ada').publicKey}\n`);
  return file;
}

function keyring(...names: readonly string[]): string {
  return gpg.keyring(fresh('keyring'), names.map(who));
}

/** A PATH with git, and with no program that checks signatures. */
function pathOfGit(): string {
  const directory = fresh('bin');
  mkdirSync(directory);
  for (const program of ['git', 'sh']) {
    const found = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
    symlinkSync(realpathSync(found), path.join(directory, program));
  }
  return directory;
}

/** How the head of the forge is read: `followed`, or why it is not. */
async function judged(
  files: SignerFiles,
  more: {
    readonly accepted?: AcceptedRevision;
    readonly environment?: NodeJS.ProcessEnv;
    readonly repository?: string;
  } = {},
): Promise<string> {
  const directory = fresh('copy');
  const git = gitSource({
    repository: more.repository ?? forge.bare,
    branch: 'main',
    file: 'gates.yaml',
    directory,
    environment: more.environment ?? process.env,
    files,
  });
  const { file } = await git.read(undefined, more.accepted);
  expect(readdirSync(directory).filter((name) => name.startsWith('signature-'))).toEqual([]);
  return 'bytes' in file ? 'followed' : describeError(file.error);
}

describe('a commit signed with an ssh key', () => {
  it.each([
    { options: '', because: 'the key is allowed' },
    { options: 'namespaces="git"', because: 'it is allowed for git' },
    { options: 'valid-after="20200101",valid-before="20990101"', because: 'it is good all the time' },
  ])('is followed with $options: $because', async ({ options }) => {
    forge.pushSigned(FILE, who('ada'));
    expect(await judged({ allowedSigners: allowed(options) })).toBe('followed');
  });

  it.each([
    {
      options: 'valid-before="20250101"',
      date: undefined,
      says: 'expired',
      because: 'the key had expired when it signed',
    },
    {
      options: 'valid-before="20250101"',
      date: '2024-06-01T12:00:00Z',
      says: 'expired',
      because: 'it has expired by now, and whoever has it can write any date',
    },
    {
      options: 'valid-before="20980101"',
      date: '2098-06-01T12:00:00Z',
      says: 'expired',
      because: 'git judges by the time of the commit',
    },
    {
      options: 'valid-after="20980101"',
      date: undefined,
      says: 'not valid yet',
      because: 'its time has not come',
    },
    {
      options: 'valid-after="20250101"',
      date: '2024-06-01T12:00:00Z',
      says: 'not valid yet',
      because: 'the commit says that it was made before',
    },
    {
      options: 'namespaces="file"',
      date: undefined,
      says: 'line 2: key is not permitted for use in signature namespace "git"',
      because: 'the key is allowed for other things',
    },
  ])('is refused with $options at $date: $because', async ({ options, date, says }) => {
    forge.pushSigned(FILE, who('ada'), date === undefined ? {} : { date });
    expect(await judged({ allowedSigners: allowed(options) })).toContain(says);
  });

  it('is judged alike in a repository that names commits by SHA-256', async () => {
    const other = createSignedForge(fresh('sha256'), 'sha256');
    const revision = other.pushSigned(FILE, who('ada'));
    expect(revision).toHaveLength(64);
    expect(await judged({ allowedSigners: allowed() }, { repository: other.bare })).toBe('followed');
    other.forgeCommit((raw) => raw.replace('Open the gates', 'Open the doors'));
    expect(await judged({ allowedSigners: allowed() }, { repository: other.bare })).toMatch(
      /^The signature does not fit the commit/,
    );
  });

  it('is refused when the key is another one, which is named', async () => {
    forge.pushSigned(FILE, who('eve'));
    const said = await judged({ allowedSigners: allowed() });
    expect(said).toMatch(
      /^The commit is signed by a key that is not allowed\. It is ED25519 key SHA256:\S+\./,
    );
  });

  it('stays believed when its key expires after it was put in force', async () => {
    const revision = forge.pushSigned(FILE, who('ada'), { date: '2024-06-01T12:00:00Z' });
    const allowedSigners = allowed('valid-before="20250101"');
    const since = '2024-06-01T12:05:00.000Z';
    expect(await judged({ allowedSigners }, { accepted: { revision, since } })).toBe('followed');
    const other = { revision: '0'.repeat(40), since };
    expect(await judged({ allowedSigners }, { accepted: other })).toContain('has expired');
    const late = { revision, since: '2025-06-01T12:05:00.000Z' };
    expect(await judged({ allowedSigners }, { accepted: late })).toContain('has expired');
  });

  it.each([
    {
      change: (raw: string) => raw.replace('Open the gates', 'Open the doors'),
      because: 'the message is another',
    },
    {
      change: (raw: string) => raw.replace(/^tree \w+/, 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904'),
      because: 'the files are others',
    },
    {
      change: (raw: string) => raw.replace(/(committer .*> )\d+/, '$199999999999999'),
      because: 'the time of the commit is none',
    },
  ])('is refused after it was changed: $because', async ({ change }) => {
    forge.pushSigned(FILE, who('ada'));
    forge.forgeCommit(change);
    expect(await judged({ allowedSigners: allowed() })).toMatch(/^The signature does not fit the commit/);
  });

  it('is refused where only GPG keys are allowed', async () => {
    forge.pushSigned(FILE, who('ada'));
    const said = await judged({ keyring: keyring('grace') });
    expect(said).toMatch(/ssh key, and here only GPG keys are allowed.*GATES_GIT_ALLOWED_SIGNERS_FILE/);
  });
});

describe('a commit signed with a GPG key', () => {
  it('is followed when the key is in the keyring, armoured or not', async () => {
    forge.pushSigned(FILE, who('grace'));
    expect(await judged({ keyring: keyring('old', 'grace') })).toBe('followed');
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
    forge.pushSigned(FILE, who(signer));
    expect(await judged({ keyring: keyring('grace', 'old') })).toMatch(says);
  });

  it('is refused once the keyring says that the key was revoked', async () => {
    forge.pushSigned(FILE, who('lost'));
    expect(await judged({ keyring: keyring('lost') })).toBe('followed');
    gpg.revoke(who('lost'));
    expect(await judged({ keyring: keyring('lost') })).toMatch(
      /^The commit is signed by a key that was revoked\. It is GPG key [0-9A-F]{40} of lost@example\.dev\./,
    );
  });

  it('stays believed when its key expires after it was put in force', async () => {
    const revision = forge.pushSigned(FILE, who('old'));
    const accepted = { revision, since: '2020-01-05T00:00:00.000Z' };
    expect(await judged({ keyring: keyring('old') }, { accepted })).toBe('followed');
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
      GNUPGHOME: path.join(root, 'g'),
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
