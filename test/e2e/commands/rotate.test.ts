import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { head } from '../support/file-head.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

let directory: string;
let sandbox: SandboxProcess;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

async function credentials(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(path.join(directory, 'ci.env'), 'utf8');
  const lines = Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('=')),
  );
  return {
    'CF-Access-Client-Id': lines.CF_ACCESS_CLIENT_ID,
    'CF-Access-Client-Secret': lines.CF_ACCESS_CLIENT_SECRET,
  };
}

it('a run refuses a lost state directory while its token is in use, and one rotation repairs that', async () => {
  const env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
  const file = `${head}serviceTokens:
  ci: { deliver: [ { file: ${directory}/ci.env } ] }
services:
  api: { host: api.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
`;
  await writeFile(path.join(directory, 'gates.yaml'), file);
  const run = (...args: readonly string[]) => gates(args, env, directory);
  expect(await run('apply', '--yes')).toMatchObject({ code: 0 });
  const before = await credentials();
  await rm(env.GATES_STATE_DIR, { recursive: true });
  const refused = await run('apply', '--yes');
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain('`gates rotate ci`');
  expect(await sandbox.visit('api.example.dev', '/', before)).toMatchObject({ status: 200 });
  const rotated = await run('rotate', 'ci');
  expect(rotated.code, rotated.stderr).toBe(0);
  expect(rotated.stderr).toContain(`delivered to ${directory}/ci.env`);
  const after = await credentials();
  expect(after).not.toEqual(before);
  for (const secret of [before, after]) {
    expect(await sandbox.visit('api.example.dev', '/', secret)).toMatchObject({ status: 200 });
  }
  expect(await run('plan')).toMatchObject({ code: 0 });
  expect(`${refused.stdout}${refused.stderr}${rotated.stdout}${rotated.stderr}`).not.toContain(
    after['CF-Access-Client-Secret'],
  );
});
