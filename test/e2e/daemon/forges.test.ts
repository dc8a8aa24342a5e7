import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Status } from '../../../src/report/status/status.ts';
import { createForge, type Forge } from '../../daemon/forge.ts';
import { until } from '../../support/until.ts';
import { head } from '../support/file-head.ts';
import { type Delivery, forges } from '../support/forge-deliveries.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/** Pushes of every forge, to the daemon as people run it. */
const SECRET = `whsec_${Buffer.from('a secret that every forge is told').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another secret').toString('base64')}`;
/** Without runs on schedule: one that comes due with a push would be a trigger of the same run. */
const file = (content: string) =>
  `${head}reconcile: { schedule: "0 0 1 1 *" }\ndns:\n  example.dev: [{ name: "@", type: TXT, content: ${JSON.stringify(content)} }]\n`;

let directory: string;
let sandbox: SandboxProcess;
let forge: Forge;
let daemon: ChildProcess;
let env: Readonly<Record<string, string>>;
let listening: NonNullable<Status['listening']>;

const statusNow = async () => (await (await fetch(`${listening.status}/api/status`)).json()) as Status;
const applied = (revision: string) =>
  until(async () => {
    const { phase, inForce } = await statusNow();
    return phase === 'idle' && inForce?.revision === revision && inForce.applied;
  });

async function call({ headers, body }: Delivery): Promise<number> {
  return (await fetch(`${listening.hooks}/hooks/git`, { method: 'POST', headers, body })).status;
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  forge = createForge(directory);
  const first = forge.push({ 'gates.yaml': file('first') });
  env = {
    ...sandbox.env,
    GATES_STATE_DIR: path.join(directory, 'state'),
    GATES_REPOSITORY: `file://${forge.bare}`,
    GATES_WEBHOOK_SECRET: SECRET,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
  };
  daemon = start(['run'], env);
  listening = await until(async () => {
    const ran = await gates(['status', '--output', 'json'], env);
    return ran.code === 0 ? (JSON.parse(ran.stdout) as Status).listening : undefined;
  });
  await applied(first);
});

afterAll(async () => {
  daemon.kill('SIGKILL');
  await sandbox.stop();
  await remove(directory);
});

const pushed: string[] = [];

it.each(forges)(
  'a push that $forge announces is applied, and an unsigned one is not',
  async ({ forge: name, tell, stale }) => {
    const revision = forge.push({ 'gates.yaml': file(name) });
    const writes = (await sandbox.writes()).length;
    const calls = (await sandbox.calls()).length;
    expect(await call(tell(revision, OTHER))).toBe(401);
    if (stale !== undefined) expect(await call(stale(revision, SECRET))).toBe(401);
    expect((await sandbox.calls()).length).toBe(calls);

    expect(await call(tell(revision, SECRET))).toBe(202);
    pushed.push(revision);
    await until(async () => (await sandbox.writes()).length > writes);
    await applied(revision);
  },
);

it('each signed push is one run, and an unsigned one is none', async () => {
  const triggers = await until(async () => {
    const { stdout } = await gates(['history', '--output', 'json'], env);
    const runs = JSON.parse(stdout) as readonly { readonly triggers: readonly string[] }[];
    return runs.length > pushed.length ? runs.map((run) => run.triggers.join()) : undefined;
  });
  expect(triggers.toReversed()).toEqual([
    'start',
    ...pushed.map((revision) => `push ${revision.slice(0, 8)}`),
  ]);
});
