import { domainToASCII } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPending } from '../../../../src/core/change.ts';
import type { TunnelRulePart } from '../../../../src/core/objects/parts/tunnel-parts.ts';
import { explain } from '../../../../src/doors/explanation.ts';
import { PartStore } from '../../../../src/doors/state/part-store.ts';
import { type EdgeView, viewOf } from '../../../../src/lab/sandbox/edge/view/view.ts';
import { createSandbox, type Sandbox } from '../../../../src/lab/sandbox/index.ts';
import { isWorld } from '../../../../src/lab/sandbox/state/world.ts';
import { temporaryDirectory as temporary } from '../../../daemon/temporary-directory.ts';
import { remove, temporaryDirectory } from '../../../e2e/support/processes.ts';
import { newDisk } from '../../../scenarios/stage/disk.ts';
import { askAdmin } from '../../../scenarios/stage/hand.ts';
import { runProcess, unfinished } from '../../../scenarios/stage/stage.ts';
import { needs } from '../../../support/programs.ts';
import { Cloudflared, type ConnectorConfiguration, type ConnectorRule } from './cloudflared.ts';
import { snapshotOf } from './reading.ts';

const mine = '{ cloudflare: { emails: [me@example.dev] } }';
const machines = '{ serviceToken: { tokens: [ci] } }';
const open = '{ public: { reason: everybody may } }';

/** Every scheme of an origin, every sort of path, and hosts that a foreign wildcard covers too. */
const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins:
  shell: { tunnel: homelab, url: "ssh://nas.lan:22" }
  desktop: { tunnel: homelab, url: "rdp://pc.lan:3389" }
  share: { tunnel: homelab, url: "smb://nas.lan:445" }
  database: { tunnel: homelab, url: "tcp://db.lan:5432" }
  socket: { tunnel: homelab, url: "unix:/run/app.sock", router: true }
  plain: { tunnel: homelab, url: "http://plain.lan:8080", router: true }
  secure: { tunnel: homelab, url: "https://secure.lan:8443", noTLSVerify: true, connectTimeout: 10s }
  six: { tunnel: homelab, url: "http://[fd00::1]:8080" }
