import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitSource } from '../../../src/clients/git/git.ts';
import { ConfigError, describeError, RejectedError, UnsafeError } from '../../../src/core/errors.ts';
import { createForge, type Forge } from '../../daemon/forge.ts';
import { needs, programPath } from '../../support/programs.ts';
import { SSH_KEYGEN } from './git-signing.ts';

/**
 * A real OpenSSH server, on a port of this machine; needs `sshd` (Debian: openssh-server). The quick suite uses a
 * program of the test instead.
 */
const SSHD = programPath('sshd') ?? 'sshd';

let root: string;
let forge: Forge;
let server: Server;
let files: { readonly sshKey: string; readonly knownHosts: string };

function newKey(name: string, passphrase = ''): string {
  const key = path.join(root, name);
  execFileSync(SSH_KEYGEN, ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', key]);
  return key;
}

function knownHosts(name: string, hostKey: string): string {
  const file = path.join(root, name);
  const { port } = server.address() as AddressInfo;
  writeFileSync(file, `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`);
  return file;
}

beforeAll(async () => {
  // The server ignores a key file in a folder that others may write to.
  root = mkdtempSync(path.join(tmpdir(), 'gates-'));
  forge = createForge(root);
  const hostKey = newKey('host');
  const sshKey = newKey('deploy key "of" 100%h');
  copyFileSync(`${sshKey}.pub`, path.join(root, 'authorized'));
  const config = path.join(root, 'sshd_config');
  writeFileSync(
    config,
    `HostKey ${hostKey}\nAuthorizedKeysFile ${root}/authorized\nUsePAM no\nStrictModes no\nPidFile none\n`,
  );
  // As root, the server needs an empty directory of this name.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  server = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn(SSHD, ['-i', '-e', '-f', config], { stdio: [socket, socket, 'ignore'] });
    child.on('error', () => socket.destroy());
    child.on('exit', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  files = { sshKey, knownHosts: knownHosts('known hosts', hostKey) };
});

afterAll(() => {
  server.close();
  rmSync(root, { recursive: true, force: true });
});

let copies = 0;

function source(more: Partial<typeof files> = {}, repository = forge.bare) {
  copies += 1;
  const { port } = server.address() as AddressInfo;
  return gitSource({
    repository: `ssh://${userInfo().username}@127.0.0.1:${port}${repository}`,
    branch: 'main',
    file: 'gates.yaml',
    directory: path.join(root, `copy-${copies}`),
    environment: process.env,
    files: { ...files, ...more },
  });
}

const failureOf = (more: Partial<typeof files>, repository?: string) =>
  source(more, repository)
    .read()
    .catch((failure: unknown) => failure);

describe('a repository behind a real sshd', needs('ssh', 'ssh-keygen', 'sshd'), () => {
  it('is read, and followed', async () => {
    const git = source();
    for (const text of ['one', 'two']) {
      const revision = forge.push({ 'gates.yaml': text });
      expect(await git.read()).toMatchObject({ revision, file: { bytes: Buffer.from(text) } });
    }
  });

  it('is not contacted if its host key is unknown', async () => {
    const file = path.join(root, 'nobody');
    writeFileSync(file, '');
    const error = await failureOf({ knownHosts: file });
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toMatch(/not among the known hosts .*ssh-keyscan -p \d+ 127\.0\.0\.1/);
  });

  it('is not contacted if its host shows another key', async () => {
    const error = await failureOf({ knownHosts: knownHosts('changed', newKey('other-host')) });
    expect(error).toBeInstanceOf(UnsafeError);
    expect(describeError(error)).toMatch(/another key than the one that is known/);
  });

  it('rejects an unknown key, and ssh tries no other', async () => {
    const error = await failureOf({ sshKey: newKey('stranger') });
    expect(error).toBeInstanceOf(RejectedError);
    expect(describeError(error)).toMatch(/refused the ssh key .*Permission denied \(publickey/);
  });

  it('is not opened by a key that others may read', async () => {
    const sshKey = path.join(root, 'readable');
    copyFileSync(files.sshKey, sshKey);
    chmodSync(sshKey, 0o644);
    const error = await failureOf({ sshKey });
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toMatch(/Others may read the ssh key.*Run chmod 600 .*\/readable$/);
  });

  it('is not opened by a file that holds no key', async () => {
    const text = path.join(root, 'text');
    writeFileSync(text, 'not a key\n', { mode: 0o600 });
    expect(describeError(await failureOf({ sshKey: text }))).toMatch(
      /^The ssh key cannot be used .*without a passphrase/,
    );
  });

  it('is not opened by a key with a passphrase, which ssh itself does not mention', async () => {
    const sshKey = newKey('locked', 'a passphrase');
    appendFileSync(path.join(root, 'authorized'), readFileSync(`${sshKey}.pub`));
    expect(describeError(await failureOf({ sshKey }))).toMatch(
      /refused the ssh key .*A key with a passphrase cannot be used/,
    );
  });

  it('is reported as missing if it does not exist', async () => {
    const error = await failureOf({}, path.join(root, 'absent.git'));
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toMatch(/no repository at this address.*deploy key/);
  });
});
