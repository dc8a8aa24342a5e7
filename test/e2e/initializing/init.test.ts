import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../support/programs.ts';
import { asPrinted } from '../support/followed-page.ts';
import {
  type Environment,
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { Typist } from '../support/typist.ts';

let sandbox: SandboxProcess;
let folder: string;
/** The environment without tokens, as in an account that nobody has set up. */
let without: Environment;

const command = (...args: string[]) =>
  gates(args, { ...sandbox.env, GATES_STATE_DIR: path.join(folder, '.state') }, folder);

const files = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('.git/') && name !== '.git')
    .sort();
const textOf = (file: string) => readFileSync(path.join(folder, file), 'utf8');

/** The texts of all files that git would have, and the texts that a terminal showed. */
function everything(...shown: readonly string[]): string {
  const isFile = (name: string) => /\.(?:yaml|json|yml)$|gitignore$/.test(name);
  return [...files().filter(isFile).map(textOf), ...shown].join('\n');
}

const first = ['--host', 'proxmox', '--origin', 'https://192.168.1.51:8006', '--admit', 'me@example.dev'];

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  const { CLOUDFLARE_API_TOKEN: _, AUTHENTIK_TOKEN: __, AUTHENTIK_URL: ___, ...rest } = sandbox.env;
  without = rest;
});

beforeEach(async () => {
  folder = await temporaryDirectory();
});

afterEach(() => remove(folder));
afterAll(() => sandbox.stop());

describe('gates init at a terminal', needs('script'), () => {
  it('says what is wrong with an answer, and asks again', async () => {
    const person = new Typist(['init'], without, folder);
    const wrong = 'wrong-token-0123456789';
    await person.answer('Cloudflare API token', `${wrong}\r`);
    await person.answer('Cloudflare API token', `${sandbox.token}\r`);
    await person.answer('Host to guard', 'docs.example.org\r');
    await person.answer('Host to guard', 'docs\r');
    await person.answer('Its server', '192.168.1.51:8006\r');
    await person.answer('Its server', 'http://192.168.1.51:8006\r');
    await person.answer('Who may pass', 'me\r');
    await person.answer('Who may pass', 'me@\r');
    await person.answer('Who may pass', 'public\r');
    await person.answer('Reason', 'documentation\r');
    await person.answer('Next host', 'docs.example.dev\r');
    await person.answer('Next host', 'proxmox\r');
    await person.answer('Its server', 'http://192.168.1.51:8006/\r');
    await person.answer('Who may pass', 'me@example.dev\r');
    await person.answer('Next host', '\r');
    expect(await person.ended()).toBe(0);
    const said = person.screen.replace(/\n +/g, ' ');
    for (const text of [
      'The token is not valid',
      '"docs.example.org" is in none of the zones',
      'write https://192.168.1.51:8006',
      '"me" is none of these',
      'expected the e-mail address of one person',
      'The file has docs.example.dev already',
      'Warning: docs and proxmox have different gates',
    ])
      expect(said).toContain(text);
    expect(everything(person.screen)).not.toContain(wrong);
    expect(textOf('gates.yaml')).toContain('gate: { public: { reason: documentation } }');
  });

  it.each([
    { key: '^C', keys: '\u0003' },
    { key: '^D', keys: '\u0004' },
  ])('leaves the folder as it was after $key at any question', async ({ keys }) => {
    const questions = ['Cloudflare API token', 'Host to guard', 'Its server', 'Who may pass', 'Next host'];
    const answers = [sandbox.token, 'app', 'http://app.lan', 'me@example.dev'];
    for (const [last, question] of questions.entries()) {
      const person = new Typist(['init'], without, folder);
      for (const [place, answer] of answers.slice(0, last).entries())
        await person.answer(questions[place] ?? '', `${answer}\r`);
      await person.answer(question, keys);
      expect(await person.ended()).toBe(1);
      expect(person.screen).toContain('Nothing was written.');
      expect(files()).toEqual([]);
    }
  });

  it('leaves the folder as it was after ^C while it checks an answer', async () => {
    const person = new Typist(['init'], without, folder);
    await person.answer('Cloudflare API token', `${sandbox.token}\r\u0003`);
    expect(await person.ended()).toBe(1);
    expect(person.screen).toContain('Nothing was written.');
    expect(person.screen).not.toContain('Host to guard');
    expect(files()).toEqual([]);
  });

  it('asks for Authentik when a host is for a group', async () => {
    const { CLOUDFLARE_API_TOKEN } = sandbox.env;
    const env = { ...without, CLOUDFLARE_API_TOKEN: CLOUDFLARE_API_TOKEN ?? '' };
    const person = new Typist(['init'], env, folder);
    await person.answer('Host to guard', 'grafana\r');
    await person.answer('Its server', 'http://grafana.lan:3000\r');
    await person.answer('Who may pass', 'group:admins\r');
    await person.answer('Address of Authentik', 'http://127.0.0.1:1\r');
    await person.answer('Address of Authentik', `${sandbox.env.AUTHENTIK_URL}\r`);
    await person.answer('API token of Authentik', 'no-such-token\r');
    await person.answer('API token of Authentik', `${sandbox.env.AUTHENTIK_TOKEN}\r`);
    await person.answer("Host of Authentik's login page", '\r');
    await person.answer('Next host', '\r');
    expect(await person.ended()).toBe(0);
    expect(person.screen).toContain('Authentik has no group admins');
    expect(everything(person.screen)).not.toContain(sandbox.env.AUTHENTIK_TOKEN);
    expect(textOf('gates.yaml')).toContain('gate: { authentik: { mode: proxy, groups: [admins] } }');
    expect(textOf('gates.yaml')).toContain('host: auth.example.dev');
    expect(await command('validate')).toMatchObject({ code: 0 });
    expect(await command('plan')).toMatchObject({ code: 2 });
  });
});

