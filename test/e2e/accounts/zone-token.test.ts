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

let sandbox: SandboxProcess;
let directory: string;
let env: Environment;
let zoneIds: readonly string[];

const TOKEN = 'narrow-token-of-example-net-0123456789ab';

const account = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev, example.net]
  zoneTokens: { example.net: net }
  tunnels: { homelab: {} }
`;
const file = `${account}origins: { app: { tunnel: homelab, url: "http://app.lan:80", router: true } }
services:
  docs: { host: docs.example.dev, origin: app, gate: { public: { reason: documentation } } }
  nas: { host: nas.example.net, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }
dns: { example.net: [{ name: www, type: CNAME, content: example.org }] }
waf: { skip: { hosts: [docs.example.dev, nas.example.net], products: [bic] } }
`;

const run = (...args: string[]) => gates(args, env, directory);

/** Permissions of a token for one zone, and of the token of an account. */
const OF_ZONE = [
  ...[
    'Zone Read',
    'DNS Write',
    'Zone WAF Write',
    'Cache Settings Write',
    'Cache Purge',
    'Bot Management Read',
  ],
  ...['Workers Routes Read', 'Page Rules Read', 'Snippets Read', 'Zone Settings Read'],
  ...['SSL and Certificates Read', 'Dynamic URL Redirects Read', 'Zone Transform Rules Read', 'Origin Read'],
];
const OF_ACCOUNT = [
  ...['Access: Apps and Policies Write', 'Access: Service Tokens Write', 'Cloudflare Tunnel Write'],
  'Access: Organizations, Identity Providers, and Groups Write',
  ...[
    'Zero Trust Read',
    'Account Settings Read',
    'Access: Mutual TLS Certificates Read',
    'Workers Scripts Read',
  ],
];

// biome-ignore lint/suspicious/noExplicitAny: the state is the sandbox's own
async function change(edit: (state: Record<string, any>) => void): Promise<void> {
  const state = (await sandbox.admin('GET', '/state')) as Record<string, unknown>;
  edit(state);
  await sandbox.admin('PUT', '/state', state);
}

/** The calls below each zone and all others, by the owners of their tokens. */
async function callers(): Promise<{ readonly [place: string]: readonly string[] }> {
  const { calls } = (await sandbox.admin('GET', '/calls')) as {
    calls: { system: string; path: string; caller: string }[];
  };
  const [dev = '', net = ''] = zoneIds;
  const of = (holds: (where: string) => boolean) => [
    ...new Set(
      calls.flatMap(({ system, path: where, caller }) =>
        system === 'cloudflare' && holds(where) ? [caller] : [],
      ),
    ),
  ];
  return {
    dev: of((where) => where.includes(dev)),
    net: of((where) => where.includes(net)),
    account: of((where) => where.includes('/accounts/')),
  };
}

beforeEach(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess(['--zone', 'example.net']);
  await sandbox.admin('PUT', '/origins', { url: 'http://app.lan:80', kind: 'application' });
  await change((state) => {
    zoneIds = state.zones.map(({ id }: { id: string }) => id);
    const [token] = state.apiTokens;
    Object.assign(token, { permissions: [...OF_ACCOUNT, ...OF_ZONE], zones: ['example.dev'] });
    const own = { id: 'ab'.repeat(16), value: TOKEN, actor: 'net', status: 'active' };
    state.apiTokens.push({ ...own, permissions: OF_ZONE, zones: ['example.net'] });
  });
  const { AUTHENTIK_TOKEN: _, AUTHENTIK_URL: __, ...rest } = sandbox.env;
  const state = path.join(directory, 'state');
  env = { ...rest, GATES_EDGE_LAG: '0', CLOUDFLARE_ZONE_TOKEN_NET: TOKEN, GATES_STATE_DIR: state };
  await writeFile(path.join(directory, 'gates.yaml'), file);
});

afterEach(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('a zone with a token of its own', () => {
  it('is read and written with that token alone, which goes to no other place', async () => {
    const applied = await run('apply', '--yes');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    expect(await callers()).toEqual({ dev: ['daemon'], net: ['net'], account: ['daemon'] });
    const again = await run('plan');
    expect(again.code, again.stdout).toBe(0);
    const visits = [await sandbox.visit('docs.example.dev'), await sandbox.visit('nas.example.net')];
    expect(visits.map(({ status }) => status)).toEqual([200, 302]);
    await writeFile(path.join(directory, 'gates.yaml'), `${account}services: {}\n`);
    const removed = await run('apply', '--yes', '--allow', 'prune');
    expect(removed.code, removed.stdout + removed.stderr).toBe(0);
    expect(await callers()).toEqual({ dev: ['daemon'], net: ['net'], account: ['daemon'] });
    const shown = [applied, again, removed].map(({ stdout, stderr }) => stdout + stderr).join('');
    expect(shown).not.toContain(TOKEN);
  });

  it('may be every zone of the account, whose token then sees none', async () => {
    await change(({ apiTokens: [token, own] }) => {
      Object.assign(token, { permissions: OF_ACCOUNT, zones: [] });
      own.zones = ['example.dev', 'example.net'];
    });
    const text = file.replace('{ example.net: net }', '{ example.dev: net, example.net: net }');
    await writeFile(path.join(directory, 'gates.yaml'), text);
    const applied = await run('apply', '--yes');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    expect(await callers()).toEqual({ dev: ['net'], net: ['net'], account: ['daemon'] });
    const again = await run('plan');
    expect(again.code, again.stdout).toBe(0);
    const doctor = await run('doctor');
    expect(doctor.stdout).not.toContain('permission');
  });

  it('needs the variable that the file names', async () => {
    const { CLOUDFLARE_ZONE_TOKEN_NET: _, ...rest } = env;
    env = { ...rest, CLOUDFLARE_ZONE_TOKEN_NTE: TOKEN };
    const { code, stderr } = await run('plan');
    expect(code).toBe(1);
    expect(stderr).toContain('No token for the zone example.net');
    expect(stderr).toContain('Set CLOUDFLARE_ZONE_TOKEN_NET, or CLOUDFLARE_ZONE_TOKEN_NET_FILE');
    expect(stderr).toContain('CLOUDFLARE_ZONE_TOKEN_NTE is set, and gates.yaml has nothing of that name');
    const doctor = await run('doctor');
    expect(doctor.stdout).toContain('set CLOUDFLARE_ZONE_TOKEN_NET');
    expect(await sandbox.writes()).toEqual([]);
  });

  it('changes nothing while its token is refused or lacks a permission, and names the variable', async () => {
    await change(({ apiTokens: [, own] }) => {
      own.permissions = ['Zone Read', 'DNS Read'];
    });
    const lacking = await run('apply', '--yes');
    expect(lacking.code).toBe(1);
    expect(lacking.stdout + lacking.stderr).toContain('CLOUDFLARE_ZONE_TOKEN_NET');
    expect((await sandbox.visit('nas.example.net')).status).not.toBe(200);
    await change(({ apiTokens: [, own] }) => {
      own.status = 'disabled';
    });
    const before = (await sandbox.writes()).length;
    const refused = await run('apply', '--yes');
    expect(refused.code).toBe(1);
    expect((refused.stdout + refused.stderr).replace(/\s+/g, ' ')).toContain(
      'See whether CLOUDFLARE_ZONE_TOKEN_NET is right and active',
    );
    expect((await sandbox.writes()).length).toBe(before);
    expect((await callers()).net).toEqual(['net']);
    const doctor = await run('doctor');
    expect(doctor.stdout).toContain('The token is disabled');
  });

  it('is read with its token by every command about live systems', async () => {
    expect((await run('apply', '--yes')).code).toBe(0);
    for (const args of [
      ['doctor'],
      ['doctor', '--live'],
      ['import', '--into', 'gates.yaml'],
      ['plan', '--orphans'],
      ['export', 'copy'],
      ['plan', '--against', 'copy'],
      ['outputs'],
      ['why', 'nas.example.net'],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      expect(code, `${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
    }
    await writeFile(
      path.join(directory, 'gates.yaml'),
      file.replace(/emails: .*\] \}/, 'emails: [you@example.dev] }'),
    );
    const rehearsed = await run('plan', '--rehearse');
    expect(rehearsed.code, rehearsed.stdout + rehearsed.stderr).toBe(2);
    expect(rehearsed.stdout).toContain('Nobody gets through whom the file does not admit, at any step.');
    expect(await callers()).toEqual({ dev: ['daemon'], net: ['net'], account: ['daemon'] });
  });
});
