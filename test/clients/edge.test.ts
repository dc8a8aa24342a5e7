import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTls } from 'node:https';
import { createServer as createSilent, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createEdge, createOrigin } from '../../src/clients/edge.ts';
import { type GatesError, UnreachableError } from '../../src/core/errors.ts';
import type { EdgeAnswer, EdgeRequest } from '../../src/core/world.ts';
import { createSandbox } from '../../src/lab/sandbox/index.ts';

const host = 'app.example.dev';
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

/** Starts a server on loopback, and returns its address in the form of GATES_PROBE_EDGE. */
async function serve(listener: RequestListener, address = '127.0.0.1'): Promise<string> {
  const server = createServer(listener);
  await listening(server, address);
  const { port } = server.address() as { readonly port: number };
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function listening(server: Server, address: string): Promise<void> {
  open.push(() => new Promise((resolve) => server.close(resolve)));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
}

/** Starts a server with a self-signed certificate. */
async function serveTls(): Promise<string> {
  const server = createTls(await selfSigned(), (_, reply) => reply.end());
  await listening(server, '127.0.0.1');
  const { port } = server.address() as { readonly port: number };
  return `https://127.0.0.1:${port}`;
}

/** Gets a key and a certificate from the Authentik of a sandbox, which generates real ones. */
async function selfSigned(): Promise<{ readonly key: string; readonly cert: string }> {
  const sandbox = await createSandbox({ zones: ['example.dev'] });
  const headers = {
    authorization: `Bearer ${sandbox.authentikToken}`,
    'content-type': 'application/json',
  };
  const ask = async (path: string, init: RequestInit = {}): Promise<Readonly<Record<string, string>>> => {
    const url = `${sandbox.urls.authentik}/api/v3/crypto/certificatekeypairs/${path}`;
    const reply = await sandbox.authentik(new Request(url, { ...init, headers }));
    return (await reply.json()) as Readonly<Record<string, string>>;
  };
  const body = JSON.stringify({ common_name: host, validity_days: 1 });
  const { pk } = await ask('generate/', { method: 'POST', body });
  const { data: cert = '' } = await ask(`${pk}/view_certificate/`);
  const { data: key = '' } = await ask(`${pk}/view_private_key/`);
  return { key, cert };
}

const never = new AbortController().signal;

function get(through: string, request: Partial<EdgeRequest> = {}, signal = never): Promise<EdgeAnswer> {
  return createEdge(through).get({ host, path: '/', nameServers: [], ...request }, signal);
}

/** Sends a request, and returns it as the server received it. */
async function seen(request: Partial<EdgeRequest>): Promise<IncomingMessage> {
  const messages: IncomingMessage[] = [];
  const url = await serve((message, reply) => {
    messages.push(message);
    reply.end();
  });
  await get(url, request);
  const [message] = messages;
  if (message === undefined) throw new Error('nobody asked');
  return message;
}

async function thrown(reply: Promise<unknown>): Promise<unknown> {
  return reply.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a request to the edge', () => {
  it.each([
    { path: '/api/health/../admin', because: 'dots' },
    { path: '/api%2Fhealth%2F..%2fadmin', because: 'escapes, in the case that they have' },
    { path: '//a//b', because: 'empty segments' },
    { path: '/a?b=%20&c=/../', because: 'a query' },
  ])('sends the path unchanged: $because', async ({ path }) => {
    expect((await seen({ path })).url).toBe(path);
  });

  it('names its service in the Host header, wherever it is sent', async () => {
    expect((await seen({})).headers.host).toBe(host);
  });

  it('cannot be made for another host by a header', async () => {
    const { headers } = await seen({ headers: { Host: 'other.example.dev', 'X-Forwarded-Uri': '/api' } });
    expect(headers).toMatchObject({ host, 'x-forwarded-uri': '/api' });
  });

  it('is a GET by gates that accepts any content type', async () => {
    const { method, headers } = await seen({});
    expect(method).toBe('GET');
    expect(headers).toMatchObject({
      'user-agent': expect.stringMatching(/^gates\/\d+\.\d+\.\d+ \(\+.+\)$/),
      accept: '*/*',
    });
  });

  it('returns the answer: status, headers in lower case, and body', async () => {
    const url = await serve((_, reply) => {
      reply.writeHead(418, { 'CF-Ray': '8f1', 'Set-Cookie': ['a=1', 'b=2'] }).end('short');
    });
    expect(await get(url)).toMatchObject({
      status: 418,
      headers: { 'cf-ray': '8f1', 'set-cookie': 'a=1, b=2' },
      body: 'short',
    });
  });

  it('follows no redirect', async () => {
    const url = await serve((_, reply) => {
      reply.writeHead(302, { location: 'https://auth.example.dev/' }).end();
    });
    expect(await get(url)).toMatchObject({ status: 302, headers: { location: 'https://auth.example.dev/' } });
  });

  it('reads only the beginning of an endless body', async () => {
    let timer: NodeJS.Timeout | undefined;
    const url = await serve((_, reply) => {
      timer = setInterval(() => reply.write('x'.repeat(1_000)), 1);
      reply.on('close', () => clearInterval(timer));
    });
    const { body } = await get(url);
    expect(body.length).toBe(8_192);
  });

  it('goes to an address of version 6', async () => {
    // The address fails as refused or unreachable; it is never resolved as a name.
    const error = await thrown(get('http://[::1]:1'));
    expect((error as GatesError).facts.detail).not.toContain('ENOTFOUND');
  });
});

