import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createForge } from '../../daemon/forge.ts';
import { needs } from '../../support/programs.ts';
import { browserOf } from '../support/browser.ts';
import { head } from '../support/file-head.ts';
import {
  collect,
  type Environment,
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import {
  type Application,
  freePort,
  type Reached,
  type RunningProxy,
  reached,
  startApplication,
  startProxy,
  startTraefik,
} from '../support/proxy-origin.ts';

/**
 * The real nginx, Caddy and Traefik with exactly the text of `gates outputs`, behind the sandbox's edge and in front of an
 * application. Whoever is in the LAN reaches the proxy directly.
 */
const wiki = 'wiki.example.dev';
const grafana = 'grafana.example.dev';
const items = 'items.example.dev';

function file(proxy: string, outpost: string, secrets: string): string {
  return `${head}  proxy: { tunnel: homelab, url: "${proxy}", forwardAuth: true }
  authentik: { tunnel: homelab, url: "http://authentik.lan:9000" }
authentik: { url: "http://authentik.lan:9000", outpostUrl: "${outpost}", service: auth }
groups: { admins: {} }
clients:
  items:
    grantTypes: [client_credentials]
    signingKey: own
    everyone: { reason: machines }
    deliver: [ { file: ${secrets}/items.env } ]
services:
  auth: { host: auth.example.dev, origin: authentik, gate: { identityProvider: {} } }
  grafana:
    host: ${grafana}
    origin: proxy
    gate: { authentik: { mode: forwardAuth, groups: [admins] } }
    cache: header
    paths: { /api/health: { public: { reason: uptime probe } } }
  wiki:
    host: ${wiki}
    origin: proxy
    gate: { cloudflare: { emails: [me@example.dev] } }
    paths:
      /admin/**: { cloudflare: { emails: [root@example.dev] } }
      /health.json: { public: { reason: uptime probe } }
  items:
    host: ${items}
    origin: proxy
    gate: { jwt: { at: origin, keys: { client: items }, audience: items, operations: ["GET /v1/items"] } }
`;
}

/** Every header by which an application could take a visitor for somebody else. */
const claims = {
  'Remote-User': 'root@example.dev',
  'Remote-Email': 'root@example.dev',
  Remote_User: 'root@example.dev',
  'X-Authentik-Username': 'root',
  'X-Authentik-Groups': 'admins',
  'X-Authentik-Meta-App': 'grafana',
  Forwarded: 'host=admin.example.dev',
  'X-Original-Url': '/admin',
  'X-Rewrite-Url': '/admin',
};

describe.each(['nginx', 'caddy', 'traefik'] as const)('%s, with the text of `gates outputs`', (program) => {
  describe('runs', needs(program), () => {
    let sandbox: SandboxProcess;
    let directory: string;
    let application: Application;
    let proxy: RunningProxy | undefined;
    let daemon: ChildProcess;
    let log = () => '';
    let port: number;
    let env: Environment;
    let listen: string;

    beforeAll(async () => {
      directory = await temporaryDirectory();
      sandbox = await startSandboxProcess(['--cache', 'on']);
      application = await startApplication();
      port = await freePort();
      listen = `127.0.0.1:${await freePort()}`;
      const stateDir = path.join(directory, 'state');
      const text = file(
        `http://127.0.0.1:${port}`,
        sandbox.env.AUTHENTIK_URL ?? '',
        path.join(stateDir, 'secrets'),
      );
      const forge = createForge(directory);
      forge.push({ 'gates.yaml': text });
      await writeFile(path.join(directory, 'gates.yaml'), text);
      env = {
        ...sandbox.env,
        GATES_STATE_DIR: stateDir,
        GATES_REPOSITORY: `file://${forge.bare}`,
        GATES_LISTEN: listen,
        GATES_HOOKS_LISTEN: '127.0.0.1:0',
      };
      daemon = start(['run'], env);
      log = collect(daemon.stderr);
    });

    afterAll(async () => {
      if (daemon.exitCode === null) {
        daemon.kill('SIGKILL');
        await once(daemon, 'exit');
      }
      await proxy?.stop();
      application.close();
      await sandbox.stop();
      await remove(directory);
    });

    const token = async (email: string, where = '/') =>
      ((await sandbox.admin('POST', '/login', { host: wiki, email, path: where })) as { jwt: string }).jwt;

    /** The request that reached the application through edge and proxy. */
    const visited = async (host: string, where: string, headers: Readonly<Record<string, string>>) =>
      reached((await sandbox.visit(host, where, headers)).body);

    /** The same from the LAN, around the edge. */
    const inside = (host: string, where: string, headers: Readonly<Record<string, string>>) =>
      fromLan(port, host, where, headers);

    it('gates opens the hosts, because the proxy asks about each of them', async () => {
      const told = ['--application', application.url, '--daemon', `http://${listen}`];
      const printed = await gates(['outputs', '--format', program, ...told], {}, directory);
      expect(printed).toMatchObject({ code: 0, stderr: '' });
      proxy =
        program === 'traefik'
          ? await startTraefik(printed.stdout, { port, directory, application: application.url })
          : await startProxy(program, printed.stdout, { port, directory });
      await expect.poll(() => isApplied(env), { interval: 1000 }).toBe(true);
      await addPeople(sandbox);
    });

    it('the proxy refuses a stranger, also in the LAN and with every claim', async () => {
      expect(await sandbox.visit(wiki, '/', claims)).toMatchObject({ servedBy: 'access' });
      for (const host of [wiki, grafana, items]) {
        for (const where of ['/', '/admin', '/admin/x', '/v1/items', '/health.json/x', '/api/health/x']) {
          expect(await inside(host, where, claims), `${host}${where}`).toBeUndefined();
          expect(
            await inside(host, where, { ...claims, 'Cf-Access-Jwt-Assertion': 'a.b.c' }),
          ).toBeUndefined();
        }
      }
      expect(log()).not.toContain('uncaught');
    });

    it('an admitted person gets through with the identity, and no claim reaches the application', async () => {
      const jwt = await token('me@example.dev');
      for (const arrived of [
        await visited(wiki, '/page?x=1', { ...claims, cookie: `CF_Authorization=${jwt}` }),
        await inside(wiki, '/page?x=1', { ...claims, 'Cf-Access-Jwt-Assertion': jwt }),
      ]) {
        expect(arrived).toMatchObject({
          path: '/page?x=1',
          headers: { 'remote-user': 'me@example.dev', 'remote-email': 'me@example.dev' },
        });
        expectNoClaim(arrived, ['Remote-User', 'Remote-Email', 'Remote_User', 'Forwarded', 'X-Original-Url']);
      }
    });

    it('a path with a gate of its own admits only its own people, however it is written', async () => {
      const [mine, roots] = [await token('me@example.dev'), await token('root@example.dev', '/admin/x')];
      const asMe = { 'Cf-Access-Jwt-Assertion': mine };
      for (const where of [
        ...['/admin', '/admin/', '/admin/x', '/ADMIN/x', '//admin/x', '/x/../admin/x', '/admin%2Fx'],
        ...['/%61dmin/x', '/x%2F..%2Fadmin', '/health.json/../admin', '/admin/../health.json%2F..%2Fadmin'],
      ]) {
        expect((await inside(wiki, where, asMe))?.path ?? '/', where).not.toMatch(/admin/i);
      }
      const arrived = await inside(wiki, '/admin/x', { ...claims, 'Cf-Access-Jwt-Assertion': roots });
      expect(arrived).toMatchObject({ path: '/admin/x', headers: { 'remote-user': 'root@example.dev' } });
      expect(await inside(wiki, '/page', { 'Cf-Access-Jwt-Assertion': roots })).toBeUndefined();
    });

    it('an open path admits everybody as nobody', async () => {
      for (const [host, where] of [
        [wiki, '/health.json'],
        [grafana, '/api/health'],
      ] as const) {
        for (const arrived of [await visited(host, where, claims), await inside(host, where, claims)]) {
          expect(arrived, host).toMatchObject({ path: where });
          expectNoClaim(arrived, host === wiki ? remoteClaims : outpostClaims);
        }
      }
    });

    it('a member of the group gets through the login of Authentik with the identity', async () => {
      const within = await browserOf(sandbox, { username: 'june' }).follow(`https://${grafana}/d/1?x=1`);
      expect(within.url).toBe(`https://${grafana}/d/1?x=1`);
      expect(reached(within.body)).toMatchObject({
        headers: { 'x-authentik-username': 'june', 'x-authentik-groups': 'admins' },
      });
      const refused = await browserOf(sandbox, { username: 'fay' }).follow(`https://${grafana}/d/1`);
      expect(refused.body).toContain('Permission denied');
    });

    it('a machine with a token of the client reaches the operations and nothing else', async () => {
      const text = await readFile(path.join(directory, 'state', 'secrets', 'items.env'), 'utf8');
      const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
      const grant = {
        grant_type: 'client_credentials',
        client_id: value('ITEMS_CLIENT_ID'),
        client_secret: value('ITEMS_CLIENT_SECRET'),
      };
      const answer = await sandbox.fetch('https://auth.example.dev/application/o/token/', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(grant).toString(),
      });
      const { access_token: bearer } = (await answer.json()) as { readonly access_token: string };
      const asked = { ...claims, authorization: `Bearer ${bearer}` };
      const arrived = await visited(items, '/v1/items', asked);
      expect(arrived).toMatchObject({ path: '/v1/items' });
      expectNoClaim(arrived, ['Remote-User', 'Remote_User']);
      expect(await visited(items, '/v1/others', asked)).toBeUndefined();
      const told = { 'X-Forwarded-Uri': '/v1/items', 'X-Forwarded-Method': 'GET' };
      expect(await visited(items, '/v1/others', { ...asked, ...told })).toBeUndefined();
    });
  });
});

