import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createForge, type Forge } from '../../daemon/forge.ts';
import { until } from '../../support/until.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/**
 * Seven internal services behind Access that move behind Authentik in one push, and back: with real processes, a daemon
 * that is killed on the way, and a stranger who tries every door all the time.
 */
const names = ['argocd', 'grafana', 'longhorn', 'minio', 'omni', 'proxmox', 'wiki'] as const;
const hosts = names.map((name) => `${name}.example.dev`);
const behindAccess = '{ cloudflare: { emails: [me@example.dev] } }';
const behindAuthentik = '{ authentik: { mode: forwardAuth, groups: [admins] } }';

const file = (gate: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${names.map((name) => `  ${name}: { host: ${name}.example.dev, origin: traefik, gate: ${gate} }`).join('\n')}
`;

/** The visitors whom either file admits; nobody else may get in during the moves. */
const guards = hosts.map((host) => ({ host, admit: { emails: ['me@example.dev'], groups: ['admins'] } }));

let sandbox: SandboxProcess;
let directory: string;
let forge: Forge;
let env: Readonly<Record<string, string>>;
let daemon: ChildProcess | undefined;

beforeEach(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  forge = createForge(directory);
  env = {
    ...sandbox.env,
    GATES_STATE_DIR: path.join(directory, 'state'),
    GATES_REPOSITORY: `file://${forge.bare}`,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
    GATES_LOG_FORMAT: 'json',
  };
  await sandbox.admin('PUT', '/guards', guards);
});

afterEach(async () => {
  await kill();
  await sandbox.stop();
  await remove(directory);
});

async function kill(): Promise<void> {
  const victim = daemon;
  daemon = undefined;
  if (victim === undefined || victim.exitCode !== null) return;
  victim.kill('SIGKILL');
  await once(victim, 'exit');
}

interface Ended {
  readonly result: string;
  readonly revision?: string;
  readonly startedAt: string;
}

/** The daemon's last run of this revision, once one that began after `since` has ended. */
const runOf = (revision: string, since: number) =>
  until(async () => {
    const ran = await gates(['status', '--output', 'json'], env);
    const { lastRun } = (ran.code === 0 ? JSON.parse(ran.stdout) : {}) as { lastRun?: Ended };
    const isIt = lastRun?.revision === revision && Date.parse(lastRun.startedAt) >= since;
    return isIt ? lastRun : undefined;
  });

/** Pushes, and waits until the daemon has applied that. Kills and restarts it after each of these numbers of writes. */
async function move(to: string, kills: readonly number[]): Promise<Ended> {
  const revision = forge.push({ 'gates.yaml': to });
  for (const writes of kills) {
    const before = (await sandbox.writes()).length;
    daemon = start(['run'], env);
    await until(async () => (await sandbox.writes()).length >= before + writes);
    await kill();
  }
  const since = Date.now();
  daemon = start(['run'], env);
  const ended = await runOf(revision, since);
  await kill();
  return ended;
}

interface Watch {
  readonly asked: () => number;
  readonly seen: () => readonly string[];
  stop(): Promise<void>;
}

/** A stranger who asks every host again and again, and records when an application answers. */
function watch(): Watch {
  let asked = 0;
  let going = true;
  const seen: string[] = [];
  const work = async () => {
    while (going) {
      for (const host of hosts) {
        const { servedBy, status } = await sandbox.visit(host);
        asked += 1;
        if (servedBy === 'origin') seen.push(`${host} ${status}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const done = work();
  return {
    asked: () => asked,
    seen: () => seen,
    stop: async () => {
      going = false;
      await done;
    },
  };
}

const traefik = (forwardAuth: readonly string[]) =>
  sandbox.admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });

async function gateOf(host: string): Promise<string> {
  const { status, headers } = await sandbox.visit(host);
  const { location } = headers;
  return status === 302 ? new URL(String(location)).host : String(status);
}

describe('seven services behind Access', () => {
  it('move behind Authentik in one push and back, whenever the daemon is killed, and no stranger ever gets in', async () => {
    await traefik(hosts);
    expect(await move(file(behindAccess), [])).toMatchObject({ result: 'done', problems: [] });
    const stranger = watch();
    expect(await move(file(behindAuthentik), [4, 9, 11])).toMatchObject({ result: 'done', problems: [] });
    for (const host of hosts) expect(await gateOf(host), host).toBe('auth.example.dev');
    expect(await move(file(behindAccess), [3, 8, 10])).toMatchObject({ result: 'done', problems: [] });
    await stranger.stop();
    for (const host of hosts) expect(await gateOf(host), host).toBe('example.cloudflareaccess.com');
    process.stdout.write(
      `a stranger asked ${stranger.asked()} times and got in ${stranger.seen().length} times\n`,
    );
    expect(stranger.seen()).toEqual([]);
    expect(stranger.asked()).toBeGreaterThan(100);
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
  });

  it('move, except one whose origin does not ask: that one stays behind Access, with the reason', async () => {
    await traefik(hosts.slice(1));
    expect(await move(file(behindAccess), [])).toMatchObject({ result: 'done', problems: [] });
    const stranger = watch();
    expect(await move(file(behindAuthentik), [])).toMatchObject({ result: 'incomplete' });
    await stranger.stop();
    const [left = '', ...moved] = hosts;
    expect(await gateOf(left)).toBe('example.cloudflareaccess.com');
    for (const host of moved) expect(await gateOf(host), host).toBe('auth.example.dev');
    const said = await gates(['status'], env);
    expect(said.stdout).toContain(left);
    expect(said.stdout.replace(/\s+/g, ' ')).toContain('does not send the host through the outpost');
    expect(stranger.seen()).toEqual([]);
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
  });
});
