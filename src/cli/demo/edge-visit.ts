import { request } from 'node:http';

/** What the edge answered, in a few words that fit a table. */
export type EdgeAnswer = string;

/**
 * Visits a host at the edge as anybody on the internet would, with these headers beside. `fetch` would send the
 * edge's own name as Host.
 */
export function visitEdge(
  edgeUrl: string,
  door: { readonly host: string; readonly path?: string },
  headers: Readonly<Record<string, string>> = {},
): Promise<EdgeAnswer> {
  return new Promise((resolve, reject) => {
    const url = new URL(door.path ?? '/', edgeUrl);
    const visit = request(url, { headers: { ...headers, host: door.host }, agent: false }, (reply) => {
      reply.resume();
      const header = (name: string) => String(reply.headers[name] ?? '');
      reply.on('end', () => resolve(describe(reply.statusCode ?? 0, header)));
    });
    visit.on('error', reject);
    visit.end();
  });
}

/** Every answer of the sandbox's edge says which part of it spoke. */
function describe(status: number, header: (name: string) => string): EdgeAnswer {
  if (header('x-sandbox-error') === 'does-not-resolve') return 'no such name';
  const by = header('x-sandbox-served-by');
  if (by === 'access') return status === 302 ? '302 Access login' : `${status} by Access`;
  if (by === 'edge') return `${status} by the tunnel`;
  return `${status} ${by === 'authentik' ? 'Authentik' : 'the service'}`;
}
