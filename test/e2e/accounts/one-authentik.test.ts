import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Environment,
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { environmentOf } from './two-accounts.ts';

let home: SandboxProcess;
let work: SandboxProcess;
let directory: string;
let env: Environment;

const nas = (zone: string, tunnel: string) =>
  `nas: { host: nas.${zone}, origin: ${tunnel}, gate: { cloudflare: { emails: [me@example.dev] } } }`;

/** Two accounts with one Authentik, which both have a client there for the same group. */
const file = (clients: readonly string[], service = nas('example.net', 'office')) => `version: 1
owner: home
cloudflare:
  home: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
  work: { account: Sandbox, zones: [example.net], tunnels: { office: { create: true } } }
authentik: { url: "http://authentik.lan:9000" }
origins:
  homelab: { tunnel: homelab, url: "http://app.lan:80" }
  office: { tunnel: office, url: "http://app.lan:80" }
groups: { admins: {} }
clients:
${clients.map((name) => `  ${name}: { account: ${name}, redirectUris: ["https://${name}.example.org/"], groups: [admins] }`).join('\n')}
services: { ${service} }
`;

const run = (...args: string[]) => gates(args, env, directory);

async function apply(text: string): Promise<void> {
  await writeFile(path.join(directory, 'gates.yaml'), text);
  const { code, stderr } = await run('apply', '--yes');
  expect(code, stderr).toBe(0);
}

/** The writes to both sandboxes since the numbers of calls, as `METHOD path`. */
async function writesSince(before: readonly number[]): Promise<readonly string[]> {
  const calls = await Promise.all([home.writes(), work.writes()]);
  return calls.flatMap((list, index) =>
    list.slice(before[index]).map(({ method, path: where }) => `${method} ${where}`),
  );
}

const counts = async () => [(await home.writes()).length, (await work.writes()).length];

beforeEach(async () => {
  directory = await temporaryDirectory();
  [home, work] = await Promise.all([startSandboxProcess(), startSandboxProcess(['--zone', 'example.net'])]);
  const { AUTHENTIK_TOKEN = '', AUTHENTIK_URL = '' } = home.env;
  const state = path.join(directory, 'state');
  env = { ...environmentOf(home, work), AUTHENTIK_TOKEN, AUTHENTIK_URL, GATES_STATE_DIR: state };
});

afterEach(async () => {
  await Promise.all([home.stop(), work.stop()]);
  await remove(directory);
});

describe('two accounts with one Authentik', () => {
  it('keep the objects of each other, whatever one of them removes', async () => {
    await apply(file(['home', 'work']));
    const afterFirst = await counts();
    const again = await run('plan');
    expect(again.code, again.stdout).toBe(0);
    expect((await run('apply', '--yes')).code).toBe(0);
    expect(await writesSince(afterFirst)).toEqual([]);
    await apply(file(['work']));
    const removed = (await writesSince(afterFirst)).filter((line) => line.startsWith('DELETE '));
    expect(removed.filter((line) => line.includes('/core/applications/'))).toEqual([
      'DELETE /api/v3/core/applications/home/',
    ]);
    // The group that the first account made is used by the other.
    expect(removed.filter((line) => line.includes('/core/groups/'))).toEqual([]);
    const rest = await run('plan');
    expect(rest.code, rest.stdout).toBe(0);
  });

  it('never expose a service that moves from one account to the other', async () => {
    await apply(file(['home', 'work']));
    expect((await work.visit('nas.example.net')).status).toBe(302);
    await apply(file(['home', 'work'], nas('example.dev', 'homelab')));
    const before = await work.visit('nas.example.net');
    const after = await home.visit('nas.example.dev');
    expect([before.servedBy, after.status]).toEqual([expect.not.stringContaining('origin'), 302]);
    const rest = await run('plan');
    expect(rest.code, rest.stdout).toBe(0);
  });
});
