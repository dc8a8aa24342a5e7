import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../support/programs.ts';
import { browserOf } from '../support/browser.ts';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import {
  type Application,
  freePort,
  type ProxyProgram,
  type RunningProxy,
  reached,
  startApplication,
  startProxy,
} from '../support/proxy-origin.ts';

/** The host of the page, and one in mode `domain`, where the outpost does not decode a slash either. */
const host = 'grafana.example.dev';
const wiki = 'wiki.example.dev';

function file(origin: string, outpost: string): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: "http://authentik.lan:9000"
  outpostUrl: "${outpost}"
  service: auth
  domains: { example.dev: { groups: [admins] } }
groups: { admins: {} }
origins:
  authentik: { tunnel: homelab, url: "http://authentik.lan:9000" }
  proxy: { tunnel: homelab, url: "${origin}", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: authentik, gate: { identityProvider: {} } }
  grafana:
    host: ${host}
    origin: proxy
    gate: { authentik: { mode: forwardAuth, groups: [admins] } }
    cache: header
    paths:
      /api/health: { public: { reason: "uptime probe" } }
  wiki:
    host: ${wiki}
    origin: proxy
    gate: { authentik: { mode: domain } }
    cache: header
    paths:
      /api/health: { public: { reason: "uptime probe" } }
`;
}

/** An unsafe configuration, and the finding that gates must report. */
interface Flaw {
  readonly because: string;
  /** Changes the printed configuration. */
  readonly config: (printed: string) => string;
  readonly seen: string;
}

const caddyFlaws: readonly Flaw[] = [
  {
    because: 'it does not ask',
    config: () => `http://${host} {\n\treverse_proxy http://grafana.lan:3000\n}\n`,
    seen: 'GET / got through to the application (200)',
  },
  {
    because: 'it trusts the forwarding headers of private addresses, as Authentik’s page has it',
    config: (text) =>
      without(text, /header_up X-Forwarded-Host \S+/g).replaceAll(
        /(uri \S+\/auth\/caddy)/g,
        '$1\n\t\t\ttrusted_proxies private_ranges',
      ),
    seen: 'GET / with X-Forwarded-Host: gates-probe.invalid',
  },
  {
    because: 'it hands an encoded slash on, as Caddy does by itself',
    config: (text) => without(text, /respond @encoded 400/g),
    seen: 'GET /api%2Fhealth got through to the application (200)',
  },
];

const nginxFlaws: readonly Flaw[] = [
  {
    because: 'it does not ask',
    config: () =>
      `server { listen 80; server_name ${host}; location / { proxy_pass http://grafana.lan:3000; } }\n`,
    seen: 'GET / got through to the application (200)',
  },
  {
    because: 'the outpost believes X-Original-URI of a client, as with Authentik’s page',
    config: (text) => without(text, /location \/outpost[^}]*?(proxy_set_header +X-Original-URI +"";)/gs),
    seen: 'GET / with X-Original-URI: /outpost.goauthentik.io/gates-probe got through to the application (200)',
  },
  {
    because: 'it hands an encoded slash on, as nginx does by itself',
    config: (text) => without(text, /^ +"~\*.*;$/m),
    seen: 'GET /api%2Fhealth got through to the application (200)',
  },
  {
    because: 'the outpost takes dots behind its own path for its own',
    config: (text) => text.replace(String.raw`|/\.\.?([/?]|$)`, ''),
    seen: 'GET /outpost.goauthentik.io/../gates-probe got through to the application (200)',
  },
];

/** The text without each match of the expression, or without its group. */
function without(text: string, found: RegExp): string {
  const less = text.replace(found, (all, group?: unknown) =>
    typeof group === 'string' ? all.replace(group, '') : '',
  );
  if (less === text) throw new Error(`gates outputs prints nothing like ${found.source}`);
  return less;
}

/** A stranger's requests for guarded paths, each with another spelling or claim. */
const attempts: readonly { readonly where: string; readonly claim?: Readonly<Record<string, string>> }[] = [
  { where: '/' },
  { where: '/admin' },
  { where: '/api/healthz' },
  { where: '/API/health' },
  { where: '/api%2Fhealth' },
  { where: '/api/health/../../admin' },
  { where: '/api/health%2F..%2Fadmin' },
  { where: '//api/health' },
  { where: '/outpost.goauthentik.io/../admin' },
  { where: '/outpost.goauthentik.io/%2e%2e/admin' },
  { where: '/outpost.goauthentik.io%2F..%2Fadmin' },
  { where: '/outpost.goauthentik.iox/admin' },
  { where: '/admin', claim: { 'X-Forwarded-Uri': '/api/health' } },
  { where: '/admin', claim: { 'X-Forwarded-Host': 'docs.example.dev' } },
  { where: '/admin', claim: { 'X-Forwarded-Method': 'OPTIONS' } },
  { where: '/admin', claim: { 'X-Original-URL': `https://${host}/api/health` } },
  { where: '/admin', claim: { 'X-Original-URI': '/api/health' } },
  { where: '/admin', claim: { 'X-Original-URI': '/outpost.goauthentik.io/x' } },
  { where: '/admin', claim: { 'X-Authentik-Username': 'root' } },
];

