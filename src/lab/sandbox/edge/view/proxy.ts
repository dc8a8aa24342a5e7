import http from 'node:http';
import https from 'node:https';
import type { Visit } from './visit.ts';

/** Headers of a single connection, which are not passed on (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A real call to an origin on this machine; rejects if the origin is unreachable. */
export function callOrigin(
  visit: Visit,
  target: { url: string; verifyTls: boolean },
  headers: readonly (readonly [string, string])[],
): Promise<Response> {
  const url = new URL(target.url);
  const client = url.protocol === 'https:' ? https : http;
  const options = {
    method: visit.method,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: visit.path + visit.query,
    headers: headers.flat(),
    rejectUnauthorized: target.verifyTls,
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const call = client.request(options, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => resolve(toResponse(reply, Buffer.concat(chunks))));
    });
    call.on('error', reject);
    call.end(visit.body ?? undefined);
  });
}

/** The headers of a visitor that the origin gets. */
export function passedOn(headers: Visit['headers']): (readonly [string, string])[] {
  return headers.filter(([name]) => !HOP_BY_HOP.has(name) && name !== 'content-length');
}

function toResponse(reply: http.IncomingMessage, body: Buffer): Response {
  const headers = new Headers();
  for (let index = 0; index + 1 < reply.rawHeaders.length; index += 2) {
    const name = (reply.rawHeaders[index] ?? '').toLowerCase();
    if (!HOP_BY_HOP.has(name)) headers.append(name, reply.rawHeaders[index + 1] ?? '');
  }
  const status = reply.statusCode ?? 502;
  return new Response(mayHaveBody(status) ? new Uint8Array(body) : null, { status, headers });
}

/** True if a Response with this status may have a body. */
export function mayHaveBody(status: number): boolean {
  return status !== 204 && status !== 205 && status !== 304;
}
