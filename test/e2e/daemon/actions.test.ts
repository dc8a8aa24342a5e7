import { type ChildProcess, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { collect, remove, start, startSandboxProcess, temporaryDirectory } from '../support/processes.ts';

const SECRET = 'canary-of-the-actions';
const TOKEN = 'canary-of-the-command';

const file = (program: string) => `version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} }, access: { team: example } }
origins: { daemon: { tunnel: homelab, url: "http://gates.lan:8421" } }
services:
  actions:
    host: actions.example.dev
    origin: daemon
    gate: { webhook: { actions: [slow], secret: { env: GATES_ACTIONS_SECRET } } }
actions: { slow: { run: ${JSON.stringify([process.execPath, program])}, environment: [JOB_TOKEN] } }
`;

/** A program that reports its start with its environment, and continues until somebody ends it. */
const program = `const fs = require('node:fs');
const place = __dirname;
fs.appendFileSync(place + '/begun', process.pid + ' ' + Object.keys(process.env).sort() + '\\n');
process.stdout.write('begun ' + process.env.JOB_TOKEN + '\\n');
setInterval(() => fs.existsSync(place + '/go') && process.exit(0), 50);
`;

let ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function stage() {
  const directory = await temporaryDirectory();
  ends.push(() => remove(directory));
  const sandbox = await startSandboxProcess();
  ends.push(() => sandbox.stop());
  const at = (name: string) => path.join(directory, name);
  writeFileSync(at('job.js'), program);
  const git = (...args: readonly string[]) =>
    execFileSync(
      'git',
      ['-C', at('home'), '-c', 'user.name=Ada', '-c', 'user.email=ada@example.dev', ...args],
      { stdio: 'pipe' },
    );
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', at('home')]);
  writeFileSync(at('home/gates.yaml'), file(at('job.js')));
  git('add', '--all');
  git('commit', '--quiet', '-m', 'Start');
  const env = {
    ...sandbox.env,
    GATES_STATE_DIR: at('state'),
    GATES_REPOSITORY: at('home'),
    GATES_ACTIONS_SECRET: SECRET,
    JOB_TOKEN: TOKEN,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
  };
  return { env, at };
}

async function daemonOf(
  env: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; hooks: string; said: () => string }> {
  const child = start(['run'], env);
  ends.push(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const said = collect(child.stderr);
  const hooks = await until(() => /"hooks":"([^"]+)"/.exec(said())?.[1]);
  return { child, hooks, said };
}

function sent(method: string, address: string, body: string) {
  const time = Math.floor(Date.now() / 1000);
  const mac = createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex');
  const headers = { 'x-gates-signature': `t=${time},v1=${mac}` };
  return fetch(address, { method, headers, ...(method === 'POST' && { body }) });
}

it('an action of a killed daemon is interrupted, its process is ended, and the waiting one runs', async () => {
  const { env, at } = await stage();
  // A line that is still being written does not count.
  const lines = () => {
    try {
      return readFileSync(at('begun'), 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  };
  const first = await daemonOf(env);
  await until(async () => (await sent('POST', `${first.hooks}/hooks/actions/slow`, '0')).status === 202);
  await until(() => lines().length === 1);
  const [pid = '', names] = (lines()[0] ?? '').split(' ');
  expect(names?.split(',').filter((name) => name !== 'LANG')).toEqual(['HOME', 'JOB_TOKEN', 'PATH']);
  const waited = (await (await sent('POST', `${first.hooks}/hooks/actions/slow`, '1')).json()) as {
    id: string;
  };
  const record = () => JSON.parse(readFileSync(at('state/actions.json'), 'utf8'));
  await until(() => (record().calls[0].process === undefined ? undefined : true));
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await daemonOf(env);
  await until(() => lines().length === 2);
  const stat = (() => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8');
    } catch {
      return ') Z';
    }
  })();
  expect(stat).toContain(') Z');
  writeFileSync(at('go'), '');
  const answer = await until(async () => {
    const told = (await (
      await sent('GET', `${second.hooks}/hooks/actions/slow/${waited.id}`, '')
    ).json()) as { state: string };
    return told.state === 'queued' || told.state === 'running' ? undefined : told;
  });
  expect(answer).toMatchObject({ state: 'done', exit: 0, output: 'begun [redacted]\n' });
  expect(record().calls.map(({ state }: { state: string }) => state)).toEqual(['interrupted', 'done']);
  expect(lines()).toHaveLength(2);
  expect(first.said() + second.said()).not.toContain('canary');
});
