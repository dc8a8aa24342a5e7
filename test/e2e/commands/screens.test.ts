import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/** Twelve services of a home: the login page, five logins, two machines, one address, two public hosts, and a path. */
const twelveServices = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [family] } }
groups: { admins: {}, family: {} }
serviceTokens: { ci: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  vault: { tunnel: homelab, url: "http://vault.lan:8200" }
clients:
  vault: { redirectUris: ["https://vault.example.dev/callback"], groups: [family] }
  photos: { redirectUris: ["https://photos.example.dev/auth/login"], groups: [family] }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { mode: forwardAuth, groups: [admins] } }
    paths: { /api/health: { public: { reason: uptime } } }
  wiki: { host: wiki.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
  music: { host: music.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
  recipes: { host: recipes.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
  vault: { host: vault.example.dev, origin: vault, gate: { authentik: { mode: oidc, client: vault } } }
  photos: { host: photos.example.dev, origin: traefik, gate: { authentik: { mode: oidc, client: photos } } }
  registry: { host: registry.example.dev, origin: traefik, gate: { serviceToken: { tokens: [ci] } } }
  deploy: { host: deploy.example.dev, origin: traefik, gate: { serviceToken: { tokens: [ci] } } }
  router: { host: router.example.dev, origin: traefik, gate: { cloudflare: { emails: [me@example.dev] } } }
  blog: { host: blog.example.dev, origin: traefik, gate: { public: { reason: a blog } } }
  status: { host: status.example.dev, origin: traefik, gate: { public: { reason: a status page } } }
`;

/** The lines of two screens of 24. */
const TWO_SCREENS = 48;

let sandbox: SandboxProcess;
let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  await writeFile(path.join(directory, 'gates.yaml'), twelveServices);
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  gates(args, { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state'), ...env }, directory);

/** The lines of both streams on a terminal of 80 columns. */
function screenOf({ stdout, stderr }: Ran): readonly string[] {
  return `${stdout}${stderr}`.trimEnd().split('\n');
}

function expectToFit(lines: readonly string[]): void {
  expect(lines.length).toBeLessThanOrEqual(TWO_SCREENS);
  for (const line of lines) {
    expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(line).toBe(line.trimEnd());
  }
}

/** Makes the proxy send these hosts through the outpost. */
const sendThroughOutpost = (...forwardAuth: readonly string[]) =>
  sandbox.admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });

const times = (lines: readonly string[], text: string) =>
  lines.join(' ').replaceAll(/\s+/g, ' ').split(text).length - 1;

describe('at 80 columns, on two screens', () => {
  it('the plan of twelve services has a line for each, and who reaches each host', async () => {
    const ran = await command(['plan']);
    expect(ran.code).toBe(2);
    const lines = screenOf(ran);
    expectToFit(lines);
    for (const service of ['auth', 'grafana', 'wiki', 'vault', 'registry', 'router', 'blog', 'status']) {
      expect(lines.filter((line) => line.includes(`${service}.example.dev`))).toHaveLength(1);
      expect(lines.filter((line) => line.includes(`services.${service} `))).toHaveLength(1);
    }
  });

  it.each([
    { system: 'Cloudflare', env: { CLOUDFLARE_API_TOKEN: 'wrong'.repeat(8) } },
    { system: 'Authentik', env: { AUTHENTIK_TOKEN: 'wrong'.repeat(8) } },
  ])('apply with a wrong token of $system names it once', async ({ system, env }) => {
    const lines = screenOf(
      await command(['apply', '--yes', '--file', 'gates.yaml'], {
        ...env,
        GATES_STATE_DIR: path.join(directory, system),
      }),
    );
    expectToFit(lines);
    expect(times(lines, 'could not be read')).toBe(1);
    expect(times(lines, `${Object.keys(env)[0]}`)).toBe(1);
  });

  it('apply with covered hosts names the cause once', async () => {
    await sendThroughOutpost('grafana.example.dev');
    await command(['apply', '--yes']);
    const lines = screenOf(await command(['apply', '--yes']));
    expectToFit(lines);
    expect(lines.filter((line) => line.startsWith('failed'))).toEqual([
      expect.stringContaining('music.example.dev'),
    ]);
    expect(times(lines, 'Could not confirm that the gate works')).toBe(1);
  });

  it('apply with an unknown zone names it once', async () => {
    const fresh = { GATES_STATE_DIR: path.join(directory, 'unknown-zone') };
    const asking = ['grafana', 'music', 'recipes', 'wiki'].map((name) => `${name}.example.dev`);
    await sendThroughOutpost(...asking);
    await writeFile(
      path.join(directory, 'other.yaml'),
      twelveServices.replace('[example.dev]', '[example.dev, other.dev]'),
    );
    const lines = screenOf(await command(['apply', '--yes', '--file', 'other.yaml'], fresh));
    expectToFit(lines);
    expect(times(lines, 'the zone is not in this account')).toBe(1);
  });
});
