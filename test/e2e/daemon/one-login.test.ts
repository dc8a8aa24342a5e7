import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserOf } from '../support/browser.ts';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const canary = 'c4n4ry5ecret';
const breakGlass = ', breakGlass: { emails: [me@example.dev], reason: "Authentik may be down" }';

/** A file with both gates on two hosts, and one login page. */
function file(access = ''): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example, identityProvider: authentik${access} }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {}, family: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  proxmox: { tunnel: homelab, url: "https://192.168.1.51:8006", noTLSVerify: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana: { host: grafana.example.dev, origin: traefik, gate: { authentik: { groups: [admins, family] } } }
  proxmox: { host: proxmox.example.dev, origin: proxmox, gate: { cloudflare: { groups: [admins] } } }
`;
}

let sandbox: SandboxProcess;
let directory: string;
let firstPlan: Ran;
let firstApply: Ran;
const printed: string[] = [];

async function command(...args: string[]): Promise<Ran> {
  const env = { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') };
  const ran = await gates(args, env, directory);
  printed.push(ran.stdout, ran.stderr);
  return ran;
}

const write = (access?: string) => writeFile(path.join(directory, 'gates.yaml'), file(access));

const authentik = (method: string, where: string, body?: object) =>
  sandbox.admin('POST', '/edit', {
    actor: 'somebody',
    system: 'authentik',
    method,
    path: `/api/v3${where}`,
    body,
  });

/** Adds a person to a group, or to one below it. */
async function person(username: string, group: string, below?: string): Promise<void> {
  const { results } = (await authentik('GET', '/core/groups/')) as {
    results: readonly { pk: string; name: string }[];
  };
  let pk = results.find(({ name }) => name === group)?.pk;
  if (below !== undefined) {
    ({ pk } = (await authentik('POST', '/core/groups/', { name: below, parents: [pk] })) as { pk: string });
  }
  const email = `${username}@example.dev`;
  await authentik('POST', '/core/users/', { username, name: username, email, groups: [pk] });
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--canary', canary]);
  await sandbox.admin('PUT', '/origins', {
    url: 'http://traefik.lan:80',
    kind: 'traefik',
    forwardAuth: ['grafana.example.dev'],
  });
  for (const guard of [
    { host: 'auth.example.dev', admit: { public: true } },
    { host: 'grafana.example.dev', admit: { groups: ['admins', 'family'] } },
    { host: 'proxmox.example.dev', admit: { groups: ['admins'], emails: ['me@example.dev'] } },
  ])
    await sandbox.admin('PUT', '/guards', guard);
  await write();
  firstPlan = await command('plan', '--verbose');
  firstApply = await command('apply', '--yes');
  await person('june', 'admins', 'juniors');
  await person('fay', 'family');
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('one login for both gates', () => {
  it('is planned, applied, and then there is nothing to do', async () => {
    expect(firstPlan.code).toBe(2);
    expect(firstPlan.stdout).toContain('cloudflare/access-identity-provider');
    expect(firstApply.code, firstApply.stderr).toBe(0);
    expect(await command('plan')).toMatchObject({ code: 0 });
    const before = (await sandbox.writes()).length;
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await sandbox.writes()).toHaveLength(before);
  });

  it('warns that nobody gets in while Authentik is down', async () => {
    const { code, stdout, stderr } = await command('validate');
    expect(code).toBe(0);
    expect(`${stdout}${stderr}`).toContain('G120');
  });

  it('leads a person who inherits the group to both hosts with one login, and their JWT verifies', async () => {
    const june = browserOf(sandbox, { username: 'june' });
    const first = await june.follow('https://proxmox.example.dev/nodes');
    expect(first).toMatchObject({ status: 200, url: 'https://proxmox.example.dev/nodes' });
    expect(first.way).toContainEqual(expect.stringMatching(/^https:\/\/auth\.example\.dev\/if\/flow\//));
    const second = await june.follow('https://grafana.example.dev/d/1');
    expect(second).toMatchObject({ status: 200, url: 'https://grafana.example.dev/d/1' });
    expect(june.logins()).toBe(1);

    const { stdout } = await command('outputs', '--format', 'json');
    const { aud: audience, certsUrl, issuer } = JSON.parse(stdout).services.proxmox.access;
    const certs = (await (await sandbox.fetch(certsUrl)).json()) as JSONWebKeySet;
    const jwt = JSON.parse(first.body).headers['cf-access-jwt-assertion'];
    const { payload } = await jwtVerify(jwt, createLocalJWKSet(certs), { audience, issuer });
    expect(payload.email).toBe('june@example.dev');
  });

  it('refuses a person outside the group at that host, and at no other', async () => {
    const fay = browserOf(sandbox, { username: 'fay' });
    expect(await fay.follow('https://grafana.example.dev/')).toMatchObject({ status: 200 });
    const refused = await fay.follow('https://proxmox.example.dev/');
    expect(refused.status).toBe(200);
    expect(refused.url).toMatch(/^https:\/\/auth\.example\.dev\/application\/o\/authorize\//);
    expect(refused.body).toContain('Permission denied');
    // Neither Access nor any later address got a code.
    const addresses = [refused.url, ...refused.way].map((address) => new URL(address));
    expect(addresses.filter(({ searchParams }) => searchParams.has('code'))).toEqual([]);
    expect(addresses.filter(({ pathname }) => pathname === '/cdn-cgi/access/callback')).toEqual([]);
    expect(fay.logins()).toBe(1);
  });

  it('admits the people of breakGlass by a one-time PIN, and nobody else by it', async () => {
    const lost = () => browserOf(sandbox, { email: 'me@example.dev' }).follow('https://proxmox.example.dev/');
    const loginPage = expect.stringMatching(/^https:\/\/auth\.example\.dev\/if\/flow\//);
    expect((await lost()).url).toEqual(loginPage);
    await write(breakGlass);
    expect((await command('apply', '--yes')).code).toBe(0);
    expect((await command('plan')).code).toBe(0);
    expect(await lost()).toMatchObject({ status: 200, url: 'https://proxmox.example.dev/' });
    const other = browserOf(sandbox, { email: 'june@example.dev' });
    expect((await other.follow('https://proxmox.example.dev/')).status).toBe(403);
    await write();
    expect((await command('apply', '--yes')).code).toBe(0);
    expect((await lost()).url).toEqual(loginPage);
  });

  it('exposes nobody, and shows no secret', async () => {
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
    const state = path.join(directory, 'state');
    const entries = await readdir(state, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('vault'))
      .map((entry) => path.join(entry.parentPath, entry.name));
    const kept = await Promise.all(files.map((name) => readFile(name, 'latin1')));
    expect(kept.length).toBeGreaterThan(0);
    for (const text of [...printed, ...kept]) expect(text).not.toContain(canary);
    const vault = await readdir(path.join(state, 'vault'));
    expect(vault.length).toBeGreaterThan(0);
  });
});
