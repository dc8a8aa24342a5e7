import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { listen } from '../../../src/daemon/http/listener.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { inForceOf, playedActions, signatureOf } from '../../daemon/actions/played-actions.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const host = 'hooks.example.dev';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The daemon's own listener, with the secrets and the actions of played-actions.ts. */
async function daemon() {
  const played = await playedActions();
  const listener = await listen(played.app, { host: '127.0.0.1', port: 0 }, { variable: 'TEST' });
  closing.push(() => listener.close());
  return { ...played, url: listener.url };
}

/** Another program at the origin. */
async function program(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer).listen(0, '127.0.0.1');
  closing.push(async () => server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const fileAt = (origin: string) => `version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }
origins: { daemon: { tunnel: homelab, url: "${origin}" } }
services:
  hooks:
    host: ${host}
    origin: daemon
    gate: { webhook: { actions: [tidy], secret: { env: FIRST } } }
actions: { tidy: { run: [tidy] } }
`;

/** Puts rules in front of the tunnel's own ones, as a person does at Cloudflare. */
async function hand(sandbox: Sandbox, edit: (rules: readonly Rule[]) => readonly Rule[]): Promise<void> {
  const call = async (method: string, path: string, body?: unknown) =>
    (await askAdmin(sandbox, 'POST', '/edit', {
      actor: 'ann',
      system: 'cloudflare',
      method,
      path,
      body,
    })) as {
      readonly result: unknown;
    };
  const tunnels = '/accounts/0123456789abcdef0123456789abcdef/cfd_tunnel';
  const [tunnel] = (await call('GET', tunnels)).result as readonly { readonly id: string }[];
  const path = `${tunnels}/${tunnel?.id}/configurations`;
  const now = (await call('GET', path)).result as {
    readonly config?: { readonly ingress?: readonly Rule[] } | null;
  };
  const rules = now.config?.ingress ?? [{ service: 'http_status:404' }];
  await call('PUT', path, { config: { ingress: edit(rules) } });
}

interface Rule {
  readonly hostname?: string;
  readonly path?: string;
  readonly service: string;
}

async function house(origin: string) {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const disk = newDisk();
  const edge = sandboxEdge(sandbox);
  const never = new AbortController().signal;
  return {
    sandbox,
    pass: async (trouble?: 'watch') => (await runProcess(sandbox, disk, fileAt(origin), trouble)).report,
    /** The answer to a stranger: the status, and the system that gave it. */
    async knock(path: string, method: 'GET' | 'POST' = 'POST', headers: Record<string, string> = {}) {
      const answer = await edge.get({ host, path, method, headers, nameServers: [] }, never);
      return { status: answer.status, by: answer.headers['x-sandbox-served-by'] };
    },
  };
}

describe('a host for signed calls, without tokens', () => {
  it('is opened once the daemon was seen to refuse an unsigned call, and leads to nothing else', async () => {
    const listener = await daemon();
    listener.queue.follow(inForceOf());
    const { pass, knock, sandbox } = await house(listener.url);
    expect(unfinished(await pass())).toEqual([]);
    expect(await knock('/hooks/actions/tidy')).toEqual({ status: 401, by: 'origin' });
    expect(await knock('/hooks/git')).toEqual({ status: 401, by: 'origin' });
    for (const path of ['/', '/metrics', '/hooks', '/hooks/actions/tidy/../../../', '/hooks/git/x']) {
      expect([path, (await knock(path)).by]).toEqual([path, 'edge']);
    }
    expect(listener.started).toEqual([]);
    const signed = { 'x-gates-signature': signatureOf('', listener.clock.now()) };
    expect((await knock('/hooks/actions/tidy', 'POST', signed)).status).toBe(202);
    while (listener.started.length === 0) await turn();
    listener.started[0]?.end.resolve({ state: 'done', exit: 0, output: '' });
    await listener.queue.settled();
    const calls = sandbox.calls().length;
    expect(unfinished(await pass())).toEqual([]);
    expect(
      sandbox
        .calls()
        .slice(calls)
        .filter(({ write }) => write),
    ).toEqual([]);
  });

  it('stays hidden until the daemon has applied its file, and is opened by a later run', async () => {
    const listener = await daemon();
    const { pass, knock } = await house(listener.url);
    expect(unfinished(await pass()).join()).toMatch(
      /answered with 404: the daemon has not applied a file with a webhook/,
    );
    expect((await knock('/hooks/actions/tidy')).by).toBe('access');
    listener.queue.follow(inForceOf());
    expect(unfinished(await pass())).toEqual([]);
    expect((await knock('/hooks/actions/tidy')).by).toBe('origin');
  });

  it.each<{ because: string; answer: RequestListener; says: RegExp }>([
    {
      because: 'an application that takes whatever is posted',
      answer: (_, reply) => reply.writeHead(202).end(),
      says: /POST \/hooks\/actions\/tidy without a signature got through to the application \(202\)/,
    },
    {
      because: 'an application that asks for a login of its own, which is no signature',
      answer: (_, reply) => reply.writeHead(401, { 'www-authenticate': 'Basic realm="app"' }).end(),
      says: /refused with 401, and not by the hooks listener of gates/,
    },
    {
      because: 'an application that redirects',
      answer: (_, reply) => reply.writeHead(302, { location: '/login' }).end(),
      says: /got through to an application, which redirects/,
    },
  ])('is never opened to $because', async ({ answer, says }) => {
    const { pass, knock } = await house(await program(answer));
    for (const _ of [1, 2]) {
      expect(unfinished(await pass()).join()).toMatch(says);
      expect((await knock('/hooks/actions/tidy')).by).toBe('access');
    }
  });

  it('is closed when another program replaces the daemon, and when somebody leads other paths to it', async () => {
    let real: RequestListener | undefined;
    const listener = await daemon();
    listener.queue.follow(inForceOf());
    const url = await program(async (request, reply) => {
      if (real !== undefined) return real(request, reply);
      const init = { method: request.method ?? 'GET', headers: { host } };
      const answer = await fetch(`${listener.url}${request.url}`, init);
      reply.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    });
    const { pass, knock, sandbox } = await house(url);
    expect(unfinished(await pass())).toEqual([]);
    real = (_, reply) => reply.writeHead(200).end('hello');
    expect(unfinished(await pass('watch')).join()).toMatch(/got through to the application \(200\)/);
    expect(await knock('/hooks/actions/tidy')).toEqual({ status: 503, by: 'edge' });
    real = undefined;
    expect(unfinished(await pass())).toEqual([]);
    expect(await knock('/hooks/actions/tidy')).toEqual({ status: 401, by: 'origin' });
    await hand(sandbox, (rules) =>
      rules.map((rule) =>
        rule.hostname === host && rule.path === undefined ? { ...rule, service: url } : rule,
      ),
    );
    expect((await knock('/', 'GET')).by).toBe('origin');
    expect(unfinished(await pass())).toEqual([]);
    expect(await knock('/', 'GET')).toEqual({ status: 404, by: 'edge' });
  });
});

describe('the hooks listener that the sandbox plays', () => {
  it.each([
    ['POST', '/hooks/git'],
    ['POST', '/hooks/actions/tidy'],
    ['POST', '/hooks/actions/unknown'],
    ['POST', '/hooks/actions/tidy/0-1'],
    ['GET', '/hooks/actions/tidy/0-1'],
    ['GET', '/hooks/actions/tidy'],
    ['GET', '/hooks/git'],
    ['GET', '/'],
    ['POST', '/hooks/actions/Tidy'],
  ] as const)('answers like the real one: %s %s', async (method, path) => {
    const listener = await playedActions();
    listener.queue.follow(inForceOf());
    const sandbox = await createSandbox({ zones: ['example.dev'] });
    await hand(sandbox, (rules) => [{ hostname: host, service: 'http://gates.lan:8421' }, ...rules]);
    const [zone] = sandbox.zones;
    const [tunnel] = JSON.parse(sandbox.snapshot()).tunnels as readonly { readonly id: string }[];
    const name = {
      type: 'CNAME',
      name: host,
      content: `${tunnel?.id}.cfargotunnel.com`,
      proxied: true,
      ttl: 1,
    };
    const records = `/zones/${zone?.id}/dns_records`;
    await askAdmin(sandbox, 'POST', '/edit', {
      ...{ actor: 'ann', system: 'cloudflare', method: 'POST', path: records, body: name },
    });
    const played = await sandbox.edge(new Request(`http://${host}${path}`, { method }));
    const real = await listener.app.request(path, { method });
    expect({
      status: played.status,
      challenge: played.headers.get('www-authenticate'),
      body: await played.text(),
    }).toEqual({
      status: real.status,
      challenge: real.headers.get('www-authenticate'),
      body: await real.text(),
    });
  });
});
