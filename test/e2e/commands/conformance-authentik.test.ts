import { once } from 'node:events';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import schema from '../../../schema/conformance.schema.json' with { type: 'json' };
import { createPerson } from '../../../src/conformance/authentik/person.ts';
import { storiesFor } from '../../../src/conformance/authentik/stories/stories.ts';
import { atHeldCall } from '../support/held-call.ts';
import {
  collect,
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const canary = 'c4n4ry5ecret';
const command = ['conformance', '--authentik', '--yes'];

let sandbox: SandboxProcess;
let directory: string;
/** The environment without a Cloudflare token, since Cloudflare is not asked. */
let env: Record<string, string>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--canary', canary]);
  const { AUTHENTIK_URL = '', AUTHENTIK_TOKEN = '' } = sandbox.env;
  env = { AUTHENTIK_URL, AUTHENTIK_TOKEN, GATES_STATE_DIR: path.join(directory, 'state') };
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

function startRun(args: readonly string[]) {
  const child = start(args, env, directory);
  return { child, stdout: collect(child.stdout), closed: once(child, 'close') };
}

/** True if Authentik has an object whose name or marker belongs to a run. */
async function scratchObjects(): Promise<boolean> {
  const { authentik } = (await sandbox.admin('GET', '/state')) as { authentik: Record<string, unknown> };
  const { events: _, ...objects } = authentik;
  return JSON.stringify(objects).includes('conformance-');
}

it('the command refuses to begin without a choice of system or server', async () => {
  const refusals = [
    { args: ['conformance', '--yes'], given: env, exitCode: 64, says: 'It is not said what to ask' },
    {
      args: [...command, '--zone', 'example.dev'],
      given: env,
      exitCode: 64,
      says: 'It is not said what to ask',
    },
    { args: command, given: { ...env, AUTHENTIK_URL: '' }, exitCode: 1, says: 'No address for Authentik' },
    { args: command, given: { ...env, AUTHENTIK_TOKEN: '' }, exitCode: 1, says: 'No token for Authentik' },
    {
      args: command,
      given: { ...env, AUTHENTIK_TOKEN: 'wrong' },
      exitCode: 1,
      says: 'AUTHENTIK_TOKEN are right',
    },
  ];
  for (const { args, given, exitCode, says } of refusals) {
    const { code, stderr } = await gates(args, given, directory);
    expect([code, stderr]).toEqual([exitCode, expect.stringContaining(says)]);
  }
});

it('the command rejects a token that is not a superuser’s, before it writes anything', async () => {
  const { signal } = new AbortController();
  const at = { url: env.AUTHENTIK_URL ?? '', token: env.AUTHENTIK_TOKEN ?? '', fetch, signal };
  const person = createPerson(at);
  const { pk } = await person.post('/core/users/', { username: 'kim', name: 'kim' });
  await person.post('/core/tokens/', { identifier: 'kim', intent: 'api', user: pk, expiring: false });
  const { key } = await person.get('/core/tokens/kim/view_key/');
  const before = (await sandbox.writes()).length;
  const { code, stderr } = await gates(command, { ...env, AUTHENTIK_TOKEN: String(key) }, directory);
  expect([code, stderr]).toEqual([1, expect.stringContaining('is not that of a superuser')]);
  expect((await sandbox.writes()).length).toBe(before);
});

it('the command asks Cloudflare and then Authentik in one run, with a line for every story, and leaves nothing', async () => {
  const both = [...command, '--zone', 'example.dev', '--tunnel', 'homelab'];
  const state = path.join(directory, 'both');
  const { code, stdout, stderr } = await gates(both, { ...sandbox.env, GATES_STATE_DIR: state }, directory);
  expect(stderr).toContain('All of them are of the host gates-conformance-');
  expect(stderr).toContain('Their names begin with gates-conformance-');
  const lines = stdout.trimEnd().split('\n');
  const ids = storiesFor('2026.8').map(({ id }) => id);
  const played = lines.filter((line) => line.startsWith('authentik/'));
  expect(played.map((line) => line.split(' ')[0])).toEqual(ids);
  expect(played.filter((line) => !/ as believed$/.test(line))).toEqual([]);
  // Stories with limited tokens come first.
  expect(ids.findLastIndex((id) => id.includes('/limited-token-'))).toBe(
    ids.filter((id) => id.includes('/limited-token-')).length - 1,
  );
  // Five beliefs about API Shield and one about isolation are not asked: the account has neither.
  expect(lines.filter((line) => line.includes(' not asked: ')).map((line) => line.split(' ')[0])).toContain(
    'read-back/isolation',
  );
  expect(lines.at(-1)).toMatch(/^\d+ as believed, 0 otherwise, 6 not asked\.$/);
  expect(code).toBe(0);
  expect(await scratchObjects()).toBe(false);
  expect(`${stdout}${stderr}`).not.toContain(canary);
});

it('a killed command continues with the next run, which first removes what was left', async () => {
  const { child, stdout, closed } = await atHeldCall(sandbox, '/policies/bindings/', 12, () =>
    startRun(command),
  );
  child.kill('SIGKILL');
  await closed;
  const passed = stdout().split('\n').length - 1;
  expect(passed).toBeGreaterThan(0);
  expect(await scratchObjects()).toBe(true);
  const { code, stdout: again, stderr } = await gates([...command, '--json'], env, directory);
  expect(code).toBe(0);
  const [, others] = /(\d+) others passed in a run that was stopped/.exec(stderr) ?? [];
  // A story may have passed after the test stopped reading lines.
  expect(Number(others) - passed).toBeOneOf([0, 1]);
  const document = JSON.parse(again) as { beliefs: { earlier?: boolean; state: string }[] };
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
  expect([validate(document), validate.errors]).toEqual([true, null]);
  expect(document).toMatchObject({ authentik: { url: env.AUTHENTIK_URL, release: '2026.8' }, failures: {} });
  expect(document).not.toHaveProperty('zone');
  expect(document.beliefs.filter(({ earlier }) => earlier === true).length).toBe(Number(others));
  expect(document.beliefs.filter(({ state }) => state !== 'as believed')).toEqual([]);
  expect(await scratchObjects()).toBe(false);
  // The second run came to its end, so the next one begins anew.
  const third = start(command, env, directory);
  const said = collect(third.stderr);
  const ended = once(third, 'close');
  await expect.poll(said, { interval: 5 }).toContain('Their names begin');
  third.kill('SIGINT');
  await ended;
  expect(said()).not.toContain('passed in a run that was stopped');
});

it('the command removes its objects when it is stopped, and with --sweep after it was killed', async () => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const { child, closed } = await atHeldCall(sandbox, '/policies/bindings/', 2, () =>
      startRun([...command, '--fresh']),
    );
    child.kill(signal);
    await closed;
    expect([signal, await scratchObjects()]).toEqual([signal, signal === 'SIGKILL']);
  }
  // Another state folder has no record of that run.
  const elsewhere = { ...env, GATES_STATE_DIR: path.join(directory, 'other') };
  const { code, stderr } = await gates([...command, '--sweep'], elsewhere, directory);
  expect([code, stderr]).toEqual([0, expect.stringContaining('gates-conformance-')]);
  expect(await scratchObjects()).toBe(false);
});
