import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runGit } from '../../../src/clients/git/command.ts';
import { type GitOptions, gitSource } from '../../../src/clients/git/git.ts';
import { parseRepository } from '../../../src/clients/git/repository-address.ts';
import { ConfigError, describeError, RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import { createForge, serveForge } from '../../daemon/forge.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';

const CANARY = 'canary-token-5f1e';

function source(repository: string, more: Partial<GitOptions> = {}) {
  const directory = path.join(temporaryDirectory(), 'repository');
  const git = gitSource({
    repository,
    branch: 'main',
    file: 'gates.yaml',
    directory,
    environment: process.env,
    ...more,
  });
  return { ...git, directory };
}

async function textOf(reading: ReturnType<ReturnType<typeof gitSource>['read']>): Promise<string> {
  const { file } = await reading;
  return 'bytes' in file ? Buffer.from(file.bytes).toString('utf8') : describeError(file.error);
}

async function failureOf(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

describe('a repository on disk', () => {
  it('is read at the head of its branch, by path and by URL', async () => {
    const forge = createForge();
    const revision = forge.push({ 'gates.yaml': 'version: 1\n' }, 'Open the gates\n\nGates-Allow: prune');
    for (const repository of [forge.bare, `file://${forge.bare}`]) {
      expect(await source(repository).read()).toEqual({
        revision,
        author: 'Ada',
        subject: 'Open the gates',
        allow: ['prune'],
        file: { bytes: Buffer.from('version: 1\n') },
      });
    }
  });

  it('is followed through pushes, even one that rewrites history', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const git = source(forge.bare);
    expect(await textOf(git.read())).toBe('one');
    const revision = forge.push({ 'gates.yaml': 'two' });
    expect(await textOf(git.read())).toBe('two');
    const other = createForge();
    other.push({ 'gates.yaml': 'three' });
    await runGit(['fetch', '--quiet', '--force', other.bare, '+main:main'], {
      directory: forge.bare,
      environment: process.env,
      config: {},
      protocols: 'file',
      timeout: 120_000,
      maxBytes: 1000,
      signal: undefined,
    });
    const rewritten = await git.read();
    expect(rewritten.revision).not.toBe(revision);
    expect(await textOf(git.read())).toBe('three');
  });

  it('is read when it names commits by SHA-256, and when it is created anew with the other format', async () => {
    const root = temporaryDirectory();
    const bare = path.join(root, 'gates.git');
    const git = source(bare);
    for (const [names, length] of [
      ['sha1', 40],
      ['sha256', 64],
      ['sha1', 40],
    ] as const) {
      rmSync(root, { recursive: true });
      const forge = createForge(root, names);
      const revision = forge.push({ 'gates.yaml': names });
      expect(revision).toHaveLength(length);
      expect(await git.read()).toMatchObject({ revision });
      expect(await textOf(git.read())).toBe(names);
    }
  });

  it('is read on another branch and at another path', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'wrong' });
    forge.push({ 'home/gates.yaml': 'right' }, 'Move', 'live');
    expect(await textOf(source(forge.bare, { branch: 'live', file: './home/gates.yaml' }).read())).toBe(
      'right',
    );
  });

  it.each([
    { file: 'absent.yaml', says: 'absent.yaml is not in branch main' },
    { file: 'folder', says: 'folder is a folder in branch main' },
    { file: 'link.yaml', says: 'link.yaml is a symbolic link in branch main' },
    { file: 'large.yaml', says: 'large.yaml is larger than 1 MiB' },
  ])('reports what is wrong with $file, and in which revision', async ({ file, says }) => {
    const forge = createForge();
    forge.push({ 'folder/a': 'a', 'large.yaml': '#'.repeat(1024 * 1024 + 1) });
    const revision = forge.pushLink('link.yaml', '/etc/passwd');
    const head = await source(forge.bare, { file }).read();
    expect(head.revision).toBe(revision);
    expect('error' in head.file && head.file.error).toBeInstanceOf(ConfigError);
    expect('error' in head.file && head.file.error.message).toBe(says);
  });

  it('without the branch counts as a mistake of the author', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'x' });
    const error = await failureOf(source(forge.bare, { branch: 'absent' }).read());
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toContain('Push to absent');
  });

  it('that does not exist counts as a mistake of the author', async () => {
    const error = await failureOf(source(path.join(temporaryDirectory(), 'absent.git')).read());
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toContain('There is no repository at this address');
  });
});

describe('the copy in the state directory', () => {
  it.each([
    { broken: 'HEAD', because: 'git no longer takes it for a repository' },
    { broken: 'config', because: 'its settings cannot be parsed' },
    { broken: 'shallow.lock', because: 'git was killed while it fetched' },
    { broken: 'objects', because: 'objects are damaged' },
  ])('is created anew when $broken is broken: $because', async ({ broken }) => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const git = source(forge.bare);
    await git.read();
    forge.push({ 'gates.yaml': 'two' });
    if (broken === 'objects') damageObjects(git.directory);
    else writeFileSync(path.join(git.directory, broken), '[broken');
    expect(await textOf(git.read())).toBe('two');
    forge.push({ 'gates.yaml': 'three' });
    expect(await textOf(git.read())).toBe('three');
  });
});

