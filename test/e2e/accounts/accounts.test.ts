import { access, readFile, writeFile } from 'node:fs/promises';
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
    expect(applied.stdout).toMatch(/^Account home\n\nDoors\n[^]*\nAccount work\n\nDoors\n/);
    const again = await run('plan');
    expect(again.code, again.stdout).toBe(0);
    const [writesOfHome, writesOfWork] = [(await home.writes()).length, (await work.writes()).length];
    expect((await run('apply', '--yes')).code).toBe(0);
    expect([(await home.writes()).length, (await work.writes()).length]).toEqual([writesOfHome, writesOfWork]);
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
    console.log(code, stdout, stderr);
    expect(code).toBe(1);
  });
});