const remoteClaims = ['Remote-User', 'Remote-Email', 'Remote_User', 'Forwarded', 'X-Original-Url'] as const;
const outpostClaims = ['X-Authentik-Username', 'X-Authentik-Meta-App', 'Forwarded', 'X-Rewrite-Url'] as const;

function expectNoClaim(arrived: Reached | undefined, names: readonly (keyof typeof claims)[]): void {
  for (const name of names) expect(arrived?.headers[name.toLowerCase()], name).not.toBe(claims[name]);
}

async function isApplied(env: Environment): Promise<boolean> {
  const { code, stdout } = await gates(['status', '--output', 'json'], env);
  return code === 0 && JSON.parse(stdout).inForce?.applied === true;
}

/** June is in the group of Authentik, and Fay is not. */
async function addPeople(sandbox: SandboxProcess): Promise<void> {
  const authentik = (method: string, where: string, body?: object) =>
    sandbox.admin('POST', '/edit', {
      ...{ actor: 'somebody', system: 'authentik', method, path: `/api/v3${where}`, body },
    });
  const { results } = (await authentik('GET', '/core/groups/')) as {
    results: { pk: string; name: string }[];
  };
  const admins = results.filter(({ name }) => name === 'admins').map(({ pk }) => pk);
  for (const [username, groups] of [
    ['june', admins],
    ['fay', []],
  ] as const) {
    const email = `${username}@example.dev`;
    await authentik('POST', '/core/users/', { username, name: username, email, groups });
  }
}

function fromLan(
  port: number,
  host: string,
  where: string,
  headers: Readonly<Record<string, string>>,
): Promise<Reached | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: where, headers: { ...headers, host } };
    const sent = request(options, (answer) => {
      const text = collect(answer);
      answer.on('end', () => resolve(reached(text())));
    });
    sent.on('error', reject);
    sent.end();
  });
}
