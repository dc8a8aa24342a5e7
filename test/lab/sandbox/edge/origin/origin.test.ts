import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serveEdge } from '../../../../../src/lab/sandbox/edge/edge.ts';
import { normalizedUrl } from '../../../../../src/lab/sandbox/edge/origin/origin-url.ts';
import type { Origin, World } from '../../../../../src/lab/sandbox/state/world.ts';
import { addGate } from '../../authentik/gate.ts';
import { addRecord, newWorld, setIngress, visit } from '../scene.ts';

const HOST = 'app.example.dev';

let world: World;

beforeEach(() => {
  world = newWorld();
  addRecord(world, { name: HOST });
  addRecord(world, { name: 'auth.example.dev' });
});

function describeOrigin(given: Partial<Origin> & Pick<Origin, 'url' | 'kind'>): void {
  world.origins.push({ forwardAuth: 'none', trustForwarded: false, ...given });
}

describe('an origin behind a tunnel', () => {
  it.each([
    { service: 'http://app.lan', host: HOST, servedBy: 'origin', because: 'any name is an application' },
    { service: 'http://traefik.lan:80', host: HOST, servedBy: 'origin', because: 'Traefik routes to one' },
    {
      service: 'http://traefik.lan',
      host: 'auth.example.dev',
      servedBy: 'authentik',
      because: 'Traefik routes the login host to Authentik',
    },
    { service: 'http://authentik.lan:9000', host: HOST, servedBy: 'authentik', because: 'it is Authentik' },
    {
      service: 'https://my-traefik.lan',
      host: 'auth.example.dev',
      servedBy: 'origin',
      because: 'only the beginning of a name counts',
    },
  ])('$service as $host is $servedBy, because $because', async ({ service, host, servedBy }) => {
    setIngress(world, [{ service }]);
    expect(await visit(world, `https://${host}/`)).toMatchObject({ status: 200, servedBy });
  });

  it.each(['GET', 'TRACE', 'CONNECT'])('answers as Authentik to %s with a body', async (method) => {
    setIngress(world, [{ service: 'http://authentik.lan' }]);
    const response = await serveEdge(world, {
      method,
      host: HOST,
      path: '//x/%2e',
      query: '',
      headers: [],
      body: new Uint8Array([1]),
    });
    expect([response.status, response.headers.get('x-sandbox-served-by')]).toEqual([200, 'authentik']);
  });

  it('gets the Host that the rule sends, and the public one beside it', async () => {
    setIngress(world, [
      {
        hostname: HOST,
        service: 'http://traefik.lan',
        originRequest: { httpHostHeader: 'auth.example.dev' },
      },
    ]);
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ servedBy: 'authentik' });
    setIngress(world, [
      { hostname: HOST, service: 'http://app.lan', originRequest: { httpHostHeader: 'inside.lan' } },
    ]);
    const told = JSON.parse((await visit(world, `https://${HOST}/x?y=1`)).text);
    expect(told).toMatchObject({ host: 'inside.lan', method: 'GET', path: '/x', query: '?y=1' });
    expect(told.headers['x-forwarded-host']).toBe(HOST);
  });

  it('is played as a test describes it, whatever its name', async () => {
    setIngress(world, [{ service: 'http://127.0.0.1:1/' }]);
    describeOrigin({ url: 'http://127.0.0.1:1', kind: 'authentik' });
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 200, servedBy: 'authentik' });
  });

  it('sends a visitor through the outpost if Traefik is configured so, and not otherwise', async () => {
    addRecord(world, { name: 'open.example.dev' });
    await addGate(world, 'app');
    await addGate(world, 'open');
    setIngress(world, [{ service: 'http://traefik.lan' }]);
    describeOrigin({ url: 'http://traefik.lan', kind: 'traefik', forwardAuth: [HOST] });
    const seen = await visit(world, `https://${HOST}/x`);
    expect(seen).toMatchObject({ status: 302, servedBy: 'authentik' });
    expect(seen.headers.get('location')).toMatch(/^https:\/\/auth\.example\.dev\//);
    expect(await visit(world, 'https://open.example.dev/')).toMatchObject({
      status: 200,
      servedBy: 'origin',
    });
    world.origins = [];
    describeOrigin({ url: 'http://traefik.lan', kind: 'traefik', forwardAuth: 'all' });
    expect(await visit(world, 'https://open.example.dev/')).toMatchObject({ status: 302 });
    expect(await visit(world, 'https://auth.example.dev/')).toMatchObject({ status: 200 });
  });

  it.each([
    { trustForwarded: false, uri: undefined, because: 'Traefik drops what a visitor claims' },
    { trustForwarded: true, uri: '/api/health', because: 'the flaw is played where a test asks for it' },
  ])('sees X-Forwarded-Uri as $uri, because $because', async ({ trustForwarded, uri }) => {
    setIngress(world, [{ service: 'http://traefik.lan' }]);
    describeOrigin({ url: 'http://traefik.lan', kind: 'traefik', trustForwarded });
    const told = JSON.parse(
      (await visit(world, `https://${HOST}/`, { 'X-Forwarded-Uri': '/api/health' })).text,
    );
    expect(told.headers['x-forwarded-uri']).toBe(uri);
  });

  it('is compared by its URL without case, default port and trailing slash', () => {
    expect(normalizedUrl('HTTP://Traefik.LAN:80/')).toBe('http://traefik.lan');
    expect(normalizedUrl('https://a.lan:8443')).toBe('https://a.lan:8443');
    expect(normalizedUrl('hello_world')).toBe('hello_world');
  });
});

describe('an origin on this machine', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('x-path', request.url ?? '');
        response.writeHead(request.url === '/none' ? 204 : 201);
        response.end(
          request.url === '/none' ? undefined : `${request.headers.host} ${Buffer.concat(chunks)}`,
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => new Promise<unknown>((resolve) => server.close(resolve)));

  it('is really called: path, Host, and any status', async () => {
    setIngress(world, [{ service: url }]);
    const seen = await visit(world, `https://${HOST}/x?y=1`);
    expect(seen).toMatchObject({ status: 201, servedBy: 'origin', text: `${HOST} ` });
    expect(seen.headers.get('x-path')).toBe('/x?y=1');
    expect(await visit(world, `https://${HOST}/none`)).toMatchObject({ status: 204, text: '' });
  });

  it('that does not listen is a 502 of the edge', async () => {
    setIngress(world, [{ service: 'http://127.0.0.1:1' }]);
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 502, servedBy: 'edge' });
  });

  it('that speaks no HTTP is also a 502', async () => {
    setIngress(world, [{ service: 'tcp://127.0.0.1:22' }]);
    expect(await visit(world, `https://${HOST}/`)).toMatchObject({ status: 502, servedBy: 'edge' });
  });
});
