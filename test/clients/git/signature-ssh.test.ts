import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../support/programs.ts';
import { FILE, SIGNING_PROGRAMS, type SignatureStage, signatureStage } from './git-signature-stage.ts';
import { createSignedForge } from './git-signing.ts';

let stage: SignatureStage;

beforeAll(() => {
  stage = signatureStage();
});
afterAll(() => stage.close());

describe('a commit signed with an ssh key', needs(...SIGNING_PROGRAMS), () => {
  it.each([
    { options: '', because: 'the key is allowed' },
    { options: 'namespaces="git"', because: 'it is allowed for git' },
    { options: 'valid-after="20200101",valid-before="20990101"', because: 'it is good all the time' },
  ])('is followed with $options: $because', async ({ options }) => {
    stage.forge.pushSigned(FILE, stage.who('ada'));
    expect(await stage.judged({ allowedSigners: stage.allowed(options) })).toBe('followed');
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
    stage.forge.pushSigned(FILE, stage.who('ada'), date === undefined ? {} : { date });
    expect(await stage.judged({ allowedSigners: stage.allowed(options) })).toContain(says);
  });

  it('is judged the same in a repository that names commits by SHA-256', async () => {
    const other = createSignedForge(stage.fresh('sha256'), 'sha256');
    const revision = other.pushSigned(FILE, stage.who('ada'));
    expect(revision).toHaveLength(64);
    expect(await stage.judged({ allowedSigners: stage.allowed() }, { repository: other.bare })).toBe(
      'followed',
    );
    other.forgeCommit((raw) => raw.replace('Open the gates', 'Open the doors'));
    expect(await stage.judged({ allowedSigners: stage.allowed() }, { repository: other.bare })).toMatch(
      /^The signature does not fit the commit/,
    );
  });

  it('is refused when another key signed it, which the error names', async () => {
    stage.forge.pushSigned(FILE, stage.who('eve'));
    const said = await stage.judged({ allowedSigners: stage.allowed() });
    expect(said).toMatch(
      /^The commit is signed by a key that is not allowed\. It is ED25519 key SHA256:\S+\./,
    );
  });

  it('stays valid when its key expires after it was applied', async () => {
    const revision = stage.forge.pushSigned(FILE, stage.who('ada'), { date: '2024-06-01T12:00:00Z' });
    const allowedSigners = stage.allowed('valid-before="20250101"');
    const since = '2024-06-01T12:05:00.000Z';
    expect(await stage.judged({ allowedSigners }, { accepted: { revision, since } })).toBe('followed');
    const other = { revision: '0'.repeat(40), since };
    expect(await stage.judged({ allowedSigners }, { accepted: other })).toContain('has expired');
    const late = { revision, since: '2025-06-01T12:05:00.000Z' };
    expect(await stage.judged({ allowedSigners }, { accepted: late })).toContain('has expired');
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
    stage.forge.pushSigned(FILE, stage.who('ada'));
    stage.forge.forgeCommit(change);
    expect(await stage.judged({ allowedSigners: stage.allowed() })).toMatch(
      /^The signature does not fit the commit/,
    );
  });

  it('is refused where only GPG keys are allowed', async () => {
    stage.forge.pushSigned(FILE, stage.who('ada'));
    const said = await stage.judged({ keyring: stage.keyring('grace') });
    expect(said).toMatch(/ssh key, and here only GPG keys are allowed.*GATES_GIT_ALLOWED_SIGNERS_FILE/);
  });
});
