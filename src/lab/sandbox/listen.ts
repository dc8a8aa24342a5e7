import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { API_BASE } from './dispatch.ts';
import { hostOf, type RawVisit } from './edge/edge.ts';
import { ALERT, HandshakeError } from './edge/handshake.ts';
import { type Sandbox, type SandboxOptions, type SandboxUrls, stageSandbox, visitEdge } from './sandbox.ts';

/** The line that `gates sandbox --json` prints once it listens. */
export interface SandboxLine {
  cloudflare: { baseUrl: string; token: string; accountId: string; zones: { id: string; name: string }[] };
  authentik: { url: string; token: string };
  edge: { url: string };
  admin: { url: string };
  /** Every variable that a client needs. */
  env: Record<string, string>;
}

/** A sandbox that listens only on this machine. */
export interface StartedSandbox {
  line: SandboxLine;
  /** The same sandbox in process; its `urls` are the listeners'. */
  sandbox: Sandbox;
  close(): Promise<void>;
}

type Answer = (message: IncomingMessage, body: Buffer) => Promise<Response>;

const LOOPBACK = '127.0.0.1';
const PARTS = ['cloudflare', 'authentik', 'edge', 'admin'] as const;

/**
 * Starts the four listeners on loopback: Cloudflare's API, Authentik, the edge, the admin API, in this order on `port`
 * and the next three ports, or on free ports. Rejects if a port is taken.
 */
export async function startSandbox(options: SandboxOptions & { port?: number }): Promise<StartedSandbox> {
  const answers: Partial<Record<(typeof PARTS)[number], Answer>> = {};
  const servers = await listenAll(options.port, (part) => (message, body) => {
    const answer = answers[part];
    return answer ? answer(message, body) : Promise.resolve(new Response(null, { status: 503 }));
  });
  const { sandbox, stage } = await stageSandbox(options, urlsOf(servers)).catch(async (error) => {
    await Promise.all(servers.map(closeServer));
    throw error;
  });
  for (const part of ['cloudflare', 'authentik', 'admin'] as const) {
    answers[part] = (message, body) => sandbox[part](toRequest(message, body));
  }
  answers.edge = (message, body) => visitEdge(stage, rawVisit(message, body));
  const close = async () => {
    await Promise.all(servers.map(closeServer));
  };
  return { line: lineOf(sandbox), sandbox, close };
}

async function listenAll(
  port: number | undefined,
  answerFor: (part: (typeof PARTS)[number]) => Answer,
): Promise<Server[]> {
  const servers: Server[] = [];
  try {
    for (const [index, part] of PARTS.entries()) {
      servers.push(await listen(port === undefined ? 0 : port + index, answerFor(part)));
    }
    return servers;
  } catch (error) {
    await Promise.all(servers.map(closeServer));
    throw error;
  }
}

function listen(port: number, answer: Answer): Promise<Server> {
  const server = createServer((message, reply) => {
    respond(message, reply, answer).catch((error: unknown) => {
      // HTTP has no handshake, so its alert replaces the answer.
      if (error instanceof HandshakeError) message.socket.end(ALERT);
      else message.socket.destroy();
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}

/** Sends the answer. A rejection means a lost reply: the client sees a closed connection, as with `fetch`. */
async function respond(message: IncomingMessage, reply: ServerResponse, answer: Answer): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const response = await answer(message, Buffer.concat(chunks));
  const body = Buffer.from(await response.arrayBuffer());
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') reply.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) reply.setHeader('set-cookie', cookies);
  if (body.length > 0) reply.setHeader('content-length', body.length);
  reply.writeHead(response.status);
  reply.end(body);
}

function toRequest(message: IncomingMessage, body: Buffer): Request {
  const headers = new Headers();
  for (const [name, value] of headerPairs(message)) headers.append(name, value);
  // Issuers and redirects contain the address that the client called.
  const host = message.headers.host ?? LOOPBACK;
  const base = URL.canParse(`http://${host}`) ? `http://${host}` : `http://${LOOPBACK}`;
  return new Request(base + (message.url ?? '/'), {
    method: message.method ?? 'GET',
    headers,
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
}

/** A visit with the request line unchanged: URL parsing would clean up what an attacker sends. */
function rawVisit(message: IncomingMessage, body: Buffer): RawVisit {
  const target = message.url ?? '/';
  const question = target.indexOf('?');
  return {
    method: message.method ?? 'GET',
    host: hostOf(message.headers.host ?? ''),
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? '' : target.slice(question),
    headers: headerPairs(message).filter(([name]) => name !== 'host'),
    body: body.length > 0 ? new Uint8Array(body) : null,
  };
}

function headerPairs(message: IncomingMessage): [string, string][] {
  const { rawHeaders } = message;
  return rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? '']] : [],
  );
}

function urlsOf(servers: readonly Server[]): SandboxUrls {
  const [cloudflare = '', authentik = '', edge = '', admin = ''] = servers.map(
    (server) => `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
  );
  return { cloudflare: cloudflare + API_BASE, authentik, edge, admin };
}

function lineOf(sandbox: Sandbox): SandboxLine {
  const { urls, token, accountId, zones, authentikToken, env } = sandbox;
  return {
    cloudflare: { baseUrl: urls.cloudflare, token, accountId, zones: [...zones] },
    authentik: { url: urls.authentik, token: authentikToken },
    edge: { url: urls.edge },
    admin: { url: urls.admin },
    env: { ...env },
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