describe('an edge that does not answer', () => {
  it('is unreachable, and nothing was changed', async () => {
    const url = await serve((_, reply) => reply.destroy());
    const error = await thrown(get(url));
    expect(error).toBeInstanceOf(UnreachableError);
    expect((error as GatesError).facts).toMatchObject({
      applied: 'no',
      detail: expect.stringContaining(host),
    });
  });

  it('is unreachable where nobody listens', async () => {
    expect(await thrown(get('http://127.0.0.1:1'))).toBeInstanceOf(UnreachableError);
  });

  it('has no certificate for the name if it ends the handshake by an alert, and the error says so', async () => {
    const server = createTls({}, (_, reply) => reply.end());
    await listening(server, '127.0.0.1');
    const { port } = server.address() as { readonly port: number };
    const error = (await thrown(get(`https://127.0.0.1:${port}`))) as GatesError;
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toBe('The edge refuses TLS for this host: it has no certificate for the name');
    expect(error.hint).toContain('Universal SSL');
  });

  it('is waited for only a limited time', async () => {
    const silent = createSilent((socket) => open.push(async () => socket.destroy()));
    await listening(silent, '127.0.0.1');
    const { port } = silent.address() as { readonly port: number };
    const edge = createEdge(`http://127.0.0.1:${port}`, { patience: 50 });
    const error = await thrown(edge.get({ host, path: '/', nameServers: [] }, never));
    expect(error).toBeInstanceOf(UnreachableError);
    expect((error as GatesError).facts.detail).toContain('no answer in 0.05 s');
  });

  it('is abandoned at once when the run is stopped, with the reason of the stop', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort(new Error('SIGTERM')));
    expect(await thrown(get(url, {}, stop.signal))).toEqual(new Error('SIGTERM'));
  });
});

describe('an origin, asked without Cloudflare', () => {
  it('is asked for the name of the service, as cloudflared asks', async () => {
    const messages: IncomingMessage[] = [];
    const url = await serve((message, reply) => {
      messages.push(message);
      reply.end('inside');
    });
    const origin = createOrigin({ url, hostHeader: undefined, serverName: undefined, verify: true });
    expect((await origin.get({ host, path: '/', nameServers: [] }, never)).body).toBe('inside');
    expect(messages[0]?.headers).toMatchObject({ host, 'x-forwarded-proto': 'https' });
  });

  it('with another Host header gets that one, and the public name beside it, as cloudflared sends them', async () => {
    const messages: IncomingMessage[] = [];
    const url = await serve((message, reply) => {
      messages.push(message);
      reply.end();
    });
    const origin = createOrigin({ url, hostHeader: 'app.lan', serverName: undefined, verify: true });
    await origin.get({ host, path: '/', nameServers: [] }, never);
    expect(messages[0]?.headers).toMatchObject({ host: 'app.lan', 'x-forwarded-host': host });
  });

  it('must have a certificate of the name, unless the file says otherwise', async () => {
    const url = await serveTls();
    const ask = (verify: boolean) =>
      thrown(
        createOrigin({ url, hostHeader: undefined, serverName: host, verify }).get(
          { host, path: '/', nameServers: [] },
          never,
        ),
      );
    expect(await ask(true)).toBeInstanceOf(UnreachableError);
    expect(await ask(false)).toBeUndefined();
  });
});