describe('gates init without a terminal', () => {
  it('lists everything that is missing, and writes nothing', async () => {
    const ran = await gates(['init', '--admit', 'group:admins', '--host', 'app'], without, folder);
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr.replace(/\s+/g, ' ')).toContain(
      'There is no terminal to ask at, and answers are missing. Give: CLOUDFLARE_API_TOKEN (or CLOUDFLARE_API_TOKEN_FILE), --origin, --authentik (or AUTHENTIK_URL), AUTHENTIK_TOKEN (or AUTHENTIK_TOKEN_FILE)',
    );
    expect(files()).toEqual([]);
  });

  it.each([
    { because: 'the token', args: first, env: { CLOUDFLARE_API_TOKEN: 'wrong-token' }, says: 'not valid' },
    { because: 'the zone', args: [...first, '--zone', 'example.org'], says: 'no zone "example.org"' },
    { because: 'the tunnel', args: [...first, '--tunnel', 'lab'], says: 'no tunnel "lab"' },
    { because: 'the account', args: [...first, '--account', 'lab'], says: 'no account "lab"' },
    { because: 'the host', args: [...first, '--host', 'app.example.org'], says: '--host: ' },
    { because: 'the server', args: [...first, '--origin', 'app.lan'], says: '--origin: ' },
    { because: 'the people', args: [...first, '--admit', 'me'], says: '--admit: ' },
  ])('refuses a wrong answer, and writes nothing: $because', async ({ args, env = {}, says }) => {
    const ran = await gates(['init', ...args], { ...sandbox.env, ...env }, folder);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(says);
    expect(files()).toEqual([]);
  });

  it('takes the answers from flags, and adds to .gitignore', async () => {
    writeFileSync(path.join(folder, '.gitignore'), 'node_modules/');
    const ran = await command('init', ...first);
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    expect(textOf('.gitignore')).toMatch(/^node_modules\/\n\n# .+\n\/\.state\/\n/);
    expect(await command('validate')).toMatchObject({ code: 0 });
    expect(everything(ran.stderr)).not.toContain(sandbox.token);
  });

  it('writes no secret that somebody gives as another answer', async () => {
    const host = ['--host', 'docs', '--origin', 'http://docs.lan', '--admit', 'public'];
    const ran = await command('init', ...host, '--reason', `ask ${sandbox.token}`);
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.stderr).toContain('An answer contains a secret');
    expect(ran.stderr).not.toContain(sandbox.token);
    expect(files()).toEqual([]);
  });

  it('replaces no gates.yaml', async () => {
    writeFileSync(path.join(folder, 'gates.yaml'), 'mine');
    const ran = await command('init', ...first);
    expect(ran).toMatchObject({ code: 64 });
    expect(ran.stderr).toContain(
      'gates.yaml exists. Edit it, or print what is live beside it: `gates import`',
    );
    expect(textOf('gates.yaml')).toBe('mine');
    expect(files()).toEqual(['gates.yaml']);
  });

  it.each([
    { remote: 'https://github.com/me/home.git', file: '.github/workflows/gates.yaml' },
    { remote: 'git@gitlab.com:me/home.git', file: '.gitlab-ci.yml' },
    { remote: 'https://me:forge-secret@codeberg.org/me/home.git', file: '.forgejo/workflows/gates.yaml' },
    { remote: 'https://gitea.com/me/home.git', file: '.gitea/workflows/gates.yaml' },
  ])('writes the CI job for the forge of $remote', async ({ remote, file }) => {
    execFileSync('git', ['init', '-q', folder]);
    execFileSync('git', ['-C', folder, 'remote', 'add', 'origin', remote]);
    const ran = await command('init', ...first);
    expect(ran).toMatchObject({ code: 0 });
    expect(textOf(file)).toContain('gates plan --output markdown');
    expect(everything(ran.stderr)).not.toContain('forge-secret');
  });

  it('says why there is no CI job, and keeps one that exists', async () => {
    execFileSync('git', ['init', '-q', folder]);
    execFileSync('git', ['-C', folder, 'remote', 'add', 'origin', 'https://git.example.dev/me/home.git']);
    writeFileSync(path.join(folder, '.gitlab-ci.yml'), 'mine');
    const unknown = await command('init', ...first);
    expect(unknown.stderr.replace(/\s+/g, ' ')).toContain('does not say which forge it is: give --forge');
    await remove(path.join(folder, 'gates.yaml'));
    const named = await command('init', ...first, '--forge', 'gitlab');
    expect(named.stderr).toContain('.gitlab-ci.yml exists and is unchanged');
    expect(textOf('.gitlab-ci.yml')).toBe('mine');
  });
});

