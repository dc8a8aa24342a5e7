import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createForge } from '../daemon/forge.ts';
import { startDaemon } from '../daemon/running-daemon.ts';
import { needs } from '../support/programs.ts';

const page = readFileSync('docs/actions.md', 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);
const [call = '', question = ''] = blocks('sh');
const [file = '', , github = '', gitlab = ''] = blocks('yaml');
const [{ run: githubStep }] = parse(github) as [{ readonly run: string }];
const gitlabJob = (
  parse(gitlab) as { readonly 'terraform-authentik': { readonly script: readonly [string] } }
)['terraform-authentik'].script[0];

const SECRET = 'canary of the page, with "quotes" and $signs';

/** A daemon with the file of the page, whose command prints its input instead of running Terraform. */
async function daemonOfPage(program = 'echo "applied"') {
  const command = JSON.stringify([
    process.execPath,
    '-e',
    `console.log(${JSON.stringify(program)}, process.argv.slice(1).length)`,
  ]);
  const text = file
    .replace(/^ +run: .*$/m, `    run: ${command}`)
    .replace('    directory: /srv/authentik\n', '')
    .replace('    environment: [AUTHENTIK_TERRAFORM_TOKEN]\n', '');
  const forge = createForge();
  forge.push({ 'gates.yaml': text });
  const environment = { PATH: process.env.PATH, GATES_ACTIONS_SECRET: SECRET };
  return startDaemon(forge, { environment } as Parameters<typeof startDaemon>[1]);
}

const sh = async (script: string, variables: Record<string, string>) => {
  const env = { PATH: process.env.PATH ?? '', GATES_ACTIONS_SECRET: SECRET, ...variables };
  return (await promisify(execFile)('sh', ['-c', script], { env })).stdout;
};

describe('the page on actions', needs('curl', 'openssl'), () => {
  it('has lines that call an action and ask about it, with stock curl and openssl', async () => {
    const daemon = await daemonOfPage();
    await daemon.runs.at(0);
    const at = (script: string) =>
      script.replace('url=https://actions.example.dev', `url=${daemon.listening.hooks}`);
    const { status, id } = JSON.parse(await sh(at(call), {}));
    expect(status).toBe('accepted');
    const ask = () =>
      sh(question, { url: `${daemon.listening.hooks}/hooks/actions/terraform-authentik`, id }).then(
        JSON.parse,
      );
    let answer = await ask();
    while (answer.state === 'queued' || answer.state === 'running') answer = await ask();
    expect(answer).toMatchObject({ id, state: 'done', exit: 0, output: 'echo "applied" 0\n' });
    expect((await daemon.status()).actions).toMatchObject([{ name: 'terraform-authentik', state: 'done' }]);
    expect(daemon.logged.join('')).not.toContain('canary');
    await expect(sh(at(call), { GATES_ACTIONS_SECRET: 'wrong' })).rejects.toThrow('401');
  });

  it.each([
    { because: 'GitHub, Gitea and Forgejo', script: githubStep },
    { because: 'GitLab', script: gitlabJob },
  ])('has a CI step for $because that waits for the end', async ({ script }) => {
    const daemon = await daemonOfPage();
    await daemon.runs.at(0);
    const URL = `${daemon.listening.hooks}/hooks/actions/terraform-authentik`;
    const variables = { RUN: '7', CF_ACCESS_CLIENT_ID: 'x', CF_ACCESS_CLIENT_SECRET: 'y' };
    const quick = script.replace('sleep 5', 'sleep 0.2');
    expect(await sh(quick, { URL, ...variables })).toContain('"state":"done"');
    const unlisted = URL.replace('terraform-authentik', 'nope');
    await expect(sh(quick, { URL: unlisted, ...variables })).rejects.toMatchObject({ code: 1 });
  });

  it('makes reconcile start a run, which the status names', async () => {
    const daemon = await daemonOfPage();
    await daemon.runs.at(0);
    const script = call
      .replace('https://actions.example.dev', daemon.listening.hooks)
      .replaceAll('terraform-authentik', 'reconcile');
    await sh(script, {});
    await daemon.runs.at(1);
    expect((await daemon.status()).lastRun?.triggers).toEqual(['action']);
  });
});
