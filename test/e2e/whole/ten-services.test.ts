import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { tenServices } from './ten-services.ts';

let sandbox: SandboxProcess;
let directory: string;
let firstPlan: Ran;
let firstApply: Ran;

const command = (...args: string[]) =>
  gates([...args], { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') }, directory);

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  await writeFile(path.join(directory, 'gates.yaml'), tenServices(directory));
  firstPlan = await command('plan', '--verbose');
  firstApply = await command('apply', '--yes');
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

async function tokenHeaders(): Promise<Record<string, string>> {
  const text = await readFile(path.join(directory, 'ci.env'), 'utf8');
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    'CF-Access-Client-Id': value('CF_ACCESS_CLIENT_ID'),
    'CF-Access-Client-Secret': value('CF_ACCESS_CLIENT_SECRET'),
  };
}

async function login(host: string, email = 'me@example.dev'): Promise<string> {
  const { jwt } = (await sandbox.admin('POST', '/login', { host, email })) as { jwt: string };
  return jwt;
}

const audienceOf = (location: unknown) => new URL(String(location)).searchParams.get('kid');

describe('a file of ten services', () => {
  it('is planned completely, applied completely, and then there is nothing to do', async () => {
    expect(firstPlan).toMatchObject({ code: 2, stderr: '' });
    for (const expected of [
      'cloudflare/access-tag gates-home',
      'cloudflare/service-token ci',
      'cloudflare/service-token backup',
      'cloudflare/access-policy proxmox.example.dev',
      'cloudflare/access-policy public',
      'cloudflare/access-application argocd.example.dev/api/webhook',
      'cloudflare/ingress-rule homelab/docs.example.dev',
      'cloudflare/dns-record CNAME photos.example.dev',
      'cloudflare/dns-record MX example.dev aspmx1.example.net',
      'cloudflare/dns-record TXT example.dev',
      'cloudflare/dns-record CNAME www.example.dev',
      'cloudflare/dns-record SRV _imaps._tcp.example.dev',
    ]) {
      // Lines wrap at the width of the terminal.
      expect(firstPlan.stdout.replace(/\s+/g, ' ')).toContain(expected);
    }
    expect(firstApply.code, firstApply.stderr).toBe(0);
    expect(await command('plan')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to do'),
    });
    const before = (await sandbox.writes()).length;
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await sandbox.writes()).toHaveLength(before);
  });

  it('asks people to log in with our audience, and admits a token of that audience', async () => {
    const asked = await sandbox.visit('proxmox.example.dev');
    expect(asked).toMatchObject({ status: 302, servedBy: 'access' });
    expect(String(asked.headers.location)).toMatch(
      /^https:\/\/example\.cloudflareaccess\.com\/cdn-cgi\/access\/login\/proxmox\.example\.dev/,
    );
    const jwt = await login('proxmox.example.dev');
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.aud).toContain(audienceOf(asked.headers.location));
    const inside = await sandbox.visit('proxmox.example.dev', '/', { cookie: `CF_Authorization=${jwt}` });
    expect(inside).toMatchObject({ status: 200, servedBy: 'origin' });
  });

  it('makes the tunnel itself refuse a token of another application’s audience', async () => {
    const other = await login('photos.example.dev');
    const refused = await sandbox.visit('proxmox.example.dev', '/', { cookie: `CF_Authorization=${other}` });
    expect(refused.servedBy).not.toBe('origin');
    const application = (await applications()).find(({ name }) => name === 'proxmox.example.dev');
    const gone = await sandbox.admin('POST', '/edit', {
      actor: 'somebody',
      system: 'cloudflare',
      method: 'DELETE',
      path: `/accounts/${sandbox.accountId}/access/apps/${application?.id}`,
    });
    expect(gone).toBeDefined();
    const atTunnel = await sandbox.visit('proxmox.example.dev', '/', { 'Cf-Access-Jwt-Assertion': other });
    expect(atTunnel).toMatchObject({ status: 403 });
    expect(atTunnel.servedBy).not.toBe('origin');
    expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
    expect(await sandbox.visit('proxmox.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
  });

  it('answers a public path without login, but not its neighbors', async () => {
    expect(await sandbox.visit('grafana.example.dev', '/api/health')).toMatchObject({
      status: 200,
      servedBy: 'origin',
    });
    expect(await sandbox.visit('grafana.example.dev', '/public/x')).toMatchObject({
      status: 200,
      servedBy: 'origin',
    });
    for (const where of [
      '/api/healthz',
      '/publicx',
      '/API/health',
      '/api/health/../admin',
      '/public/../admin',
      '/api%2Fhealth',
      '/',
      '/api/health/x',
    ]) {
      const visited = await sandbox.visit('grafana.example.dev', where);
      expect([where, visited.servedBy]).not.toEqual([where, 'origin']);
    }
  });

  it('asks for login on a guarded path of a public host', async () => {
    expect(await sandbox.visit('docs.example.dev')).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(await sandbox.visit('docs.example.dev', '/drafts/x')).toMatchObject({
      status: 302,
      servedBy: 'access',
    });
  });

  it('admits exactly the tokens that the file names', async () => {
    const without = await sandbox.visit('auth-api.example.dev');
    expect([401, 403]).toContain(without.status);
    expect(without.headers['cf-access-aud']).toMatch(/^[0-9a-f]{64}$/);
    expect(await sandbox.visit('auth-api.example.dev', '/', await tokenHeaders())).toMatchObject({
      status: 200,
    });
    const vault = await readFile(
      path.join(directory, 'state', 'vault', 'service-token-backup.json'),
      'utf8',
    ).catch(() => readVaultOf('backup'));
    const { clientId, clientSecret } = JSON.parse(vault);
    const other = { 'CF-Access-Client-Id': clientId, 'CF-Access-Client-Secret': clientSecret };
    const refused = await sandbox.visit('auth-api.example.dev', '/', other);
    expect([401, 403]).toContain(refused.status);
    expect(await sandbox.visit('registry.example.dev', '/', other)).toMatchObject({
      status: 200,
      servedBy: 'origin',
    });
  });

  it('keeps a delivered file private', async () => {
    const { mode } = await stat(path.join(directory, 'ci.env'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('leaves public hosts open, and the rest closed; the identity provider guards itself', async () => {
    expect(await sandbox.visit('status.example.dev')).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(await sandbox.visit('auth.example.dev')).toMatchObject({ status: 200, servedBy: 'authentik' });
    const nowhere = await sandbox.visit('nowhere.example.dev');
    expect(nowhere.servedBy).toBe('edge');
    expect(nowhere.status).toBeGreaterThanOrEqual(500);
  });

  it('prints the same plan as JSON, with the same exit code', async () => {
    await writeFile(
      path.join(directory, 'less.yaml'),
      tenServices(directory).replace(/ {2}status:\n(?: {4}.*\n)+/, ''),
    );
    const text = await command('plan', '--file', 'less.yaml');
    const json = await command('plan', '--file', 'less.yaml', '--output', 'json');
    expect([text.code, json.code]).toEqual([2, 2]);
    const { changes } = JSON.parse(json.stdout) as { changes: { verb: string; address: { key: string } }[] };
    expect(
      changes.filter(({ verb }) => verb !== 'keep').map(({ verb, address }) => `${verb} ${address.key}`),
    ).toEqual([
      'update homelab/status.example.dev',
      'prune CNAME status.example.dev',
      'prune status.example.dev',
      'prune homelab/status.example.dev',
    ]);
  });
});

async function applications(): Promise<readonly { id: string; name: string }[]> {
  const response = await fetch(`${sandbox.baseUrl}/accounts/${sandbox.accountId}/access/apps`, {
    headers: { authorization: `Bearer ${sandbox.token}` },
  });
  return ((await response.json()) as { result: { id: string; name: string }[] }).result;
}

async function readVaultOf(token: string): Promise<string> {
  const { readdir } = await import('node:fs/promises');
  const folder = path.join(directory, 'state', 'vault');
  const name = (await readdir(folder)).find((file) => file.includes(token)) ?? '';
  return readFile(path.join(folder, name), 'utf8');
}
