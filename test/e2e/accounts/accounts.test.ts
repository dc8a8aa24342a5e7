import { access } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Environment,
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { environmentOf, twoAccounts, writeFiles } from './two-accounts.ts';

let home: SandboxProcess;
let work: SandboxProcess;
let directory: string;
let env: Environment;

const run = (...args: string[]) => gates(args, env, directory);

const tokensOf = (sandbox: SandboxProcess) => [
  sandbox.env.CLOUDFLARE_API_TOKEN ?? '',
  sandbox.env.AUTHENTIK_TOKEN ?? '',
];

beforeEach(async () => {
  directory = await temporaryDirectory();
  [home, work] = await Promise.all([startSandboxProcess(), startSandboxProcess(['--zone', 'example.net'])]);
  const forwardAuth = ['grafana.example.dev', 'wiki.example.net'];
  for (const sandbox of [home, work])
    await sandbox.admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
  env = { ...environmentOf(home, work), GATES_STATE_DIR: path.join(directory, 'state') };
  await writeFiles(directory, twoAccounts);
});

afterEach(async () => {
  await Promise.all([home.stop(), work.stop()]);
  await remove(directory);
});

describe('two accounts, two Authentiks and three files', () => {
  it('are planned and applied in one run, and the next plan is empty', async () => {
    const planned = await run('plan', '--output', 'json');
    expect(planned.code, planned.stderr).toBe(2);
    const { accounts } = JSON.parse(planned.stdout);
    expect(Object.keys(accounts)).toEqual(['home', 'work']);
    expect([accounts.home.owner, accounts.work.owner]).toEqual(['home-home', 'home-work']);
    const applied = await run('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    expect(applied.stdout).toMatch(/^Account home\n\nDoors\n[\s\S]*\nAccount work\n\nDoors\n/);
    const again = await run('plan');
    expect(again.code, again.stdout).toBe(0);
    const [writesOfHome, writesOfWork] = [(await home.writes()).length, (await work.writes()).length];
    expect((await run('apply', '--yes')).code).toBe(0);
    expect([(await home.writes()).length, (await work.writes()).length]).toEqual([
      writesOfHome,
      writesOfWork,
    ]);
    const visits = await Promise.all([
      home.visit('docs.example.dev'),
      home.visit('grafana.example.dev'),
      work.visit('wiki.example.net'),
      work.visit('hooks.example.net'),
    ]);
    expect(visits.map(({ status }) => status)).toEqual([200, 302, 302, 403]);
    // Each account has a state of its own, and the shown texts contain no token of any.
    for (const name of ['home', 'work']) await access(path.join(directory, 'state/accounts', name, 'notes'));
    const shown = [planned, applied, again].map(({ stdout, stderr }) => stdout + stderr).join('');
    for (const token of [...tokensOf(home), ...tokensOf(work)]) expect(shown).not.toContain(token);
  });

  it('are done without the account that is down, which the run names', async () => {
    await home.stop();
    const { code, stdout, stderr } = await run('apply', '--yes');
    expect(code, stderr).toBe(1);
    expect(stdout).toContain('15 kinds of Cloudflare could not be read: Cloudflare does not answer');
    expect(stderr).toContain('Applied: 33 done.');
    expect(stderr).toContain('Accounts that are not complete: home; complete: work');
    const [wiki, hooks] = [await work.visit('wiki.example.net'), await work.visit('hooks.example.net')];
    expect([wiki.status, hooks.status]).toEqual([302, 403]);
    const again = await run('plan', '--account', 'work');
    expect(again.code, again.stdout).toBe(0);
  });

  it('are asked one at a time by commands about live systems', async () => {
    for (const args of [
      ['doctor'],
      ['probe'],
      ['why', 'docs.example.dev'],
      ['outputs'],
      ['export', 'copy'],
      ['plan', '--save', 'home.plan'],
      ['plan', '--output', 'markdown'],
    ]) {
      const { code, stderr } = await run(...args);
      expect(code, args.join(' ')).toBe(64);
      expect(stderr).toContain('Choose one with --account: home, work');
    }
    const unknown = await run('plan', '--account', 'lab');
    expect([unknown.code, unknown.stderr]).toEqual([64, expect.stringContaining('It has: home, work')]);
    const why = await run('why', 'docs.example.dev', '--account', 'home', '--from', 'file');
    expect(why.code, why.stderr).toBe(0);
    const service = await run('plan', '--service', 'wiki', '--output', 'json');
    expect(Object.keys(JSON.parse(service.stdout).accounts)).toEqual(['work']);
  });

  it('list what none of them names, and count an owner of the file as known', async () => {
    expect((await run('apply', '--yes')).code).toBe(0);
    const none = await run('plan', '--orphans');
    expect(none.code, none.stdout + none.stderr).toBe(0);
    const work = (twoAccounts['work.yaml'] ?? '').replace('name: www', 'name: blog');
    await writeFiles(directory, { ...twoAccounts, 'work.yaml': work });
    const some = await run('plan', '--orphans');
    expect(some.code, some.stdout + some.stderr).toBe(2);
    expect(some.stdout).toMatch(
      /^home-work {2}gates\.yaml, account work\n {2}DNS record CNAME www\.example\.net /,
    );
    expect(some.stdout).toContain('1 object of 1 owner that no given file names.');
    await home.stop();
    const down = await run('plan', '--orphans', '--output', 'json');
    expect(down.code).toBe(1);
    const { owners, unknown } = JSON.parse(down.stdout);
    expect(owners.map(({ account }: { account: string }) => account)).toEqual(['work']);
    expect(new Set(unknown.map(({ account }: { account: string }) => account))).toEqual(new Set(['home']));
  });

  it('have a saved plan of one account, which is for that account alone', async () => {
    expect((await run('plan', '--account', 'work', '--save', 'work.plan')).code).toBe(2);
    const other = await run('apply', '--plan', 'work.plan', '--account', 'home', '--yes');
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('no longer as it was')]);
    expect(await home.writes()).toEqual([]);
    const same = await run('apply', '--plan', 'work.plan', '--account', 'work', '--yes');
    expect(same.code, same.stderr).toBe(0);
    expect(await home.writes()).toEqual([]);
  });

  it('each need a token of their own, and a token of no account is reported', async () => {
    const { CLOUDFLARE_API_TOKEN_WORK: token = '', ...rest } = env;
    env = { ...rest, CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_API_TOKEN_WROK: token };
    const { code, stdout, stderr } = await run('plan');
    expect(code).toBe(1);
    expect(stderr).toContain('CLOUDFLARE_API_TOKEN_WROK is set, and gates.yaml has nothing of that name');
    expect(stderr).toContain('error in account work: No token for Cloudflare');
    expect(stderr).toContain('Set CLOUDFLARE_API_TOKEN_WORK, or CLOUDFLARE_API_TOKEN_WORK_FILE');
    expect(stdout + stderr).not.toContain(token);
  });
});