services:
  shell: { host: shell.example.dev, origin: shell, gate: ${mine} }
  desktop: { host: desktop.example.dev, origin: desktop, gate: ${mine} }
  share: { host: share.example.dev, origin: share, gate: ${machines} }
  database: { host: database.example.dev, origin: database, gate: ${machines} }
  socket: { host: socket.example.dev, origin: socket, gate: ${mine}, paths: { /health: ${open}, /admin/**: ${machines} } }
  six: { host: six.example.dev, origin: six, gate: ${open} }
  apex: { host: example.dev, origin: plain, gate: ${open} }
  wiki:
    host: wiki.example.dev
    origin: plain
    gate: ${open}
    paths:
      /admin/**: ${mine}
      /admin/open: ${open}
      /files.v1/+x: ${machines}
  secure:
    host: secure.example.dev
    origin: secure
    gate: ${mine}
    hostHeader: inside.example.dev
    paths: { /hook: ${open} }
serviceTokens: { ci: { duration: 8760h } }
`;

/** Rules of others in the same tunnel, which gates leaves alone. */
const foreign: readonly ConnectorRule[] = [
  { hostname: 'theirs.example.dev', path: '\\.(jpg|png|css)$', service: 'https://files.lan:443' },
  { hostname: 'theirs.example.dev', path: '^/v[0-9]+/(?i:Status)$', service: 'http_status:503' },
  { hostname: 'theirs.example.dev', service: 'unix+tls:/run/theirs.sock', originRequest: { tlsTimeout: 5 } },
  { hostname: 'Upper.example.dev', service: 'http://upper.lan:80' },
  { hostname: 'My_Upper.example.dev', service: 'http://my-upper.lan:80' },
  { hostname: '*.Deep.example.dev', service: 'http://deep.lan:80' },
  { hostname: 'bücher.example.dev', path: '^/ä', service: 'http://books.lan:80' },
  { hostname: 'bü_cher.example.dev', service: 'http://odd-books.lan:80' },
  { hostname: '*.example.dev', path: '^/only', service: 'hello_world' },
  { hostname: '*.example.dev', service: 'http://wild.lan:80', originRequest: { keepAliveTimeout: 90 } },
];

const hosts = [
  ...['shell', 'desktop', 'share', 'database', 'socket', 'six', 'wiki', 'secure', 'theirs', 'upper'].map(
    (label) => `${label}.example.dev`,
  ),
  ...['example.dev', 'xn--bcher-kva.example.dev', 'a.deep.example.dev', 'a.b.example.dev'],
  ...['my_upper.example.dev', 'xn--b_cher-3ya.example.dev'],
];

const paths = ['/', '/health', '/health/', '/admin', '/admin/', '/admin/x', '/admin/open', '/admin/open/x'];
const others = ['/only', '/hook', '/files.v1/+x', '/x.png', '/v2/STATUS', '/files.v1/%2Bx', '/%61dmin/x'];

/** Spellings that each program may read in its own way. */
const odd = [
  ...['//admin/x', '/x/../admin/x', '/admin%2Fx', '/ADMIN/x', '/admin;x/y', '/admin./x', '/%C3%A4', '/ä'],
  ...['/admin/%ff', '/%ff', '/admin%00', '/admin/%5Cx', '/admin%20/x', '/admin%252Fx', '/%zz', '/admin/%'],
];

describe('cloudflared itself', needs('cloudflared'), () => {
  let sandbox: Sandbox;
  let store: PartStore;
  let view: EdgeView;
  let tunnelId: string;
  let configuration: ConnectorConfiguration;
  let cloudflared: Cloudflared;
  let folder: string;

  beforeAll(async () => {
    folder = await temporaryDirectory();
    sandbox = await createSandbox({ zones: ['example.dev'] });
    await placeForeignRules(sandbox);
    const disk = newDisk();
    expect(unfinished((await runProcess(sandbox, disk, file)).report)).toEqual([]);
    expect((await runProcess(sandbox, disk, file)).report?.plan?.changes.filter(isPending)).toEqual([]);
    const world: unknown = JSON.parse(sandbox.snapshot());
    if (!isWorld(world)) throw new Error('the snapshot is no world');
    view = viewOf(world);
    store = PartStore.of(await snapshotOf(world, file, { tellsOrigins: true }));
    tunnelId = world.tunnels[0]?.id ?? '';
    configuration = await configurationOf(sandbox, tunnelId);
    cloudflared = await Cloudflared.with(configuration, folder);
  });

  afterAll(() => remove(folder));

  /** The index of the rule that the sandbox's edge takes. */
  function ofSandbox(host: string, where: string): number | 'not a URL' {
    const found = view.ingress(tunnelId, host, where);
    if (found.kind === 'verdict') return 'not a URL';
    return configuration.ingress.findIndex((rule) => isSame(rule, found.rule));
  }

  /** The indexes of the rules that the model has for the host and path; several if they depend on the spelling. */
  function ofModel(host: string, where: string): readonly number[] {
    const { layers } = explain(store, { host, path: where, method: 'GET' }, () => 'refused');
    const parts = layers.flatMap(({ weighed }) => weighed.map(({ part }) => part));
    const rules = parts.filter((part): part is TunnelRulePart => part.part === 'tunnel-rule');
    return rules.map((part) =>
      configuration.ingress.findIndex(({ hostname = '', ...rule }) =>
        [hostname, domainToASCII(hostname)].some((name) => isSame({ ...rule, hostname: name }, part)),
      ),
    );
  }

  it('accepts the configuration without a warning', async () => {
    expect(configuration.ingress.length).toBeGreaterThan(25);
    expect(await cloudflared.validated()).toEqual(['OK', 'OK']);
  });

  it('refuses one that it cannot run', async () => {
    const other = temporary();
    const ingress = [...configuration.ingress].reverse();
    const [received, asFile] = await (await Cloudflared.with({ ingress }, other)).validated();
    for (const printed of [received, asFile])
      expect(printed).toMatch(/Validation failed: .*(match all URLs|rules which follow it)/);
  });

  it.each(hosts)('takes the rule of %s that sandbox and model take', async (host) => {
    for (const where of [...paths, ...others]) {
      const rule = await cloudflared.rule(host, where);
      expect({ where, sandbox: ofSandbox(host, where), model: ofModel(host, where) }).toEqual({
        where,
        sandbox: rule,
        model: [rule],
      });
    }
  });

  it.each(hosts)('takes for odd spellings at %s a rule of which the model knows', async (host) => {
    for (const where of odd) {
      const rule = await cloudflared.rule(host, where);
      expect({ where, sandbox: ofSandbox(host, where) }).toEqual({ where, sandbox: rule });
      if (rule !== 'not a URL') expect(ofModel(host, where), where).toContain(rule);
    }
  });
});

async function placeForeignRules(sandbox: Sandbox): Promise<void> {
  const account = `/accounts/${sandbox.accountId}/cfd_tunnel`;
  const byHand = (method: string, path: string, body?: unknown) =>
    askAdmin(sandbox, 'POST', '/edit', { actor: 'somebody', system: 'cloudflare', method, path, body });
  const { result } = (await byHand('GET', account)) as { readonly result: readonly { id: string }[] };
  const ingress = [...foreign, { service: 'http_status:404' }];
  await byHand('PUT', `${account}/${result[0]?.id}/configurations`, { config: { ingress } });
  const record = { type: 'CNAME', name: '*', content: `${result[0]?.id}.cfargotunnel.com`, proxied: true };
  await byHand('POST', `/zones/${sandbox.zones[0]?.id}/dns_records`, { ...record, ttl: 1 });
}

async function configurationOf(sandbox: Sandbox, tunnel: string): Promise<ConnectorConfiguration> {
  const path = `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnel}/configurations`;
  const reply = await sandbox.fetch(`${sandbox.urls.cloudflare}${path}`, {
    headers: { authorization: `Bearer ${sandbox.token}` },
  });
  return ((await reply.json()) as { result: { config: ConnectorConfiguration } }).result.config;
}

interface Rule {
  readonly hostname?: string | undefined;
  readonly path?: string | undefined;
  readonly service: string;
}

function isSame(rule: Rule, other: Rule): boolean {
  const keyOf = ({ hostname = '', path: at = '', service }: Rule) =>
    JSON.stringify([hostname === '*' ? '' : hostname, at, service]);
  return keyOf(rule) === keyOf(other);
}
