import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { serveEdge, toRawVisit } from '../../../../src/lab/sandbox/edge/edge.ts';
import type { Verifier } from '../../../../src/lab/sandbox/index.ts';
import type { Origin, World } from '../../../../src/lab/sandbox/state/world.ts';
import { newClient } from '../client.ts';
import { addRecord, newWorld, setIngress } from './scene.ts';

const HOST = 'api.example.dev';
const ADDRESS = 'http://127.0.0.1:9/verify?host=api.example.dev';
const TRAEFIK: Origin = {
  ...{ url: 'http://traefik.lan', kind: 'traefik', forwardAuth: 'none', trustForwarded: false },
  verify: { [HOST]: ADDRESS },
};

function stage(origin: Partial<Origin> = {}): World {
  const world = newWorld();
  for (const name of [HOST, 'other.example.dev']) {
    addRecord(world, { name });
  }
  setIngress(world, [{ service: 'http://traefik.lan' }]);
  world.origins = [{ ...TRAEFIK, ...origin }];
  return world;
}

interface VerifierRequest {
  url: string;
  headers: Headers;
}

/** Visits while the verifier answers `reply`, and also returns the verifier's requests. */
async function seen(
  world: World,
  url: string,
  headers: Record<string, string>,
  reply: () => Response,
  method = 'POST',
) {
  const reports: VerifierRequest[] = [];
  const verifier: Verifier = async (address, request) => {
    expect(request.method).toBe('GET');
    reports.push({ url: address, headers: new Headers(request.headers) });
    return reply();
  };
  const init = method === 'POST' ? { method, headers, body: 'x' } : { method, headers };
  const response = await serveEdge(world, await toRawVisit(new Request(url, init)), verifier);
  return { response, told: reports };
}

const letIn = () => new Response(null, { status: 204 });

it('a verifier gets a GET, with the headers of the visit and its original target', async () => {
  const headers = {
    authorization: 'Bearer a.b.c',
    cookie: 'a=b',
    'x-forwarded-uri': '/spoofed',
    'x-forwarded-host': 'x',
  };
  const { response, told } = await seen(stage(), `https://${HOST}/v1/items?x=1`, headers, letIn);
  expect(response.headers.get('x-sandbox-served-by')).toBe('origin');
  expect(told.map(({ url }) => url)).toEqual([ADDRESS]);
  expect(Object.fromEntries(told[0]?.headers ?? [])).toMatchObject({
    authorization: 'Bearer a.b.c',
    cookie: 'a=b',
    'x-forwarded-method': 'POST',
    'x-forwarded-host': HOST,
    'x-forwarded-uri': '/v1/items?x=1',
    'x-forwarded-proto': 'https',
  });
});

it('a verifier’s answer is returned, unless it is 2xx', async () => {
  const refusal = () => new Response('no', { status: 401, headers: { 'www-authenticate': 'Bearer' } });
  const { response } = await seen(stage(), `https://${HOST}/`, {}, refusal);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(response.headers.get('x-sandbox-served-by')).toBe('edge');
  expect(response.headers.get('cf-ray')).toBeTruthy();
  expect(await response.text()).toBe('no');
  const away = () => new Response(null, { status: 302, headers: { location: 'https://x/' } });
  expect((await seen(stage(), `https://${HOST}/`, {}, away)).response.headers.get('location')).toBe(
    'https://x/',
  );
});

it('a verifier that does not answer is a 500 of Traefik, and encoded characters are a 400', async () => {
  const nobody = () => {
    throw new TypeError('fetch failed');
  };
  expect((await seen(stage(), `https://${HOST}/`, {}, nobody)).response.status).toBe(500);
  const { response, told } = await seen(stage(), `https://${HOST}/a%2Fb`, {}, letIn);
  expect([response.status, told.length]).toEqual([400, 0]);
});

it('a verifier is asked only about its hosts, and gets visitors’ claims if Traefik trusts them', async () => {
  expect((await seen(stage(), 'https://other.example.dev/', {}, letIn)).told).toEqual([]);
  const headers = { 'x-forwarded-uri': '/spoofed' };
  const { told } = await seen(stage({ trustForwarded: true }), `https://${HOST}/`, headers, letIn);
  expect(told[0]?.headers.get('x-forwarded-uri')).toBe('/spoofed');
});

it('a verifier on this machine is really called', async () => {
  const server = createServer((message, reply) => {
    reply.statusCode = message.headers.authorization === 'Bearer good' ? 200 : 401;
    reply.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const world = stage({ verify: { [HOST]: `http://127.0.0.1:${port}/verify` } });
  const visit = async (authorization: string) =>
    (
      await serveEdge(
        world,
        await toRawVisit(new Request(`https://${HOST}/`, { headers: { authorization } })),
      )
    ).status;
  expect([await visit('Bearer good'), await visit('Bearer bad')]).toEqual([200, 401]);
  server.close();
});

it('a verifier is set by the admin API, and asked by the oracle if a test provides the function', async () => {
  let admits = true;
  const there = await newClient({ verifier: async () => new Response(null, { status: admits ? 200 : 403 }) });
  const world = stage();
  world.origins = [];
  world.guards = [];
  there.sandbox.restore(JSON.stringify(world));
  const origin = { url: 'http://traefik.lan', kind: 'traefik', verify: { 'API.example.dev': ADDRESS } };
  expect((await there.admin('PUT', '/origins', origin)).body).toMatchObject({ verify: { [HOST]: ADDRESS } });
  for (const verify of [7, [ADDRESS], { [HOST]: 'nowhere' }]) {
    expect((await there.admin('PUT', '/origins', { ...origin, verify })).status).toBe(400);
  }
  await there.admin('PUT', '/guards', { host: HOST, admit: {} });
  await there.admin('POST', '/edit', { method: 'POST', path: '/nowhere' });
  expect(there.sandbox.exposures()).toContainEqual({
    ...{ n: 0, host: HOST, path: '/', principal: 'anonymous', servedBy: 'origin' },
  });
  await there.admin('DELETE', '/exposures');
  admits = false;
  await there.admin('POST', '/edit', { method: 'POST', path: '/nowhere' });
  expect(there.sandbox.exposures()).toEqual([]);
});
