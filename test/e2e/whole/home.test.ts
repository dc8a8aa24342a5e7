import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { home, homeGuards, traefik } from './home.ts';

let sandbox: SandboxProcess;
let directory: string;

const command = (...args: string[]): Promise<Ran> =>
  gates([...args], { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') }, directory);

async function begin(origin: object = traefik): Promise<void> {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  await sandbox.admin('PUT', '/origins', origin);
  await sandbox.admin('PUT', '/guards', homeGuards);
  await writeFile(path.join(directory, 'gates.yaml'), home(directory));
}

async function end(): Promise<void> {
  await sandbox.stop();
  await remove(directory);
}

/** The text of a screen on one line. */
function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** The names in a delivered file, with their values. */
async function delivered(file: string): Promise<Record<string, string>> {
  const text = await readFile(path.join(directory, file), 'utf8');
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

async function authentik(method: string, where: string, body?: unknown): Promise<unknown> {
  const call = { actor: 'somebody', system: 'authentik', method, path: `/api/v3${where}`, body };
  return sandbox.admin('POST', '/edit', call);
}

async function personIn(group: string, username: string): Promise<void> {
  const found = (await authentik('GET', `/core/groups/?name=${group}`)) as {
    results: readonly { pk: string }[];
  };
  const body = { username, name: username, groups: [found.results[0]?.pk], type: 'internal' };
  await authentik('POST', '/core/users/', body);
}

async function providerOf(host: string): Promise<{ readonly client_id: string }> {
  const { results } = (await authentik('GET', '/providers/proxy/')) as {
    results: readonly { external_host: string; client_id: string }[];
  };
  const found = results.find(({ external_host: external }) => external === `https://${host}`);
  if (found === undefined) throw new Error(`no provider for ${host}`);
  return found;
}

const clientAskedFor = (location: unknown) => new URL(String(location)).searchParams.get('client_id');

describe('a home with both gates', () => {
  let firstPlan: Ran;
  let firstApply: Ran;

  beforeAll(async () => {
    await begin();
    firstPlan = await command('plan');
    firstApply = await command('apply', '--yes');
  });
  afterAll(end);

  it('is planned, applied, and then there is nothing to do and nothing to check', async () => {
    expect(firstPlan).toMatchObject({ code: 2, stderr: '' });
    expect(firstApply.code, firstApply.stderr).toBe(0);
    expect(await command('plan')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to do'),
    });
    const before = (await sandbox.writes()).length;
    const edge = await countingEdge();
    const env = {
      ...sandbox.env,
      GATES_STATE_DIR: path.join(directory, 'state'),
      GATES_PROBE_EDGE: edge.url,
    };
    expect(await gates(['apply', '--yes'], env, directory)).toMatchObject({ code: 0 });
    edge.close();
    expect(edge.asked()).toBe(0);
    expect(await sandbox.writes()).toHaveLength(before);
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
  });

  it('asks at Authentik, with the client of our provider, except at exceptions', async () => {
    const { client_id: ours } = await providerOf('grafana.example.dev');
    for (const where of ['/', '/admin', '/api/healthz', '/publicx', '/API/health', '/api/health/../admin']) {
      const visit = await sandbox.visit('grafana.example.dev', where);
      expect(visit.status, where).toBe(302);
      expect(String(visit.headers.location), where).toMatch(
        /^https:\/\/auth\.example\.dev\/application\/o\/authorize\/\?/,
      );
      expect(clientAskedFor(visit.headers.location), where).toBe(ours);
    }
    for (const where of ['/api/health', '/public/x', '/public']) {
      expect(await sandbox.visit('grafana.example.dev', where), where).toMatchObject({
        status: 200,
        servedBy: 'origin',
      });
    }
    expect((await sandbox.visit('grafana.example.dev', '/api%2Fhealth')).servedBy).not.toBe('origin');
  });

  it.each([
    { 'X-Forwarded-Uri': '/api/health' },
    { 'X-Forwarded-Host': 'docs.example.dev' },
    { 'X-Forwarded-Method': 'OPTIONS' },
  ])('trusts no claim of a client about another request: %o', async (headers) => {
    const visit = await sandbox.visit('grafana.example.dev', '/admin', headers);
    expect(visit.status).toBe(302);
    expect(clientAskedFor(visit.headers.location)).toBe((await providerOf('grafana.example.dev')).client_id);
  });

  it('logs a member of the family in to vault by its client, and nobody else', async () => {
    await personIn('family', 'ana');
    const { VAULT_CLIENT_ID: id = '', VAULT_CLIENT_SECRET: secret = '' } = await delivered('vault.env');
    const callback = 'https://vault.example.dev/identity/connect/oidc-signin';
    const issuer = new URL('https://auth.example.dev/application/o/vault/');
    const config = await oidc.discovery(issuer, id, secret, undefined, {
      [oidc.customFetch]: sandbox.fetch as oidc.CustomFetch,
    });
    const ask = async (username: string) => {
      const verifier = oidc.randomPKCECodeVerifier();
      const state = oidc.randomState();
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: 'openid profile email',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
      });
      const { cookie } = (await sandbox.admin('POST', '/login', { username })) as { cookie: string };
      const answer = await sandbox.visit(url.hostname, `${url.pathname}${url.search}`, { cookie });
      return { answer, verifier, state };
    };

    const { answer, verifier, state } = await ask('ana');
    expect(answer.status).toBe(302);
    const tokens = await oidc.authorizationCodeGrant(config, new URL(String(answer.headers.location)), {
      pkceCodeVerifier: verifier,
      expectedState: state,
    });
    const keys = createRemoteJWKSet(new URL(String(config.serverMetadata().jwks_uri)), {
      [joseFetch]: sandbox.fetch as never,
    });
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token ?? '', keys, {
      issuer: issuer.href,
      audience: id,
    });
    expect(protectedHeader.alg).toMatch(/^(RS|ES)256$/);
    expect(payload.preferred_username).toBe('ana');

    const refused = await ask('jo');
    expect(refused.answer.status).not.toBe(302);
    expect(refused.answer.headers.location).toBeUndefined();
  });
});

