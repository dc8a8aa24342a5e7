import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const page = readFileSync('docs/pull-requests.md', 'utf8');
const [github, gitlab, forgejo] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) =>
  parse(text),
);

const commands = [
  'gates validate',
  'gates plan --output markdown > plan.md || [ $? -eq 2 ]',
  expect.stringMatching(/^gates comment --pull \S+(?: github\.event\.number }})? --from plan\.md$/),
];

describe('a CI job on the page', () => {
  it.each([
    { because: 'GitHub', file: github },
    { because: 'Gitea and Forgejo', file: forgejo },
  ])(
    'checks, plans and comments, with the token of the forge in the last step alone: $because',
    ({ file }) => {
      const steps: readonly Step[] = file.jobs.plan.steps.filter(({ run }: Step) => run !== undefined);
      expect(steps.map(({ run }) => run)).toEqual(commands);
      expect(steps.map(({ env = {} }) => Object.keys(env))).toEqual([
        [],
        ['CLOUDFLARE_API_TOKEN', 'AUTHENTIK_TOKEN', 'AUTHENTIK_URL'],
        ['GATES_FORGE_TOKEN'],
      ]);
      expect(Object.keys(file.on)).toEqual(['pull_request']);
      expect(file.jobs.plan.if).toContain('head.repo.full_name == github.repository');
    },
  );

  it('checks, plans and comments on GitLab', () => {
    expect(gitlab.gates.script).toEqual(commands);
    expect(gitlab.gates.variables).toHaveProperty('AUTHENTIK_URL');
  });
});
