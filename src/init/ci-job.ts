/** A forge whose jobs have their own form, or their own folder. */
export type JobForge = 'github' | 'gitlab' | 'gitea' | 'forgejo';

/** The job that posts the plan under a pull request: the file of the forge, and its text. */
export interface CiJob {
  readonly file: string;
  readonly text: string;
}

/**
 * The job of docs/pull-requests.md. `authentik` is the address of Authentik, which belongs into the job: the file of a
 * pull request must not decide where the job sends Authentik's token.
 */
export function ciJob(forge: JobForge, authentik: string | undefined): CiJob {
  if (forge === 'gitlab') return { file: '.gitlab-ci.yml', text: gitlabJob(authentik) };
  const file = `.${forge}/workflows/gates.yaml`;
  return { file, text: workflow(forge, authentik) };
}

/** The first line of a job. */
const origin =
  '# The plan of gates under each pull request. Its tokens only read; they are secrets of the repository.';

/** Gitea and Forgejo have the form of GitHub's workflows, without its permissions and concurrency. */
function workflow(forge: Exclude<JobForge, 'gitlab'>, authentik: string | undefined): string {
  const isGithub = forge === 'github';
  const lines = [
    origin,
    'name: gates',
    'on: { pull_request: { paths: [gates.yaml] } }',
    ...(isGithub
      ? [
          'permissions: { contents: read, pull-requests: write }',
          `concurrency: { group: "gates-${expression('github.event.number')}", cancel-in-progress: true }`,
        ]
      : []),
    'jobs:',
    '  plan:',
    '    if: github.event.pull_request.head.repo.full_name == github.repository',
    `    runs-on: ${isGithub ? '[self-hosted]' : 'lan'}`,
    '    steps:',
    '      - uses: actions/checkout@v4',
    ...(isGithub ? ['        with: { persist-credentials: false }'] : []),
    '      - run: gates validate',
    '      - run: gates plan --output markdown > plan.md || [ $? -eq 2 ]',
    '        env:',
    `          CLOUDFLARE_API_TOKEN: ${expression('secrets.CLOUDFLARE_READ_TOKEN')}`,
    ...(authentik === undefined
      ? []
      : [
          `          AUTHENTIK_TOKEN: ${expression('secrets.AUTHENTIK_READ_TOKEN')}`,
          `          AUTHENTIK_URL: ${authentik}`,
        ]),
    `      - run: gates comment --pull ${expression('github.event.number')} --from plan.md`,
    '        env:',
    `          GATES_FORGE_TOKEN: ${expression(isGithub ? 'github.token' : 'secrets.COMMENT_TOKEN')}`,
  ];
  return textOf(lines);
}

/** An expression that the forge replaces: `${{ github.token }}`. */
function expression(text: string): string {
  return `\${{ ${text} }}`;
}

function gitlabJob(authentik: string | undefined): string {
  const tokens = ['CLOUDFLARE_API_TOKEN', ...(authentik === undefined ? [] : ['AUTHENTIK_TOKEN'])];
  return textOf([
    origin,
    `# ${[...tokens, 'GATES_FORGE_TOKEN'].join(', ')}: masked variables of the project`,
    'gates:',
    '  rules:',
    '    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID',
    '      changes: [gates.yaml]',
    '  tags: [lan]',
    '  resource_group: gates-$CI_MERGE_REQUEST_IID',
    ...(authentik === undefined ? [] : ['  variables:', `    AUTHENTIK_URL: ${authentik}`]),
    '  script:',
    '    - gates validate',
    '    - gates plan --output markdown > plan.md || [ $? -eq 2 ]',
    '    - gates comment --pull $CI_MERGE_REQUEST_IID --from plan.md',
  ]);
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
