import type { ChildProcess } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createForge, type Forge } from '../../daemon/forge.ts';
import { until } from '../../support/until.ts';
import { head } from '../support/file-head.ts';
import {
  collect,
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/** The daemon as people run it: a bare repository, a push, a signed webhook and the sandbox, all as real processes. */
const secret = 'a webhook secret';
const services = (...names: readonly string[]) => `${head}services:
${names.map((name) => `  ${name}: { host: ${name}.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }`).join('\n')}
`;

let sandbox: SandboxProcess;
let directory: string;
let daemon: ChildProcess;
let log: () => string;
let status: string;
let hooks: string;
let env: Readonly<Record<string, string>>;
const forge: { current?: Forge } = {};

interface StatusReply {
  readonly phase: string;
  readonly inForce?: { readonly revision: string; readonly applied: boolean };
  readonly rejected?: {
    readonly revision: string;
    readonly mistakes: readonly { readonly place: string; readonly severity: string }[];
  };
  readonly listening?: { readonly status: string; readonly hooks: string };
}

async function readStatus(): Promise<StatusReply> {
  return (await (await fetch(`${status}/api/status`)).json()) as StatusReply;
}

const idleAt = (revision: string) =>
  until(async () => {
    const now = await readStatus();
    return now.phase === 'idle' && now.inForce?.revision === revision && now.inForce.applied
      ? now
      : undefined;
  });

function sign(body: string | Buffer, key = secret): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
}

async function hook(body: string | Buffer, headers: Readonly<Record<string, string>>): Promise<number> {
  const all = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': randomUUID(),
    ...headers,
  };
  const response = await fetch(`${hooks}/hooks/git`, { method: 'POST', body, headers: all });
  return response.status;
}

const pushBody = (after: string) =>
  JSON.stringify({ ref: 'refs/heads/main', after, repository: { full_name: 'home/gates' } });

/** Sends the webhook of a push. */
async function announced(revision: string): Promise<void> {
  const body = pushBody(revision);
  expect(await hook(body, { 'x-hub-signature-256': sign(body) })).toBe(202);
}

/** Pushes the files, sends the webhook, and waits until the commit is applied. */
async function pushed(files: Readonly<Record<string, string | undefined>>): Promise<void> {
  const revision = forge.current?.push(files) ?? '';
  await announced(revision);
  await idleAt(revision);
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  forge.current = createForge(directory);
  const first = forge.current.push({ 'gates.yaml': services('one') });
  env = {
    ...sandbox.env,
    GATES_STATE_DIR: path.join(directory, 'state'),
    GATES_REPOSITORY: `file://${forge.current.bare}`,
    GATES_WEBHOOK_SECRET: secret,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
    GATES_LOG_FORMAT: 'json',
  };
  daemon = start(['run'], env);
  log = collect(daemon.stderr);
  const listening = await until(async () => {
    const ran = await gates(['status', '--output', 'json'], env);
    return ran.code === 0 ? (JSON.parse(ran.stdout) as StatusReply).listening : undefined;
  });
  status = listening.status;
  hooks = listening.hooks;
  await idleAt(first);
});

afterAll(async () => {
  if (daemon.exitCode === null) daemon.kill('SIGKILL');
  await sandbox.stop();
  await remove(directory);
});

