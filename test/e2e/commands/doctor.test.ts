import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DoctorDocument } from '../../../src/report/doctor/doctor.ts';
import { head } from '../support/file-head.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const canary = 'c4n4ry5ecret';
const file = `${head}serviceTokens: { ci: {} }
services:
  docs: { host: docs.example.dev, origin: app, gate: { public: { reason: documentation } } }
  machine: { host: machine.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
`;

let sandbox: SandboxProcess;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--canary', canary]);
  const { CLOUDFLARE_API_TOKEN = '', AUTHENTIK_TOKEN = '', ...rest } = sandbox.env;
  env = { ...rest, GATES_STATE_DIR: path.join(directory, 'state') };
  for (const [name, secret] of Object.entries({ CLOUDFLARE_API_TOKEN, AUTHENTIK_TOKEN })) {
    env[`${name}_FILE`] = path.join(directory, name);
    await writeFile(path.join(directory, name), secret);
  }
  await writeFile(path.join(directory, 'gates.yaml'), file);
  expect(await gates(['apply', '--yes'], env, directory)).toMatchObject({ code: 0 });
  await edit('PATCH', `/zones/${sandbox.zoneId}/settings/always_use_https`, { value: 'on' });
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

function edit(method: string, where: string, body: object): Promise<unknown> {
  return sandbox.admin('POST', '/edit', { actor: 'ann', system: 'cloudflare', method, path: where, body });
}

it('the doctor ends with 0 when everything is in order, reads only, in text and in JSON, and prints no secret', async () => {
  const before = (await sandbox.calls()).length;
  const text = await gates(['doctor'], env, directory);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout).toContain('  ✓ homelab: Configured from here, one cloudflared connected');
  expect(text.stdout).toMatch(/\n0 problems, 0 warnings; \d+ passed, 0 skipped\.\n$/);
  const json = await gates(['doctor', '--output', 'json'], env, directory);
  const document = JSON.parse(json.stdout) as DoctorDocument;
  expect(document.findings.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(`${text.stdout}${json.stdout}`).not.toContain(canary);
  const calls = (await sandbox.calls()).slice(before);
  expect(calls.length).toBeGreaterThan(20);
  expect(calls.filter(({ method }) => method !== 'GET')).toEqual([]);
});

it('the doctor warns of secrets in the environment, where other programs of the account find them', async () => {
  const { CLOUDFLARE_API_TOKEN = '' } = sandbox.env;
  const { stdout, code } = await gates(['doctor', '--quiet'], { ...env, CLOUDFLARE_API_TOKEN }, directory);
  expect(code).toBe(0);
  expect(stdout).toContain('! CLOUDFLARE_API_TOKEN: The secret itself is in the environment');
  expect(stdout).not.toContain('AUTHENTIK_TOKEN');
});

it('the doctor reports Bot Fight Mode with 1 and the remedies, and ends with 0 once an IP Access rule admits this machine', async () => {
  const zone = `/zones/${sandbox.zoneId}`;
  const visit = () => sandbox.visit('machine.example.dev');
  expect((await visit()).headers['cf-access-aud']).toBeDefined();
  await edit('PUT', `${zone}/bot_management`, { fight_mode: true });
  expect((await visit()).headers).toMatchObject({ 'cf-mitigated': 'challenge' });
  // The probe distinguishes this block of the CI from a refusal by Access.
  const probed = await gates(['probe', '--service', 'machine'], env, directory);
  expect(probed.code).toBe(1);
  expect(probed.stdout).toContain(
    'GET / met the bot challenge\n    → Bot Fight Mode or a WAF rule stops the probe: turn it off',
  );
  const ill = await gates(['doctor', '--quiet'], env, directory);
  expect(ill.code).toBe(1);
  expect(ill.stdout).toContain('Bot Fight Mode is on: machine.example.dev answered');
  expect(ill.stdout).toContain('→ Turn it off');
  const configuration = { target: 'ip', value: '203.0.113.7' };
  await edit('POST', `${zone}/firewall/access_rules/rules`, { mode: 'whitelist', configuration });
  expect((await visit()).headers['cf-access-aud']).toBeDefined();
  expect(await gates(['doctor', '--quiet'], env, directory)).toMatchObject({ code: 0 });
});

it('the doctor lists what it could not check without a file, without tokens, or with an invalid file', async () => {
  const elsewhere = await gates(['doctor', '--file', 'absent.yaml'], env, directory);
  expect(elsewhere.stdout).toContain('absent.yaml: It cannot be read');
  expect(elsewhere.code).toBe(0);
  const bare = await gates(['doctor'], {}, directory);
  expect(bare.code).toBe(0);
  expect(bare.stdout).toContain('Skipped');
  expect(bare.stdout).toContain('→ Set CLOUDFLARE_API_TOKEN');
  await writeFile(path.join(directory, 'wrong.yaml'), 'version: 2\n');
  const wrong = await gates(['doctor', '--file', 'wrong.yaml'], env, directory);
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toContain('`gates validate` shows where');
});
