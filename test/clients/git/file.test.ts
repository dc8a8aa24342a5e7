import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathInRepository } from '../../../src/clients/git/file.ts';
import { type GitOptions, gitSource } from '../../../src/clients/git/git.ts';
import { ConfigError, describeError } from '../../../src/core/errors.ts';
import { createForge } from '../../daemon/forge.ts';
import { temporaryDirectory } from '../../daemon/temporary-directory.ts';

function source(repository: string, more: Partial<GitOptions> = {}) {
  const directory = path.join(temporaryDirectory(), 'copy');
  const options = { repository, branch: 'main', file: 'gates.yaml', directory, environment: process.env };
  return gitSource({ ...options, ...more });
}

describe('a gates.yaml that is not a plain file', () => {
  it.each([
    { at: 'gates.yaml', link: 'gates.yaml', says: /gates\.yaml is a symbolic link .*plain file/ },
    { at: 'home/gates.yaml', link: 'home', says: /cannot be read: home is a symbolic link.*plain folders/ },
  ])('is not followed when $link is a symbolic link', async ({ at, link, says }) => {
    const forge = createForge();
    forge.push({ 'other/gates.yaml': 'x' });
    forge.pushLink(link, link === 'home' ? 'other' : 'other/gates.yaml');
    expect(await saidOf(source(forge.bare, { file: at }))).toMatch(says);
  });

  it.each([
    { at: 'home', says: /^home is a submodule in branch main/ },
    { at: 'home/gates.yaml', says: /^home\/gates\.yaml cannot be read: home is a submodule/ },
    { at: 'home/a/gates.yaml', says: /^home\/a\/gates\.yaml cannot be read: home is a submodule/ },
  ])('is not followed when a submodule holds it: $at', async ({ at, says }) => {
    const forge = createForge();
    const commit = forge.push({ 'gates.yaml': 'x' });
    const git = (args: readonly string[], input: string) =>
      execFileSync('git', ['-C', forge.bare, ...args], { encoding: 'utf8', input, env: IDENTITY }).trim();
    const tree = git(['mktree', '--missing'], `160000 commit ${commit}\thome\n`);
    git(['update-ref', 'refs/heads/main', git(['commit-tree', '-m', 'Submodule', tree], '')], '');
    expect(await saidOf(source(forge.bare, { file: at }))).toMatch(says);
  });

  it('is not followed when it is a pointer of Git LFS', async () => {
    const forge = createForge();
    forge.push({ 'gates.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n' });
    expect(await saidOf(source(forge.bare))).toMatch(
      /^gates\.yaml is a pointer of Git LFS, not the file\. Take it out of \.gitattributes/,
    );
  });

  it.each(['', '.', '/etc/passwd', '../gates.yaml', 'a/../../gates.yaml', 'a\nb'])(
    'is refused at the start when its path %j leads elsewhere',
    (file) => {
      expect(() => pathInRepository(file)).toThrow(ConfigError);
      expect(() => source('/srv/gates.git', { file })).toThrow(/GATES_FILE|not a path in the repository/);
    },
  );
});

const IDENTITY = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.dev',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.dev',
};

async function saidOf(git: ReturnType<typeof source>): Promise<string> {
  const { file } = await git.read();
  return 'bytes' in file ? 'followed' : describeError(file.error);
}
