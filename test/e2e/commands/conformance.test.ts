import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import schema from '../../../schema/conformance.schema.json' with { type: 'json' };
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
const command = ['conformance', '--zone', 'example.dev', '--tunnel', 'homelab'];

let sandbox: SandboxProcess;
let directory: string;
let env: Record<string, string>;

// A token may make 1,200 calls in five minutes, and two runs need more.
beforeEach(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--plan', 'enterprise', '--canary', canary]);
  const entitlements = ['approval', 'certificates', 'isolation', 'justification'];
  await sandbox.admin('PUT', '/entitlements', { entitlements });
  env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
});

afterEach(async () => {
  await sandbox.stop();
  await remove(directory);
});

interface TunnelOfState {
  readonly name: string;
  readonly deletedAt: string | null;
  readonly versions: readonly unknown[];
}

/** Everything in the sandbox with a marker of a run. */
async function scratchObjects(): Promise<string> {
  const world = (await sandbox.admin('GET', '/state')) as Record<string, unknown>;
  const { records, apps, policies, tags, serviceTokens, rulesets, tunnels } = world;
  const live = (tunnels as TunnelOfState[]).filter(({ deletedAt }) => deletedAt === null);
  const running = live.map(({ versions }) => versions.at(-1));
  // The stamp of a turn names its holder.
  const turns = live.filter(({ name }) => name.startsWith('gates-turn-')).map(() => 'conformance-turn');
  return JSON.stringify([records, apps, policies, tags, serviceTokens, rulesets, running, turns]);
}

it('the command refuses to begin if nobody can agree', async () => {
  const { code, stderr } = await gates(command, env, directory);
  expect(code).toBe(1);
  expect(stderr).toContain('There is no terminal to ask for consent');
  expect((await sandbox.calls()).length).toBe(0);
});

it('the command lists what it makes, answers every belief on one line, and leaves nothing', async () => {
  const { code, stdout, stderr } = await gates([...command, '--yes'], env, directory);
  expect(stderr).toContain('All of them are of the host gates-conformance-');
  expect(stdout.split('\n').filter((line) => / (otherwise|not asked): /.test(line))).toEqual([]);
  expect(stdout).toMatch(/^cache\/extension +as believed/m);
  expect(stdout).toMatch(/^\d\d as believed, 0 otherwise, 0 not asked\.$/m);
  expect(code).toBe(0);
  expect(await scratchObjects()).not.toContain('conformance-');
  expect(`${stdout}${stderr}`).not.toContain(canary);
});

it('the command ends with 2 if something differs, and reports it in JSON too', async () => {
  const organization = `/accounts/${sandbox.accountId}/access/organizations`;
  const set = (on: boolean) =>
    sandbox.admin('POST', '/edit', {
      ...{ actor: 'ann', system: 'cloudflare', method: 'PUT', path: organization },
      body: { allow_authenticate_via_warp: on },
    });
  await set(true);
  const { code, stdout } = await gates([...command, '--yes', '--json'], env, directory);
  await set(false);
  expect(code).toBe(2);
  const document: unknown = JSON.parse(stdout);
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
  expect([validate(document), validate.errors]).toEqual([true, null]);
  const { beliefs } = document as { beliefs: { belief: string; state: string }[] };
  expect(beliefs.filter(({ state }) => state !== 'as believed').map(({ belief }) => belief)).toEqual([
    'organization/devices',
  ]);
});

it('the results make a sandbox behave like the tested account', async () => {
  const file = path.join(directory, 'conformance.json');
  const document = {
    ...{ version: 1, set: 'quick', zone: 'jo.example', tunnel: 'attic', failures: {} },
    beliefs: [{ belief: 'token/zone', measured: { plan: 'pro' } }],
  };
  await writeFile(file, JSON.stringify(document));
  const child = start(['sandbox', '--json', '--as', file], {});
  const stdout = collect(child.stdout);
  const closed = once(child, 'close');
  await expect.poll(stdout).toContain('\n');
  const { cloudflare, admin } = JSON.parse(stdout()) as {
    cloudflare: { zones: { name: string }[] };
    admin: { url: string };
  };
  const { plan } = (await (await fetch(`${admin.url}/state`)).json()) as { plan: string };
  child.kill('SIGTERM');
  await closed;
  expect([cloudflare.zones.map(({ name }) => name), plan]).toEqual([['jo.example'], 'pro']);
  const absent = await gates(['sandbox', '--as', path.join(directory, 'absent.json')], {});
  expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('says nothing about an account') });
});

it('the command removes its objects when it is stopped, and with --sweep after it was killed', async () => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const child = start([...command, '--yes'], env, directory);
    const stdout = collect(child.stdout);
    const closed = once(child, 'close');
    await expect.poll(stdout, { interval: 10 }).toContain('names/tag');
    child.kill(signal);
    await closed;
    const left = (await scratchObjects()).includes('conformance-');
    expect([signal, left]).toEqual([signal, signal === 'SIGKILL']);
  }
  const { code, stderr } = await gates([...command, '--sweep', '--yes'], env, directory);
  expect([code, stderr]).toEqual([0, expect.stringContaining('Access tag')]);
  expect(stderr).toContain('turn of the tunnel homelab');
  expect(await scratchObjects()).not.toContain('conformance-');
});