describe('an origin that trusts a client’s claims about its request', () => {
  beforeAll(() => begin({ ...traefik, trustForwarded: true }));
  afterAll(end);

  it('leaves its host hidden, and the plan names the header and what to do', async () => {
    const applied = await command('apply', '--yes');
    expect(applied.code).toBe(1);
    const { code, stdout } = await command('plan');
    expect(code).toBe(2);
    const plan = onOneLine(stdout);
    expect(plan).toMatch(/grafana\.example\.dev gates' probe → group admins/);
    expect(plan).toMatch(/X-Forwarded-(Uri|Host)/);
    expect(plan).toMatch(/drop the header before the forward-auth middleware/);
    const visit = await sandbox.visit('grafana.example.dev', '/admin', { 'X-Forwarded-Uri': '/api/health' });
    expect(visit).toMatchObject({ status: 403, servedBy: 'access' });
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
  });
});

describe('a Traefik that does not send the host through the outpost', () => {
  beforeAll(() => begin({ ...traefik, forwardAuth: 'none' }));
  afterAll(end);

  it('keeps that host closed, says why, opens the others, and opens it once the origin is right', async () => {
    const applied = await command('apply', '--yes');
    expect(applied.code).toBe(1);
    expect(onOneLine(applied.stderr)).toMatch(
      /grafana\.example\.dev.*does not send the host through the outpost/,
    );
    expect(onOneLine((await command('plan')).stdout)).toMatch(
      /the last time: .*does not send the host through the outpost/,
    );
    const probed = await command('probe');
    expect(probed.code).toBe(1);
    expect(probed.stdout).toMatch(/grafana\.example\.dev/);
    expect(probed.stdout).toMatch(/does not send the host through the outpost/);
    expect(await sandbox.visit('grafana.example.dev')).toMatchObject({ status: 403, servedBy: 'access' });
    expect(await sandbox.visit('docs.example.dev')).toMatchObject({ status: 200, servedBy: 'origin' });
    expect((await sandbox.visit('proxmox.example.dev')).status).toBe(302);

    await sandbox.admin('PUT', '/origins', traefik);
    expect((await command('apply', '--yes')).code).toBe(0);
    const visit = await sandbox.visit('grafana.example.dev');
    expect(clientAskedFor(visit.headers.location)).toBe((await providerOf('grafana.example.dev')).client_id);
    expect(await command('plan')).toMatchObject({ code: 0 });
    expect(await command('probe')).toMatchObject({ code: 0 });
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
  });
});

/** An edge that answers nothing and counts its requests. */
async function countingEdge(): Promise<{ readonly url: string; asked(): number; close(): void }> {
  let count = 0;
  const server = createServer((_, response) => {
    count += 1;
    response.writeHead(500).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked: () => count, close: () => server.close() };
}