describe('a repository behind HTTP', () => {
  it('is read with a token', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'secret gates' });
    const basic = `Basic ${Buffer.from(`x-access-token:${CANARY}`).toString('base64')}`;
    const server = await serveForge(forge, basic);
    expect(await textOf(source(server.url, { token: CANARY }).read())).toBe('secret gates');
    expect(new Set(server.authorizations)).toEqual(new Set([basic]));
  });

  it('is read without one where it needs none', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'open' });
    const server = await serveForge(forge);
    expect(await textOf(source(server.url).read())).toBe('open');
    expect(new Set(server.authorizations)).toEqual(new Set([undefined]));
  });

  it('rejects a wrong token, and neither error nor copy contains it', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'x' });
    const server = await serveForge(forge, 'Basic other');
    const url = server.url.replace('http://', `http://me:${CANARY}@`);
    const git = source(url);
    const error = await failureOf(git.read());
    expect(error).toBeInstanceOf(RejectedError);
    const told = JSON.stringify([describeError(error), String(error), git.url, error]);
    expect(told).not.toContain(CANARY);
    expect(told).not.toContain(Buffer.from(`me:${CANARY}`).toString('base64'));
    const kept = filesBelow(git.directory).map((file) => readFileSync(file, 'latin1'));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.join('\n')).not.toContain(CANARY);
  });

  it('that does not exist counts as a mistake; one that does not answer is tried again', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'x' });
    const server = await serveForge(forge);
    const missing = await failureOf(source(server.url.replace('gates.git', 'other.git')).read());
    expect(missing).toBeInstanceOf(ConfigError);
    const silent = await failureOf(source('http://127.0.0.1:1/gates.git', { token: CANARY }).read());
    expect(silent).toBeInstanceOf(UnreachableError);
    expect(describeError(silent)).not.toContain(CANARY);
  });
});

it('no argument of git contains a credential', async () => {
  const forge = createForge();
  forge.push({ 'gates.yaml': 'x' });
  const server = await serveForge(forge);
  const bin = temporaryDirectory();
  const log = path.join(bin, 'calls');
  writeFileSync(path.join(bin, 'git'), `#!/bin/sh\necho "$@" >> ${log}\nPATH=\${PATH#*:} exec git "$@"\n`);
  chmodSync(path.join(bin, 'git'), 0o755);
  const environment = { ...process.env, PATH: `${bin}:${process.env.PATH}`, GIT_DIR: '/elsewhere' };
  const url = server.url.replace('http://', 'http://me:old-password@');
  await source(url, { token: CANARY, environment }).read();
  const calls = readFileSync(log, 'utf8');
  expect(calls).toContain('fetch');
  expect(calls).not.toContain(CANARY);
  expect(calls).not.toContain('old-password');
});

it('a read names missing git, or the signal that stopped it', async () => {
  const forge = createForge();
  const missing = await failureOf(source(forge.bare, { environment: { PATH: '/nonexistent' } }).read());
  expect(describeError(missing)).toContain('Install git');
  const stopped = await failureOf(
    source(forge.bare).read(AbortSignal.abort(new Error('stopped by SIGTERM'))),
  );
  expect(String(stopped)).toContain('stopped by SIGTERM');
});

it('a fetch that takes too long is abandoned', async () => {
  const forge = createForge();
  const error = await failureOf(source(forge.bare, { timeout: 1 }).read());
  expect(error).toBeInstanceOf(UnreachableError);
  expect(describeError(error)).toContain('did not answer in time');
});

describe('the address', () => {
  it.each([
    { repository: 'ext::sh -c true', because: 'it would run a program' },
    { repository: '', because: 'it is empty' },
    { repository: 'https://', because: 'it names no host' },
  ])('$repository is refused: $because', ({ repository }) => {
    expect(() => parseRepository(repository)).toThrow(ConfigError);
  });

  it('loses its credentials', () => {
    const address = parseRepository(`https://me:${CANARY}@forge.example/gates.git`);
    expect(address.url).toBe('https://forge.example/gates.git');
    expect(address.authorization).toBe(`Basic ${Buffer.from(`me:${CANARY}`).toString('base64')}`);
    expect(address.secrets).toContain(CANARY);
    expect(address.secrets).not.toContain('me');
  });

  it.each(['-x', '../main', 'a b', 'a..b', 'a:b', ''])('of branch %j is refused', (branch) => {
    expect(() => source('/srv/gates.git', { branch })).toThrow(ConfigError);
  });
});

function damageObjects(directory: string): void {
  const packs = filesBelow(path.join(directory, 'objects'));
  for (const file of packs) {
    chmodSync(file, 0o600);
    writeFileSync(file, 'damaged');
  }
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
