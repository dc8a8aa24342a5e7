import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type GitOptions, gitSource } from '../../../src/clients/git/git.ts';
import { ConfigError, describeError, UnreachableError } from '../../../src/core/errors.ts';
import { createForge, serveForge } from '../../daemon/forge.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';

function source(repository: string, more: Partial<GitOptions> = {}) {
  const directory = path.join(temporaryDirectory(), 'copy');
  const options = { repository, branch: 'main', file: 'gates.yaml', directory, environment: process.env };
  return { ...gitSource({ ...options, ...more }), directory };
}

const failureOf = (reading: Promise<unknown>) =>
  reading.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe('a repository that was read before', () => {
  it('and is deleted counts as a mistake of the author, and is read again once it is back', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const git = source(forge.bare);
    const { revision } = await git.read();
    rmSync(forge.bare, { recursive: true });
    const error = await failureOf(git.read());
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toMatch(
      /^There is no repository at this address, .*deleted, renamed or made private/,
    );
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', forge.bare]);
    const back = forge.push({ 'gates.yaml': 'two' });
    expect(await git.read()).toMatchObject({ revision: back, file: { bytes: Buffer.from('two') } });
    expect(back).not.toBe(revision);
  });

  it('and answers 404 or 410 counts as the same mistake', async () => {
    for (const status of [404, 410]) {
      const url = await answering((response) => response.writeHead(status).end());
      expect(describeError(await failureOf(source(url).read()))).toMatch(
        /^There is no repository at this address, .*at GATES_REPOSITORY and at GATES_GIT_TOKEN/,
      );
    }
  });

  it('and lost its branch counts as a mistake of the author', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const git = source(forge.bare);
    await git.read();
    execFileSync('git', ['-C', forge.bare, 'branch', '--quiet', '-m', 'main', 'trunk']);
    const error = await failureOf(git.read());
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toMatch(
      /^The branch is not in the repository .*Push to main, or set GATES_BRANCH/,
    );
  });
});

describe('a head that does not follow the last one', () => {
  it('is followed, and reported once', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const before = forge.push({ 'gates.yaml': 'two' });
    const git = source(forge.bare);
    expect(await git.read()).not.toHaveProperty('replaced');
    const revision = rewind(forge.bare, 'three');
    expect(await git.read()).toMatchObject({ revision, replaced: before });
    expect(await git.read()).not.toHaveProperty('replaced');
  });

  it('is reported also by a restarted daemon', async () => {
    const forge = createForge();
    const before = forge.push({ 'gates.yaml': 'one' });
    const { directory, read } = source(forge.bare);
    await read();
    rewind(forge.bare, 'two');
    expect(await source(forge.bare, { directory }).read()).toMatchObject({ replaced: before });
  });

  it('is reported when it is an old commit', async () => {
    const forge = createForge();
    const before = forge.push({ 'gates.yaml': 'one' });
    const git = source(forge.bare);
    await git.read();
    rewind(forge.bare, 'old', '2001-01-01T00:00:00Z');
    expect(await git.read()).toMatchObject({ replaced: before });
  });

  it('is distinguished from a next commit with an old date', async () => {
    const forge = createForge();
    const before = forge.push({ 'gates.yaml': 'one' });
    const git = source(forge.bare);
    await git.read();
    rewind(forge.bare, 'old', '2001-01-01T00:00:00Z', [before]);
    const read = await git.read();
    expect(read).toMatchObject({ subject: 'Rewritten' });
    expect(read).not.toHaveProperty('replaced');
  });

  it('is distinguished from a push of many commits at once, also over HTTP', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one' });
    const { url } = await serveForge(forge);
    const sources = [source(forge.bare), source(url)];
    for (const git of sources) await git.read();
    forge.push({ 'gates.yaml': 'two' });
    forge.push({ other: 'x' });
    const revision = forge.push({ 'gates.yaml': 'three' });
    for (const git of sources) {
      const read = await git.read();
      expect(read).toMatchObject({ revision, file: { bytes: Buffer.from('three') } });
      expect(read).not.toHaveProperty('replaced');
    }
  });
});

