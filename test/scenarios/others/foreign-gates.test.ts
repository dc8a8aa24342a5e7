import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

/** Foreign objects at our doors: nobody may get more than the file says, and gates changes none of them. */
const file = (services: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
${services}
`;
const auth = '  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }';
const docs = '  docs: { host: docs.example.dev, origin: traefik, gate: { public: { reason: test } } }';
const app = '  app: { host: app.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } } }';
const mine =
  '  mine: { host: mine.example.dev, origin: traefik, gate: { cloudflare: { emails: [me@example.dev] } } }';

interface Stage {
  readonly sandbox: Sandbox;
  readonly disk: Disk;
  byHand(system: string, method: string, path: string, body: unknown): Promise<unknown>;
  ask(host: string): Promise<string>;
}

async function stage(): Promise<Stage> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const admin = async (method: string, path: string, body: unknown) => {
    const init = { method, body: JSON.stringify(body) };
    const reply = await sandbox.fetch(`${sandbox.urls.admin}${path}`, init);
    const text = await reply.text();
    if (!reply.ok) throw new Error(text);
    return JSON.parse(text);
  };
  const forwardAuth = ['app.example.dev'];
  await admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
  const edge = sandboxEdge(sandbox);
  const signal = new AbortController().signal;
  return {
    sandbox,
    disk: newDisk(),
    byHand: (system, method, path, body) =>
      admin('POST', '/edit', { actor: 'somebody', system, method, path, body }),
    ask: async (host) => {
      const { status, headers } = await edge.get({ host, path: '/', nameServers: [] }, signal);
      const { location, 'x-sandbox-served-by': by = '' } = headers;
      return location === undefined ? `${status} ${by}` : `${status} ${new URL(location).host}`;
    },
  };
}

/** Adds a foreign Access application, with a policy that admits a person. */
async function accessOver({ sandbox, byHand }: Stage, ...uris: readonly string[]): Promise<void> {
  await byHand('cloudflare', 'POST', `/accounts/${sandbox.accountId}/access/apps`, {
    name: 'theirs',
    type: 'self_hosted',
    domain: uris[0],
    destinations: uris.map((uri) => ({ type: 'public', uri })),
    policies: [{ name: 'them', decision: 'allow', include: [{ email: { email: 'them@example.dev' } }] }],
  });
}

const refusalsIn = (pass: Awaited<ReturnType<typeof runProcess>>) =>
  (pass.report?.plan?.changes ?? [])
    .filter(({ verb }) => verb === 'refuse')
    .map(({ address, reason }) => `${address.key}: ${reason}`);

describe('a foreign Access application for every host', () => {
  it('does not affect hosts with another gate, which are still checked under cover', async () => {
    const at = await stage();
    await accessOver(at, '*.example.dev');
    const text = file([auth, docs, app, mine].join('\n'));
    const first = await runProcess(at.sandbox, at.disk, text);
    expect(first.report?.outcomes.filter(({ status }) => status !== 'done')).toEqual([]);
    expect(await at.ask('app.example.dev')).toBe('302 auth.example.dev');
    expect(await at.ask('docs.example.dev')).toBe('200 origin');
    expect(await at.ask('auth.example.dev')).toMatch(/authentik$/);
    expect(await at.ask('mine.example.dev')).toBe('302 example.cloudflareaccess.com');
    expect(await at.ask('other.example.dev')).not.toBe('200 origin');
    const second = await runProcess(at.sandbox, at.disk, text);
    expect(second.writes).toBe(0);
    expect(second.report?.plan?.changes.filter(isPending)).toEqual([]);
  });

  it('asks again once it guards a host that was open already, until the next run', async () => {
    const at = await stage();
    const text = file([auth, docs, app].join('\n'));
    await runProcess(at.sandbox, at.disk, text);
    await accessOver(at, '*.example.dev');
    expect(await at.ask('app.example.dev')).toBe('302 example.cloudflareaccess.com');
    await runProcess(at.sandbox, at.disk, text);
    expect(await at.ask('app.example.dev')).toBe('302 auth.example.dev');
    expect((await runProcess(at.sandbox, at.disk, text)).writes).toBe(0);
  });
});

it('a host that comes to ask at Access, at an exact path too, is closed before its gates hide one of somebody else for every host', async () => {
  const at = await stage();
  await accessOver(at, '*.example.dev');
  const people = '{ cloudflare: { emails: [me@example.dev] } }';
  const asking = docs.replace('{ public: { reason: test } }', `${people}, paths: { /open: ${people} }`);
  await runProcess(at.sandbox, at.disk, file([auth, docs].join('\n')));
  const pass = await runProcess(at.sandbox, at.disk, file([auth, asking].join('\n')));
  expect(unfinished(pass.report)).toEqual([]);
  const [close, gate] = [/^close cloudflare\/ingress-rule/, /^create cloudflare\/access-application/].map(
    (kind) => pass.ended.findIndex((change) => kind.test(change)),
  );
  expect(close).toBeGreaterThanOrEqual(0);
  expect(close).toBeLessThan(gate ?? 0);
  expect(await at.ask('docs.example.dev')).toBe('302 example.cloudflareaccess.com');
});

describe('a service is refused by name, and keeps its objects, when', () => {
  it.each([
    { code: 'G101', uri: 'app.example.dev', service: app, because: 'people would log in twice' },
    { code: 'G101', uri: 'app.example.dev/admin', service: app, because: 'on a path too' },
    {
      code: 'G101',
      uri: 'mine.example.dev/open/*',
      service: mine,
      because: 'it may be more open on its path',
    },
    { code: 'G104', uri: 'auth.example.dev', service: '', because: 'nobody could log in' },
  ])('$uri has a foreign Access application: $because ($code)', async ({ code, uri, service }) => {
    const at = await stage();
    await accessOver(at, uri);
    const pass = await runProcess(at.sandbox, at.disk, file([auth, docs, service].join('\n')));
    const host = uri.split('/')[0];
    expect(refusalsIn(pass)).toEqual([expect.stringMatching(new RegExp(`^${host}: ${code}: .*"theirs"`))]);
    expect(await at.ask('docs.example.dev')).toBe('200 origin');
    expect(await at.ask(host ?? '')).not.toBe('200 origin');
  });

  it('an address record leads around the tunnel to the login page (G103)', async () => {
    const at = await stage();
    const { id } = at.sandbox.zones[0] ?? { id: '' };
    const record = { type: 'A', name: 'auth', content: '203.0.113.7', proxied: false, ttl: 300 };
    await at.byHand('cloudflare', 'POST', `/zones/${id}/dns_records`, record);
    const pass = await runProcess(at.sandbox, at.disk, file([auth, docs].join('\n')));
    expect(refusalsIn(pass)).toEqual([expect.stringMatching(/^auth\.example\.dev: G103: .*203\.0\.113\.7/)]);
  });

  it('another provider in an outpost guards the same host (G101)', async () => {
    const at = await stage();
    const flows = (await at.byHand('authentik', 'GET', '/api/v3/flows/instances/', undefined)) as {
      results: readonly { pk: string; designation: string }[];
    };
    const flow = (designation: string) =>
      flows.results.find((found) => found.designation === designation)?.pk;
    const provider = (await at.byHand('authentik', 'POST', '/api/v3/providers/proxy/', {
      name: 'theirs',
      mode: 'forward_single',
      external_host: 'https://app.example.dev',
      authorization_flow: flow('authorization'),
      invalidation_flow: flow('invalidation'),
    })) as { pk: number };
    const outposts = (await at.byHand('authentik', 'GET', '/api/v3/outposts/instances/', undefined)) as {
      results: readonly { pk: string }[];
    };
    await at.byHand('authentik', 'PATCH', `/api/v3/outposts/instances/${outposts.results[0]?.pk}/`, {
      providers: [provider.pk],
    });
    const pass = await runProcess(at.sandbox, at.disk, file([auth, docs, app].join('\n')));
    expect(refusalsIn(pass)).toEqual([expect.stringMatching(/^app\.example\.dev: G101: .*provider "theirs/)]);
  });

  it.each([app, mine])('a tunnel rule of others serves a path of the host (G101): %s', async (service) => {
    const at = await stage();
    const host = /host: ([a-z.]+)/.exec(service)?.[1] ?? '';
    const rule = { hostname: host, path: '^/theirs', service: 'http://theirs.lan:80' };
    const ingress = [rule, { service: 'http_status:404' }];
    const { tunnels } = JSON.parse(at.sandbox.snapshot()) as { tunnels: { id: string }[] };
    const path = `/accounts/${at.sandbox.accountId}/cfd_tunnel/${tunnels[0]?.id}/configurations`;
    await at.byHand('cloudflare', 'PUT', path, { config: { ingress } });
    const pass = await runProcess(at.sandbox, at.disk, file([auth, docs, service].join('\n')));
    expect(refusalsIn(pass)).toEqual([
      expect.stringMatching(/: G101: the tunnel rule .* \^\/theirs, which is/),
    ]);
    // No rule has a mark: with our record for its host, it would pass for ours.
    const again = await runProcess(at.sandbox, at.disk, file([auth, docs, service].join('\n')));
    expect(again.writes).toBe(0);
    expect(at.sandbox.snapshot()).toContain('http://theirs.lan:80');
  });

  it('another name leads to the same backend with the same Host, past the gate (G117)', async () => {
    const at = await stage();
    const { tunnels } = JSON.parse(at.sandbox.snapshot()) as { tunnels: { id: string }[] };
    const path = `/accounts/${at.sandbox.accountId}/cfd_tunnel/${tunnels[0]?.id}/configurations`;
    const rule = {
      hostname: 'back.example.dev',
      service: 'http://traefik.lan:80',
      originRequest: { httpHostHeader: 'mine.example.dev' },
    };
    await at.byHand('cloudflare', 'PUT', path, {
      config: { ingress: [rule, { service: 'http_status:404' }] },
    });
    const pass = await runProcess(at.sandbox, at.disk, file([auth, docs, mine].join('\n')));
    expect(refusalsIn(pass)).toEqual([
      expect.stringMatching(/^mine\.example\.dev: G117: .*back\.example\.dev/),
    ]);
  });
});

it('a path at a host with a foreign Access application waits with the gate of its host', async () => {
  const at = await stage();
  await accessOver(at, 'mine.example.dev');
  const { tunnels } = JSON.parse(at.sandbox.snapshot()) as { tunnels: { id: string }[] };
  const wildcard = {
    type: 'CNAME',
    name: '*',
    content: `${tunnels[0]?.id}.cfargotunnel.com`,
    proxied: true,
    ttl: 1,
  };
  await at.byHand('cloudflare', 'POST', `/zones/${at.sandbox.zones[0]?.id}/dns_records`, wildcard);
  const paths = '{ /health: { cloudflare: { emails: [you@example.dev] } } }';
  const text = file([auth, mine.replace(/ }$/, `, paths: ${paths} }`)].join('\n'));
  const first = await runProcess(at.sandbox, at.disk, text);
  expect(refusalsIn(first)).toEqual([expect.stringMatching(/^mine\.example\.dev: it exists, is not marked/)]);
  for (const pass of [first, await runProcess(at.sandbox, at.disk, text)])
    expect(pass.report?.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
});

it('a client keeps the flow, the policy and the user that a refused service names too', async () => {
  const at = await stage();
  await accessOver(at, 'app.example.dev');
  const flow = { name: 'mfa', slug: 'mfa', title: 'mfa', designation: 'authorization' };
  await at.byHand('authentik', 'POST', '/api/v3/flows/instances/', flow);
  const office = { name: 'office', expression: 'return is_office(request)' };
  await at.byHand('authentik', 'POST', '/api/v3/policies/expression/', office);
  const ada = { username: 'ada', name: 'ada', groups: [] };
  await at.byHand('authentik', 'POST', '/api/v3/core/users/', ada);
  const keys = 'users: [ada], policies: [office], flow: mfa';
  const refusedApp = app.replace('groups: [admins]', keys);
  const portal = `clients:\n  portal: { redirectUris: ["https://portal.example.net/callback"], ${keys} }\n`;
  const pass = await runProcess(at.sandbox, at.disk, file([auth, refusedApp].join('\n')) + portal);
  expect(refusalsIn(pass)).toEqual([expect.stringMatching(/^app\.example\.dev: G101: /)]);
  expect(pass.report?.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
  const made = (pass.report?.outcomes ?? []).filter(({ status }) => status === 'done');
  expect(made.map(({ change }) => change)).toContain('create authentik/provider-link:portal');
});
