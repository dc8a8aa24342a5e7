import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GitSource, gitSource } from '../../../src/clients/git/git.ts';
import { ConfigError } from '../../../src/core/errors.ts';
import { createForge, type Forge } from '../../daemon/forge.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';

/** A branch of three commits, another branch with one more, and the source that watches the first branch. */
function stage() {
  const root = temporaryDirectory();
  const forge = createForge(root);
  const commits = ['one', 'two', 'three'].map((text) => forge.push({ 'gates.yaml': text }, `Say ${text}`));
  const aside = forge.push({ 'gates.yaml': 'aside' }, 'Try it', 'trial');
  return { forge, git: sourceIn(root, forge), commits, aside };
}

function sourceIn(root: string, forge: Forge): GitSource {
  return gitSource({
    repository: `file://${forge.bare}`,
    branch: 'main',
    file: 'gates.yaml',
    directory: path.join(root, 'copy'),
    environment: process.env,
  });
}

describe('an earlier revision of the branch', () => {
  it('is read by its hash, or the beginning of it, from a copy that only had the head', async () => {
    const { git, commits } = stage();
    await git.read();
    for (const wanted of [commits[0] ?? '', (commits[0] ?? '').slice(0, 8).toUpperCase()]) {
      const { head, earlier } = await git.readEarlier(wanted);
      expect(head).toBe(commits[2]);
      expect(earlier).toMatchObject({ revision: commits[0], author: 'Ada', subject: 'Say one' });
      expect('bytes' in earlier.file && Buffer.from(earlier.file.bytes).toString()).toBe('one');
    }
  });

  it('leaves the copy ready for the next read of the head', async () => {
    const { git, commits } = stage();
    await git.readEarlier(commits[0] ?? '');
    expect((await git.read()).revision).toBe(commits[2]);
    expect((await git.readEarlier(commits[2] ?? '')).earlier.revision).toBe(commits[2]);
    expect((await git.read()).revision).toBe(commits[2]);
  });

  it.each([
    {
      wanted: (aside: string) => aside,
      because: 'it is on another branch',
      says: 'not on the watched branch',
    },
    { wanted: () => 'f'.repeat(40), because: 'there is no such commit', says: 'not on the watched branch' },
    {
      wanted: () => 'main',
      because: 'a name could be another commit a minute later',
      says: 'not a commit hash',
    },
    { wanted: () => 'abc123', because: 'six digits name too much', says: 'not a commit hash' },
    { wanted: () => '--upload-pack=x', because: 'it would be an option of git', says: 'not a commit hash' },
  ])('is refused when $because', async ({ wanted, says }) => {
    const { git, aside } = stage();
    const failure = await git.readEarlier(wanted(aside)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as ConfigError).message).toContain(says);
    expect((failure as ConfigError).hint).toBeDefined();
  });

  it('is refused when more than one commit begins with it', async () => {
    const { commitOnBranch } = await import('../../../src/clients/git/revision.ts');
    const two = Buffer.from('aaaaaaaa1\naaaaaaaa2\n');
    const wanted = { wanted: 'aaaaaaaa', head: 'aaaaaaaa1', branch: 'main' };
    await expect(
      commitOnBranch(
        wanted,
        async () => two,
        async () => {},
      ),
    ).rejects.toThrow('More than one');
  });
});

it('a trailer may have several values, from the last paragraph alone', async () => {
  const root = temporaryDirectory();
  const own = createForge(root);
  const source = sourceIn(root, own);
  const rows = [
    { message: 'Go\n\nGates-Allow: prune\n', allow: ['prune'], because: 'the plain case' },
    {
      message: 'Go\n\nWhy.\n\nGates-Allow: change, prune\nSigned-off-by: Ada\n',
      allow: ['prune', 'change'],
      because: 'two values in one line',
    },
    {
      message: 'Go\n\nGates-Allow: prune\nGates-Allow: change\n',
      allow: ['prune', 'change'],
      because: 'two lines',
    },
    {
      message: 'Go\n\nGates-Allow: prune\n\nOn second thoughts, rather not.\n',
      allow: [],
      because: 'not the last paragraph',
    },
    { message: 'Gates-Allow: prune\n', allow: [], because: 'a subject is no trailer' },
    { message: 'Go\n\nWe talked of Gates-Allow: prune here.\n', allow: [], because: 'a sentence is none' },
    { message: 'Go\n\nGates-Allow: everything\n', allow: [], because: 'there is no such limit' },
  ];
  for (const { message, allow, because } of rows) {
    own.push({ 'gates.yaml': message }, message);
    expect((await source.read()).allow, because).toEqual(allow);
  }
  expect(
    execFileSync('git', ['-C', own.bare, 'rev-list', '--count', 'main'], { encoding: 'utf8' }).trim(),
  ).toBe(String(rows.length));
});
