import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StartedSandbox, startSandbox } from '../../../src/lab/sandbox/index.ts';

interface Raw {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

/** Sends a request with the given Host, which `fetch` would not send. */
function get(url: string, options: http.RequestOptions = {}): Promise<Raw> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent: false, ...options }, (reply) => {
        let text = '';
        reply.on('data', (chunk) => {
          text += chunk;
        });
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text }));
      })
      .on('error', reject);
  });
}

describe('a sandbox that listens', () => {
  let started: StartedSandbox;

  beforeAll(async () => {
    started = await startSandbox({ zones: ['example.dev', 'example.org'], canary: 'CANARY42' });
  });

  afterAll(() => started.close());

  it('prints on one line everything that a client needs', () => {
    const { line } = started;
    expect(JSON.parse(JSON.stringify(line))).toEqual(line);
    expect(line.cloudflare.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/client\/v4$/);
    expect(line.authentik.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(line.cloudflare.zones.map(({ name }) => name)).toEqual(['example.dev', 'example.org']);
    expect(line.cloudflare.accountId).toBe('0123456789abcdef0123456789abcdef');
    expect(line.env).toEqual({
      CLOUDFLARE_API_TOKEN: line.cloudflare.token,
      CLOUDFLARE_BASE_URL: line.cloudflare.baseUrl,
      AUTHENTIK_URL: line.authentik.url,
      AUTHENTIK_TOKEN: line.authentik.token,
      GATES_PROBE_EDGE: line.edge.url,
    });
    expect([line.cloudflare.token, line.authentik.token].every((secret) => secret.includes('CANARY42'))).toBe(
      true,
    );
  });

  it('answers as the API, as Authentik and as the admin', async () => {
    const { cloudflare, authentik, admin } = started.line;
    const headers = { authorization: `Bearer ${cloudflare.token}` };
    const zones = await fetch(`${cloudflare.baseUrl}/zones`, { headers });
    expect(await zones.json()).toMatchObject({
      success: true,
      result: [{ name: 'example.dev' }, { name: 'example.org' }],
    });
    expect((await fetch(`${cloudflare.baseUrl}/zones`)).status).toBe(403);
    const login = await fetch(`${authentik.url}/if/flow/default`);
    expect([login.status, login.headers.get('x-sandbox-served-by')]).toEqual([200, 'authentik']);
    expect((await (await fetch(`${admin.url}/calls`)).json()) as unknown).toMatchObject({
      calls: [{ n: 1 }, { n: 2 }],
    });
  });

  it('decides by Host at the edge, and uses the path as sent', async () => {
    const { edge, cloudflare } = started.line;
    const lost = await get(edge.url, { headers: { host: 'app.example.dev' } });
    expect([lost.status, lost.headers['x-sandbox-error']]).toEqual([502, 'does-not-resolve']);
    await fetch(`${cloudflare.baseUrl}/zones/${cloudflare.zones[0]?.id}/dns_records`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cloudflare.token}` },
      body: JSON.stringify({ type: 'A', name: 'app', content: '198.51.100.1', ttl: 1, proxied: true }),
    });
    const { hostname, port } = new URL(edge.url);
    const seen = await get(edge.url, {
      hostname,
      port,
      path: '/a/../b//c?d',
      headers: { host: 'App.example.dev:443' },
    });
    expect(JSON.parse(seen.text)).toMatchObject({ host: 'app.example.dev', path: '/a/../b//c', query: '?d' });
    expect(seen.headers['cf-ray']).toBeDefined();
  });

  it('closes the connection if a fault drops the reply', async () => {
    const { cloudflare, admin } = started.line;
    const fault = { match: { system: 'cloudflare' }, fault: 'lose-reply', times: 1 };
    await fetch(`${admin.url}/faults`, { method: 'POST', body: JSON.stringify(fault) });
    await expect(fetch(`${cloudflare.baseUrl}/zones`)).rejects.toThrow('fetch failed');
    expect((await fetch(`${cloudflare.baseUrl}/zones`)).status).toBe(403);
  });
});

describe('the ports', () => {
  it('follow the first one, and a used one is an error that leaves nothing behind', async () => {
    const holder = await startSandbox({ zones: ['example.dev'] });
    const taken = Number(new URL(holder.line.authentik.url).port);
    await expect(startSandbox({ zones: ['example.dev'], port: taken })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await holder.close();
    // This port is below those that the system gives to programs.
    const free = await startSandbox({ zones: ['example.dev'], port: 27_310 });
    const ports = [
      free.line.cloudflare.baseUrl,
      free.line.authentik.url,
      free.line.edge.url,
      free.line.admin.url,
    ];
    expect(ports.map((url) => new URL(url).port)).toEqual(['27310', '27311', '27312', '27313']);
    await free.close();
    await expect(fetch(free.line.admin.url)).rejects.toThrow('fetch failed');
  });

  it('cannot be opened without a zone', async () => {
    await expect(startSandbox({ zones: [] })).rejects.toThrow('at least one zone');
  });
});
