import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ciJob } from '../../src/init/ci-job.ts';
import { ignoredFiles } from '../../src/init/ignored-files.ts';
import { nextSteps } from '../../src/init/next-steps.ts';

const page = readFileSync('docs/pull-requests.md', 'utf8');
const [github, gitlab, forgejo] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
const authentik = 'http://authentik.lan:9000';

/** The lines without comments. */
const bare = (text = '') =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');

describe('the CI job of a first file', () => {
  it.each([
    { forge: 'github', file: '.github/workflows/gates.yaml', documented: github },
    { forge: 'gitlab', file: '.gitlab-ci.yml', documented: gitlab },
    { forge: 'gitea', file: '.gitea/workflows/gates.yaml', documented: forgejo },
    { forge: 'forgejo', file: '.forgejo/workflows/gates.yaml', documented: forgejo },
  ] as const)('is that of docs/pull-requests.md: $forge', ({ forge, file, documented }) => {
    const job = ciJob(forge, authentik);
    expect(job.file).toBe(file);
    expect(bare(job.text)).toBe(bare(documented));
  });

  it.each(['github', 'gitlab', 'gitea', 'forgejo'] as const)(
    'needs nothing of Authentik if the file does not: %s',
    (forge) => {
      const { text } = ciJob(forge, undefined);
      expect(text).not.toMatch(/authentik/i);
      expect(() => parse(text)).not.toThrow();
    },
  );
});

describe('.gitignore', () => {
  it('gets the lines that it lacks, below those that it has', () => {
    expect(ignoredFiles('node_modules/\n.env', undefined)).toBe(
      'node_modules/\n.env\n\n# State, plans and secrets of gates\n/.state/\n/plan.md\n*.token\n',
    );
  });

  it('is made if there is none, with a state folder that lies beside it', () => {
    expect(ignoredFiles(undefined, 'vault')).toBe(
      '# State, plans and secrets of gates\n/.state/\n/plan.md\n.env\n*.token\n/vault/\n',
    );
  });

  it('stays as it is if it lacks none', () => {
    const text = ignoredFiles(undefined, '.state');
    expect(ignoredFiles(text, '.state')).toBeUndefined();
  });
});

describe('the next steps', () => {
  it('are a plan and an apply', () => {
    const { title, secrets, commands } = nextSteps({ typedSecrets: [], adopts: false });
    expect(title).toBe('Next:');
    expect(secrets).toEqual([]);
    expect(commands.map(([command]) => command)).toEqual(['gates plan', 'gates apply']);
  });

  it('take over what exists, and read each typed token once more', () => {
    const typedSecrets = ['CLOUDFLARE_API_TOKEN', 'AUTHENTIK_TOKEN'];
    const { title, secrets, commands } = nextSteps({ typedSecrets, adopts: true });
    expect(title).toContain('no file has the tokens');
    expect(secrets[1]).toBe('read -rs AUTHENTIK_TOKEN; export AUTHENTIK_TOKEN');
    expect(commands.map(([command]) => command)).toEqual([
      'gates plan --adopt',
      'gates adopt',
      'gates plan',
      'gates apply',
    ]);
  });
});
