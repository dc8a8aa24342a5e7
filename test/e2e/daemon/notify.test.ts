import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fakeReceiver } from '../../clients/notify/fake-receiver.ts';
import { createForge } from '../../daemon/forge.ts';
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

/** Receivers as people set them up: addresses in the file, secrets in the environment and in a file. */
const canary = 'c4n4ry5ecret';

const file = (slack: string, ntfy: string, more = '') => `${head}services:
  one: { host: one.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
serviceTokens:
  ci: { duration: 240h }
notify:
  - slack: { url: { env: SLACK_URL } }
  - ntfy: { url: "${ntfy}/my-topic", token: { file: ${slack} } }
${more}`;

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

async function stage() {
  const directory = await temporaryDirectory();
  const sandbox: SandboxProcess = await startSandboxProcess(['--canary', canary]);
  cleanUps.push(() => remove(directory), sandbox.stop);
  const token = path.join(directory, 'ntfy-token');
  await writeFile(token, `tk-${canary}\n`);
  const slack = await fakeReceiver({ status: 200, body: 'ok' });
  const ntfy = await fakeReceiver({ status: 429 }, { status: 200, body: '{}' });
  const forge = createForge(directory);
  const push = (more?: string) => forge.push({ 'gates.yaml': file(token, ntfy.url, more) });
  push();
  const env = {
    ...sandbox.env,
    SLACK_URL: `${slack.url}/services/T0/B0/${canary}`,
    GATES_STATE_DIR: path.join(directory, 'state'),
    GATES_REPOSITORY: `file://${forge.bare}`,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
    GATES_LOG_FORMAT: 'json',
  };
  return { directory, env, push, slack, ntfy };
}

function run(env: Readonly<Record<string, string>>): { daemon: ChildProcess; log: () => string } {
  const daemon = start(['run'], env);
  cleanUps.push(() => daemon.exitCode === null && daemon.kill('SIGKILL'));
  return { daemon, log: collect(daemon.stderr) };
}

const toldNote = (directory: string) =>
  readFile(path.join(directory, 'state', 'notes', 'notify', 'told'), 'utf8');

const owed = async (directory: string): Promise<number> => JSON.parse(await toldNote(directory)).owed.length;

const ends = (log: string) => log.split('"message":"run ended"').length - 1;

describe('gates run with receivers', () => {
  it('reports each change once, even across a restart, and never a secret', async () => {
    const { directory, env, push, slack, ntfy } = await stage();
    const first = run(env);
    // The run that makes the token does not see it yet.
    await until(() => ends(first.log()) === 1);
    first.daemon.kill('SIGHUP');
    await until(() => slack.calls.length === 1 && ntfy.calls.length === 2);
    expect(slack.calls[0]?.body.text).toMatch(/^⚠️ The service token ci expires in 10 days/);
    expect(slack.calls[0]?.path).toBe(`/services/T0/B0/${canary}`);
    expect(ntfy.calls[1]?.headers.authorization).toBe(`Bearer tk-${canary}`);

    push('servces: {}\n');
    const before = ends(first.log());
    first.daemon.kill('SIGHUP');
    await until(() => ends(first.log()) > before && slack.calls.length === 2);
    expect(slack.calls[1]?.body.text).toMatch(/gates\.yaml:17:1 .*servces/);
    // A notice that is being sent at the end is sent again, since it may not have arrived.
    await until(async () => (await owed(directory)) === 0);
    first.daemon.kill('SIGTERM');
    await until(() => first.daemon.exitCode !== null);

    const second = run(env);
    await until(() => ends(second.log()) > 0);
    push();
    second.daemon.kill('SIGHUP');
    await until(() => slack.calls.length === 3 && ntfy.calls.length === 4);
    expect(slack.calls[2]?.body.text).toMatch(/^✅ Good again: gates\.yaml has no mistakes/);
    expect(ntfy.calls[3]?.body).toMatchObject({ topic: 'my-topic', priority: 3 });
    await until(async () => (await owed(directory)) === 0);
    second.daemon.kill('SIGTERM');
    await until(() => second.daemon.exitCode !== null);

    const status = await gates(['status'], env);
    const note = await toldNote(directory);
    const bodies = [...slack.calls, ...ntfy.calls].map(({ text }) => text);
    for (const text of [first.log(), second.log(), status.stdout, note, ...bodies]) {
      expect(text).not.toContain(canary);
    }
  });
});
