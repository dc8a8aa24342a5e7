import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createForge, type Forge } from '../../daemon/forge.ts';

/** A person who signs commits: git's settings, and the key that a daemon gets. */
export interface Signer {
  readonly config: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** The public key, `ssh-ed25519 AAAA…`, or the fingerprint of a GPG key. */
  readonly publicKey: string;
}

export interface SignedForge extends Forge {
  /** Commits and pushes with a signature; `date` is the commit's own time, which its author sets. */
  pushSigned(
    files: Readonly<Record<string, string>>,
    signer: Signer | undefined,
    more?: { readonly date?: string; readonly message?: string },
  ): string;
  /** Puts at the head a commit that no git would make: `change` rewrites the newest one, byte for byte. */
  forgeCommit(change: (raw: string) => string): string;
}

export function createSignedForge(root: string, names?: 'sha1' | 'sha256'): SignedForge {
  const forge = createForge(root, names);
  const setHead = (commit: string) => {
    forge.setHead(commit);
    return commit;
  };
  return {
    ...forge,
    pushSigned(files, signer, { date, message = 'Open the gates' } = {}) {
      const pushed = forge.push(files, message);
      const raw = forge.objects.read(pushed).toString('latin1');
      const [, tree = ''] = /^tree (\w+)$/m.exec(raw) ?? [];
      const parents = [...raw.matchAll(/^parent (\w+)$/gm)].flatMap(([, parent = '']) => ['-p', parent]);
      const settings = Object.entries(signer?.config ?? {}).flatMap(([key, value]) => [
        '-c',
        `${key}=${value}`,
      ]);
      const how = signer === undefined ? '--no-gpg-sign' : '--gpg-sign';
      const args = [...settings, 'commit-tree', how, ...parents, tree];
      const environment = {
        ...COMMITTER,
        ...signer?.environment,
        ...(date !== undefined && { GIT_COMMITTER_DATE: date }),
      };
      const input = Buffer.from(raw.slice(raw.indexOf('\n\n') + 2), 'latin1');
      const made = execFileSync('git', args, { cwd: forge.bare, env: environment, input, stdio: 'pipe' });
      return setHead(made.toString('latin1').trim());
    },
    forgeCommit(change) {
      const raw = change(forge.objects.read(forge.head() ?? '').toString('latin1'));
      return setHead(forge.objects.write('commit', Buffer.from(raw, 'latin1')));
    },
  };
}

const COMMITTER = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.dev',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.dev',
};

/** Programs of OpenSSH and of GnuPG, which no package of npm brings. */
export const SSH_KEYGEN = 'ssh-keygen';
const GPG = 'gpg';
const GPGCONF = 'gpgconf';

/** Makes a new ssh key in a directory of the test. */
export function sshSigner(directory: string, name: string): Signer {
  const key = path.join(directory, name);
  execFileSync(SSH_KEYGEN, ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key]);
  const publicKey = readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  return { config: { 'gpg.format': 'ssh', 'user.signingKey': key }, environment: {}, publicKey };
}

/** A GPG home: people's keys, and the keyrings for a daemon. */
export interface GpgHome {
  /** Makes a key. A key with another creation time also signs at that time. */
  signer(email: string, made?: { readonly at: string; readonly lasts: string }): Signer;
  revoke(signer: Signer): void;
  /** Writes the public halves of these keys to a file. */
  keyring(file: string, signers: readonly Signer[], armoured?: boolean): string;
  /** Ends the agent that gpg started. */
  close(): void;
}

export function gpgHome(directory: string): GpgHome {
  const home = path.join(directory, 'g');
  mkdirSync(home, { mode: 0o700 });
  const gpg = (...args: readonly string[]) =>
    execFileSync(GPG, ['--homedir', home, '--batch', '--quiet', ...args], { stdio: 'pipe' });
  return {
    signer(email, made) {
      // With `!` the clock stands still: on a busy machine, the key could be made later than it signs.
      const time = made === undefined ? [] : ['--faked-system-time', `${made.at}!`];
      gpg(...time, '--passphrase', '', '--quick-gen-key', email, 'ed25519', 'sign', made?.lasts ?? 'never');
      const listed = gpg('--with-colons', '--list-keys', email).toString('utf8');
      const publicKey = /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '';
      const program = path.join(directory, `gpg-${publicKey}`);
      writeFileSync(program, `#!/bin/sh\nexec gpg ${time.join(' ')} "$@"\n`);
      chmodSync(program, 0o755);
      const config = { 'gpg.format': 'openpgp', 'user.signingKey': publicKey, 'gpg.program': program };
      return { config, environment: { GNUPGHOME: home }, publicKey };
    },
    revoke({ publicKey }) {
      const certificates = path.join(home, 'openpgp-revocs.d');
      const name = readdirSync(certificates).find((file) => file.startsWith(publicKey)) ?? '';
      // A colon in the stored file prevents anybody from importing the key by mistake.
      const text = readFileSync(path.join(certificates, name), 'utf8').replace(':-----BEGIN', '-----BEGIN');
      const file = path.join(directory, 'revocation');
      writeFileSync(file, text);
      gpg('--import', file);
    },
    keyring(file, signers, armoured = false) {
      const keys = signers.map(({ publicKey }) => publicKey);
      gpg('--yes', '--output', file, ...(armoured ? ['--armor'] : []), '--export', ...keys);
      return file;
    },
    close() {
      execFileSync(GPGCONF, ['--homedir', home, '--kill', 'all'], { stdio: 'pipe' });
    },
  };
}
