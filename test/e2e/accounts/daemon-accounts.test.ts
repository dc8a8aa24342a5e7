import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '../../../src/report/status/status.ts';
import { createForge, type Forge } from '../../daemon/forge.ts';
import {
  collect,
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { environmentOf, twoAccounts, writeFiles } from './two-accounts.ts';

/** Without runs on schedule: one that the end of a daemon cuts short would have an entry of its own in the history. */
const files: Readonly<Record<string, string>> = {
  ...twoAccounts,
  'gates.yaml': `${twoAccounts['gates.yaml']}reconcile: { schedule: "0 0 1 1 *" }\n`,
};

let home: SandboxProcess;
let work: SandboxProcess;
let directory: string;
let forge: Forge;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  [home, work] = await Promise.all([startSandboxProcess(), startSandboxProcess(['--zone', 'example.net'])]);
  const forwardAuth = ['grafana.example.dev', 'wiki.example.net'];
  for (const sandbox of [home, work])
    await sandbox.admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
  forge = createForge(directory);
  env = {
    ...environmentOf(home, work),
    GATES_STATE_DIR: path.join(directory, 'state'),
    GATES_REPOSITORY: `file://${forge.bare}`,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
    GATES_LOG_FORMAT: 'json',
  };
});

afterAll(async () => {
  await Promise.all([home.stop(), work.stop()]);
  await remove(directory);
});

/** Runs a daemon until its first run has ended, and returns the status after it. */
async function firstRun(): Promise<{ readonly status: Status; readonly log: string }> {
  const daemon = start(['run'], env);
  const log = collect(daemon.stderr);
  collect(daemon.stdout);
  try {
    for (;;) {
      if (daemon.exitCode !== null) throw new Error(log());
      const { code, stdout } = await gates(['status', '--output', 'json'], env);
      const status = code === 0 ? (JSON.parse(stdout) as Status) : undefined;
      if (status?.phase === 'idle' && status.pid === daemon.pid && status.lastRun !== undefined)
        return { status, log: log() };
    }
  } finally {
    daemon.kill('SIGTERM');
    if (daemon.exitCode === null) await once(daemon, 'exit');
  }
}

describe('a daemon with two accounts', () => {
  it('applies the revision in both, and records a run for each', async () => {
    forge.push(files);
    const { status, log } = await firstRun();
    expect(status.lastRun, log).toMatchObject({ result: 'done', problems: [] });
    expect(status.inForce?.applied).toBe(true);
    expect(status.lastRun?.accounts).toEqual([
      { name: 'home', result: 'done' },
      { name: 'work', result: 'done' },
    ]);
    expect(status.gates?.map(({ host }) => host)).toEqual(expect.arrayContaining(['wiki.example.net']));
    const { stdout } = await gates(['history', '--output', 'json'], env);
    expect(JSON.parse(stdout).map(({ account }: { account: string }) => account)).toEqual(['work', 'home']);
  });

  it('completes one account while the other is down, and says which', async () => {
    await home.stop();
    const renamed = { ...files, 'work.yaml': files['work.yaml']?.replace('name: www', 'name: blog') ?? '' };
    forge.push(renamed);
    await writeFiles(directory, renamed);
    const { status, log } = await firstRun();
    expect(status.lastRun?.result, log).toBe('incomplete');
    const unread = status.lastRun?.problems.filter(({ status: sort }) => sort === 'unknown') ?? [];
    expect(new Set(unread.map(({ because }) => because))).toEqual(new Set(['account home']));
    expect(status.inForce?.applied).toBe(false);
    const text = (await gates(['status'], env)).stdout;
    expect(text).toContain('account home');
    expect(text).toMatch(/^Accounts +home incomplete, work done$/m);
    const next = await gates(['plan', '--account', 'work'], env, directory);
    expect(next.code, next.stdout).toBe(0);
  });
});