/** Puts at the head a commit that no clone has, by default without parents, and returns its hash. */
function rewind(
  bare: string,
  text: string,
  date = new Date().toISOString(),
  parents: readonly string[] = [],
): string {
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', ['-C', bare, ...args], {
      encoding: 'utf8',
      input,
      env: {
        PATH: process.env.PATH,
        HOME: '/nonexistent',
        GIT_AUTHOR_NAME: 'Eve',
        GIT_AUTHOR_EMAIL: 'eve@example.net',
        GIT_COMMITTER_NAME: 'Eve',
        GIT_COMMITTER_EMAIL: 'eve@example.net',
        GIT_COMMITTER_DATE: date,
      },
    }).trim();
  const blob = git(['hash-object', '-w', '--stdin'], text);
  const tree = git(['mktree'], `100644 blob ${blob}\tgates.yaml\n`);
  const commit = git([
    'commit-tree',
    '-m',
    'Rewritten',
    ...parents.flatMap((parent) => ['-p', parent]),
    tree,
  ]);
  git(['update-ref', 'refs/heads/main', commit]);
  return commit;
}

describe('a repository that is too large or too slow', () => {
  const MIB = 1024 * 1024;

  it('is not fetched completely, leaves nothing on the disk, and is not requested twice', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'one', 'backup.bin': randomBytes(3 * MIB).toString('latin1') });
    const { url, requests } = await serveCounted(forge);
    const git = source(url, { maxFetched: MIB });
    const error = await failureOf(git.read());
    expect(error).toBeInstanceOf(ConfigError);
    expect(describeError(error)).toMatch(
      /^The newest revision is too large to fetch\. gates fetches at most 1 MiB\. Keep gates\.yaml in a small repository/,
    );
    const packs = path.join(git.directory, 'objects', 'pack');
    expect(existsSync(packs) ? readdirSync(packs) : []).toEqual([]);
    const before = requests.length;
    expect(describeError(await failureOf(git.read()))).toBe(describeError(error));
    const again = requests.slice(before);
    expect(again.length).toBeGreaterThan(0);
    expect(Math.max(...again)).toBeLessThan(MIB / 8);
    const revision = forge.push({ 'gates.yaml': 'small again', 'backup.bin': undefined });
    expect(await git.read()).toMatchObject({ revision, file: { bytes: Buffer.from('small again') } });
  });

  it.each([
    { silence: 'says nothing at all', begin: false },
    { silence: 'begins to answer and stops', begin: true },
  ])('is abandoned when it $silence', async ({ begin }) => {
    const url = await answering((response) => {
      if (begin) {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
        response.write('001e# service=git-upload-pack\n');
      }
    });
    const error = await failureOf(source(url, { timeout: 1_000 }).read());
    expect(error).toBeInstanceOf(UnreachableError);
    expect(describeError(error)).toMatch(/^The repository did not answer in time\. It is tried again/);
  });

  it('is abandoned at once when the daemon is stopped, and no process of git remains', async () => {
    const stop = new AbortController();
    let asked = () => {};
    const connected = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let gone = () => {};
    const closed = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const url = await answering((response) => {
      response.on('close', gone);
      asked();
    });
    const reading = failureOf(source(url).read(stop.signal));
    await connected;
    stop.abort(new Error('stopped by SIGTERM'));
    expect(String(await reading)).toContain('stopped by SIGTERM');
    await closed;
  });
});

/** Serves a forge over HTTP, and records how many bytes each answer had. */
async function serveCounted(forge: ReturnType<typeof createForge>) {
  const inner = await serveForge(forge);
  const requests: number[] = [];
  const { origin } = new URL(inner.url);
  const outer = await answering(async (response, request) => {
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const { host: _, connection: __, ...headers } = request.headers;
    const answer = await fetch(`${origin}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(request.method === 'POST' && { body: Buffer.concat(body) }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    requests.push(bytes.length);
    response
      .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      .end(bytes);
  });
  return { url: outer, requests };
}

async function answering(
  answer: (
    response: import('node:http').ServerResponse,
    request: import('node:http').IncomingMessage,
  ) => unknown,
): Promise<string> {
  const server = createServer((request, response) => {
    response.on('error', () => {});
    void answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/gates.git`;
}

it('the copy of a repository stays small over many pushes', async () => {
  const forge = createForge();
  const git = source(forge.bare);
  for (let push = 0; push < 14; push += 1) {
    forge.push({ 'gates.yaml': `push ${push}` });
    await git.read();
  }
  const packs = readdirSync(path.join(git.directory, 'objects', 'pack'));
  expect(packs.filter((name) => name.endsWith('.pack')).length).toBeLessThan(12);
  writeFileSync(path.join(git.directory, 'objects', 'pack', 'tmp_pack_left'), 'x');
  rmSync(forge.bare, { recursive: true });
  await failureOf(git.read());
  expect(readdirSync(path.join(git.directory, 'objects', 'pack'))).not.toContain('tmp_pack_left');
});
