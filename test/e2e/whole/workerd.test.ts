import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compatibilityDate, identityScript } from '../../../reconcilers/cloudflare/worker/identity-script.ts';
import {
  type Beyond,
  beyond,
  env,
  host,
  identityCases,
  team,
  validToken,
} from '../../reconcilers/cloudflare/worker/identity-cases.ts';
import { needs, programPath } from '../../support/programs.ts';
import { remove, temporaryDirectory } from '../support/processes.ts';
import { freePort } from '../support/proxy-origin.ts';

let directory: string;
let outside: Server;
let place: Beyond;
let port: number;
let workerd: ChildProcess | undefined;

beforeAll(async () => {
  directory = await temporaryDirectory();
  outside = createServer(
    (request, response) =>
      void answer(request).then((reply) => {
        response.writeHead(reply.status, reply.headers).end(reply.body);
      }),
  );
  outside.on('upgrade', (request, socket) => {
    place.passed.push({ method: 'UPGRADE', url: request.url ?? '', headers: namesOf(request), body: '' });
    const accepted = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: upgrade'];
    // RFC 6455, section 4.2.2.
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.end(`${[...accepted, `sec-websocket-accept: ${accept}`].join('\r\n')}\r\n\r\n`);
  });
  outside.listen(0, '127.0.0.1');
  await once(outside, 'listening');
});

afterEach(async () => {
  if (workerd === undefined || workerd.exitCode !== null) return;
  workerd.kill();
  await once(workerd, 'exit');
});

afterAll(async () => {
  outside.close();
  await remove(directory);
});

/** The team's keys and the application: workerd sends every request of the Worker here. */
async function answer(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.headers.host === team)
    return { status: place.keys ? 200 : 500, headers: {}, body: JSON.stringify(place.keys ?? {}) };
  const { method = '', url = '' } = request;
  place.passed.push({ method, url, headers: namesOf(request), body: Buffer.concat(chunks).toString() });
  return url === '/redirect'
    ? { status: 302, headers: { location: 'https://elsewhere.example.dev/' }, body: '' }
    : { status: 200, headers: {}, body: '' };
}

function namesOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

async function start(given: Beyond): Promise<void> {
  place = given;
  port = await freePort();
  const { port: beyond } = outside.address() as AddressInfo;
  const bindings = Object.entries(env).map(([name, text]) => `(name = "${name}", text = "${text}")`);
  await writeFile(path.join(directory, 'worker.js'), identityScript);
  await writeFile(
    path.join(directory, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "outside", external = (address = "127.0.0.1:${beyond}", http = ()))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [${bindings.join(', ')}],
  globalOutbound = "outside",
);
`,
  );
  const args = ['serve', path.join(directory, 'config.capnp')];
  workerd = spawn(programPath('workerd') ?? 'workerd', args, { stdio: 'ignore' });
  await expect.poll(async () => workerd?.exitCode !== null || (await isListening())).toBe(true);
  expect(workerd.exitCode).toBeNull();
}

async function isListening(): Promise<boolean> {
  return ask('/').then(
    () => true,
    () => false,
  );
}

/** A request as the edge would send it: every header in the spelling of the visitor. */
function ask(
  url: string,
  {
    method = 'GET',
    headers = [],
    body,
  }: { method?: string; headers?: [string, string][]; body?: string } = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = [['host', host], ...headers].flat();
    const call = httpRequest({ host: '127.0.0.1', port, path: url, method, headers: sent, agent: false });
    const done = async (reply: IncomingMessage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk as Buffer);
      const init = { status: reply.statusCode ?? 0, headers: namesOf(reply) };
      resolve(new Response(Buffer.concat(chunks), init));
    };
    call.on('response', (reply) => void done(reply).catch(reject));
    call.on('upgrade', (reply, socket) => {
      socket.destroy();
      resolve(new Response(null, { status: 200, headers: { 'x-upgraded': String(reply.statusCode) } }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

describe('the Worker in workerd', needs('workerd'), () => {
  identityCases(async (given) => {
    await start(given);
    return { ask, taken: () => given.passed.splice(0) };
  });

  it('passes a WebSocket on, with the identity', async () => {
    await start(await beyond());
    const answer = await ask('/socket', {
      headers: [
        ['connection', 'upgrade'],
        ['upgrade', 'websocket'],
        ['sec-websocket-version', '13'],
        ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
        ['x_user', 'root'],
        ['cf-access-jwt-assertion', await validToken()],
      ],
    });
    expect(answer.headers.get('x-upgraded')).toBe('101');
    expect(place.passed).toMatchObject([
      { method: 'UPGRADE', url: '/socket', headers: { 'x-user': 'ada@example.dev' } },
    ]);
    expect(place.passed[0]?.headers).not.toHaveProperty('x_user');
  });
});