for (const { program, flaws } of [
  { program: 'caddy', flaws: caddyFlaws },
  { program: 'nginx', flaws: nginxFlaws },
] as const) {
  describe(`${program} as the origin of a forward-auth gate`, needs(program), () => {
    let sandbox: SandboxProcess;
    let directory: string;
    let application: Application;
    let port: number;
    let printed: string;
    let proxy: RunningProxy | undefined;

    beforeAll(async () => {
      directory = await temporaryDirectory();
      sandbox = await startSandboxProcess(['--cache', 'on']);
      application = await startApplication();
      port = await freePort();
      const text = file(`http://127.0.0.1:${port}`, sandbox.env.AUTHENTIK_URL ?? '');
      await writeFile(path.join(directory, 'gates.yaml'), text);
      const ran = await command('outputs', '--format', program, '--application', application.url);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      printed = ran.stdout;
    });

    afterAll(async () => {
      await proxy?.stop();
      application.close();
      await sandbox.stop();
      await remove(directory);
    });

    const command = (...args: string[]): Promise<Ran> =>
      gates(args, { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') }, directory);

    /** Restarts the proxy with this configuration. */
    async function configure(text: string): Promise<void> {
      await proxy?.stop();
      const placed = text.replaceAll('http://grafana.lan:3000', application.url);
      proxy = await startProxy(program as ProxyProgram, placed, { port, directory });
    }

    /** The stranger's requests that the application answered. */
    async function gotThrough(): Promise<readonly object[]> {
      const through: object[] = [];
      for (const to of [host, wiki]) {
        for (const { where, claim = {} } of attempts) {
          const { body } = await sandbox.visit(to, where, claim);
          if (reached(body) !== undefined) through.push({ to, where, claim });
        }
      }
      return through;
    }

    /** Applies, while a stranger asks again and again. */
    async function applied(): Promise<{ readonly ran: Ran; readonly through: readonly object[] }> {
      let isOver = false;
      const running = command('apply', '--yes').finally(() => {
        isOver = true;
      });
      const through: object[] = [];
      while (!isOver) through.push(...(await gotThrough()));
      return { ran: await running, through };
    }

    it.each(flaws.map((flaw) => [flaw.because, flaw] as const))(
      'stays closed while %s',
      async (_, { config, seen }) => {
        await configure(config(printed));
        const { ran, through } = await applied();
        expect(ran.code, ran.stdout).toBe(1);
        // Screens wrap at the width of the terminal.
        expect(`${ran.stdout}${ran.stderr}`.replace(/\s+/g, ' ')).toContain(seen);
        expect(through).toEqual([]);
        expect(await gotThrough()).toEqual([]);
        expect((await command('plan')).stdout).toContain(host);
        expect(await sandbox.visit(host, '/')).toMatchObject({ servedBy: 'access' });
      },
    );

    it('opens once the proxy asks as printed, and then there is nothing to do', async () => {
      await configure(printed);
      const { ran, through } = await applied();
      expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(0);
      expect(through).toEqual([]);
      expect(await command('plan')).toMatchObject({ code: 0 });
      const before = (await sandbox.writes()).length;
      expect(await command('apply', '--yes')).toMatchObject({ code: 0 });
      expect(await sandbox.writes()).toHaveLength(before);
      expect(await gotThrough()).toEqual([]);
    });

    it('leads a member of the group through the login to the application, and nobody else', async () => {
      const groups = (await authentik('GET', '/core/groups/')) as { results: { pk: string; name: string }[] };
      const admins = groups.results.filter(({ name }) => name === 'admins').map(({ pk }) => pk);
      for (const [username, memberOf] of [
        ['june', admins],
        ['fay', []],
      ] as const) {
        const email = `${username}@example.dev`;
        await authentik('POST', '/core/users/', { username, name: username, email, groups: memberOf });
      }
      for (const to of [host, wiki]) {
        const inside = await browserOf(sandbox, { username: 'june' }).follow(`https://${to}/d/1?x=1`);
        expect(inside.url).toBe(`https://${to}/d/1?x=1`);
        expect(reached(inside.body)).toMatchObject({
          path: '/d/1?x=1',
          headers: { 'x-authentik-username': 'june', 'x-authentik-groups': 'admins' },
        });
        const refused = await browserOf(sandbox, { username: 'fay' }).follow(`https://${to}/d/1`);
        expect(refused.body).toContain('Permission denied');
      }
    });

    it('admits everybody to the open path, and removes their claims about who they are', async () => {
      const claims = {
        'X-Authentik-Username': 'root',
        'X-Authentik-Meta-App': 'grafana',
        'X-Original-Url': '/admin',
        'X-Rewrite-Url': '/admin',
        Forwarded: 'host=admin.example.dev',
      };
      for (const to of [host, wiki]) {
        const { body } = await sandbox.visit(to, '/api/health', claims);
        const told = reached(body);
        expect(told).toMatchObject({ path: '/api/health' });
        for (const [name, value] of Object.entries(claims))
          expect(told?.headers[name.toLowerCase()], name).not.toBe(value);
      }
    });

    const authentik = (method: string, where: string, body?: object) =>
      sandbox.admin('POST', '/edit', {
        actor: 'somebody',
        system: 'authentik',
        method,
        path: `/api/v3${where}`,
        body,
      });
  });
}