// The last one, because the others need an account without hosts.
describe('the first guarded host', needs('script'), () => {
  it('takes a person from an empty folder to a guarded host in the five answers of docs/first-hour.md', async () => {
    const person = new Typist(['init'], without, folder);
    await person.answer('Cloudflare API token', `${sandbox.token}\r`);
    await person.answer('Host to guard', 'proxmox\r');
    await person.answer('Its server', 'https://192.168.1.51:8006\r');
    await person.answer('Who may pass', 'me@example.dev\r');
    await person.answer('Next host', '\r');
    expect(await person.ended()).toBe(0);
    const page = readFileSync('docs/first-hour.md', 'utf8');
    const [, shown = ''] = /^\$ gates init\n(.*?)^```$/ms.exec(page) ?? [];
    expect(person.screen).toMatch(asPrinted(shown));
    expect(files()).toEqual(['.gitignore', 'gates.schema.json', 'gates.yaml']);
    expect(everything(person.screen)).not.toContain(sandbox.token);

    expect(await command('validate')).toMatchObject({ code: 0, stderr: 'gates.yaml is valid\n' });
    expect(await command('plan')).toMatchObject({ code: 2 });
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await sandbox.visit('proxmox.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
    const login = (await sandbox.admin('POST', '/login', {
      host: 'proxmox.example.dev',
      email: 'me@example.dev',
    })) as { jwt: string };
    const cookie = `CF_Authorization=${login.jwt}`;
    expect(await sandbox.visit('proxmox.example.dev', '/', { cookie })).toMatchObject({
      status: 200,
      servedBy: 'origin',
    });
  });
});