describe('gates run', () => {
  it('applies the head when it starts', async () => {
    expect(await sandbox.visit('one.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
  });

  it('applies a signed push', async () => {
    const before = (await sandbox.writes()).length;
    const revision = forge.current?.push({ 'gates.yaml': services('one', 'two') }) ?? '';
    const started = performance.now();
    const body = pushBody(revision);
    expect(await hook(body, { 'x-hub-signature-256': sign(body) })).toBe(202);
    await until(async () => (await sandbox.writes()).length > before);
    process.stdout.write(`push to first write: ${Math.round(performance.now() - started)} ms\n`);
    await idleAt(revision);
    expect(await sandbox.visit('two.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
  });

  it('applies a signed push that changes only an included file', async () => {
    const main = services('one', 'two').replace('owner: home', 'owner: home\ninclude: [services/*.yaml]');
    const included = services('three').slice(head.length);
    await pushed({ 'gates.yaml': main, 'services/a.yaml': included });
    expect(await sandbox.visit('three.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
    await pushed({ 'services/a.yaml': included.replace('host: three', 'host: four') });
    expect(await sandbox.visit('four.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
    const broken = forge.current?.push({ 'services/a.yaml': included.replace('host:', 'hots:') }) ?? '';
    await announced(broken);
    const rejected = await until(async () => {
      const now = await readStatus();
      return now.rejected?.revision === broken ? now.rejected : undefined;
    });
    expect(rejected.mistakes[0]?.place).toMatch(/^services\/a\.yaml:2:\d+$/);
    await pushed({ 'gates.yaml': services('one', 'two'), 'services/a.yaml': undefined });
  });

  it('starts nothing for calls that are unsigned, wrongly signed, replayed or too large', async () => {
    const revision = (await readStatus()).inForce?.revision ?? '';
    const calls = (await sandbox.calls()).length;
    const body = pushBody(revision);
    const delivery = { 'x-github-delivery': randomUUID(), 'x-hub-signature-256': sign(body) };
    expect(await hook(body, {})).toBe(401);
    expect(await hook(body, { 'x-hub-signature-256': sign(body, 'another secret') })).toBe(401);
    expect(await hook(body, { 'x-hub-signature-256': 'sha256=zz' })).toBe(401);
    const large = Buffer.alloc(2 * 1024 * 1024, 'x');
    expect(await hook(large, { 'x-hub-signature-256': sign(large) })).toBe(413);
    expect((await fetch(`${hooks}/hooks/other`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${hooks}/api/status`)).status).toBe(404);
    expect((await sandbox.calls()).length).toBe(calls);
    expect(await hook(body, delivery)).toBe(202);
    await until(async () => (await sandbox.calls()).length > calls);
    await idleAt(revision);
    const after = (await sandbox.calls()).length;
    expect(await hook(body, delivery)).toBe(200);
    expect((await sandbox.calls()).length).toBe(after);
  });

  it('changes nothing for a file with a mistake, and reports its place', async () => {
    const before = (await sandbox.writes()).length;
    const inForce = (await readStatus()).inForce?.revision;
    const broken = services('one', 'two').replace('emails:', 'emials:');
    const revision = forge.current?.push({ 'gates.yaml': broken }) ?? '';
    const body = pushBody(revision);
    expect(await hook(body, { 'x-hub-signature-256': sign(body) })).toBe(202);
    const rejected = await until(async () => {
      const now = await readStatus();
      return now.rejected?.revision === revision ? now.rejected : undefined;
    });
    const mistake = rejected.mistakes.find(({ severity }) => severity === 'error');
    expect(mistake?.place).toMatch(/^gates\.yaml:11:\d+$/);
    expect((await readStatus()).inForce?.revision).toBe(inForce);
    const told = await gates(['status'], env);
    expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/gates\.yaml:11:\d+/) });
    expect(told.stdout).toContain('emials');
    expect((await sandbox.writes()).length).toBe(before);
  });

  it('repairs, after SIGHUP, what somebody changed by hand', async () => {
    const revision = forge.current?.push({ 'gates.yaml': services('one', 'two') }, 'Mend the file') ?? '';
    daemon.kill('SIGHUP');
    await idleAt(revision);
    const policies = await fetch(`${sandbox.baseUrl}/accounts/${sandbox.accountId}/access/policies`, {
      headers: { authorization: `Bearer ${sandbox.token}` },
    });
    const { result } = (await policies.json()) as { result: { id: string; name: string }[] };
    const policy = result.find(({ name }) => name === 'gates:home/one.example.dev');
    const stranger = {
      name: policy?.name,
      decision: 'allow',
      include: [{ email: { email: 'stranger@example.net' } }],
      require: [],
      exclude: [],
    };
    const where = `/accounts/${sandbox.accountId}/access/policies/${policy?.id}`;
    await sandbox.admin('POST', '/edit', {
      actor: 'eve',
      system: 'cloudflare',
      method: 'PUT',
      path: where,
      body: stranger,
    });
    const attempt = () =>
      fetch(`${sandbox.env.GATES_PROBE_EDGE}`, { headers: { host: 'one.example.dev' }, redirect: 'manual' });
    await attempt();
    daemon.kill('SIGHUP');
    const healed = await until(async () => {
      const writes = (await sandbox.writes()).filter(
        ({ method, path: called }) => method === 'PUT' && called.endsWith(`${policy?.id}`),
      );
      return writes.length > 0 ? writes : undefined;
    });
    expect(healed.length).toBeGreaterThan(0);
  });

  it('ends in time when it is stopped, and releases the lease', async () => {
    daemon.kill('SIGTERM');
    const [code] = (await once(daemon, 'exit')) as [number | null];
    expect(code, log()).toBe(0);
    const ran = await gates(['status'], env);
    expect(ran.code).toBe(0);
    expect(log()).not.toContain(secret);
  });
});
