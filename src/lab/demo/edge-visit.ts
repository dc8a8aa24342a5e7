import { type IncomingHttpHeaders, request } from 'node:http';

/** The edge's answer, in a few words that fit a table. */
export type AnswerWords = string;

/** A host, and its path unless that is the root. */
export interface Visited {
  readonly host: string;
  readonly path?: string;
}

/** A reply of the edge, with the fields that the story needs. */
export interface EdgeReply {
  readonly answer: AnswerWords;
  readonly location: string | undefined;
  /** `name=value` of the cookies that it sets, without attributes. */
  readonly cookies: readonly string[];
}

/** More redirects than any login needs. */
const MOST_HOPS = 8;

/**
 * Visits a host at the edge like a visitor from the internet, with these additional headers. `fetch` would send the
 * edge's own name as Host.
 */
export function visitEdge(
  edgeUrl: string,
  visited: Visited,
  headers: Readonly<Record<string, string>> = {},
): Promise<EdgeReply> {
  return new Promise((resolve, reject) => {
    const url = new URL(visited.path ?? '/', edgeUrl);
    const visit = request(url, { headers: { ...headers, host: visited.host }, agent: false }, (reply) => {
      reply.resume();
      reply.on('end', () => resolve(readReply(reply.statusCode ?? 0, reply.headers)));
    });
    visit.on('error', reject);
    visit.end();
  });
}

/** Calls a host at the edge like a program, and reads the answer. */
export function callEdge(
  edgeUrl: string,
  visited: Visited,
  {
    method,
    body,
    headers,
  }: { readonly method: string; readonly body: string; readonly headers: Readonly<Record<string, string>> },
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(visited.path ?? '/', edgeUrl);
    const call = request(
      url,
      { method, headers: { ...headers, host: visited.host }, agent: false },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('end', () =>
          resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/**
 * Visits a host with a browser that follows redirects and keeps each host's cookies; `session` is one at `login.host`.
 * Returns the final answer.
 */
export async function browseEdge(
  edgeUrl: string,
  visited: Visited,
  login: { readonly host: string; readonly session: string },
): Promise<AnswerWords> {
  const jar = new Map<string, readonly string[]>([[login.host, [login.session]]]);
  let at = new URL(visited.path ?? '/', `https://${visited.host}`);
  for (let hop = 0; ; hop += 1) {
    const { host } = at;
    const cookies = jar.get(host) ?? [];
    const headers: Record<string, string> = cookies.length === 0 ? {} : { cookie: cookies.join('; ') };
    const reply = await visitEdge(edgeUrl, { host, path: `${at.pathname}${at.search}` }, headers);
    if (reply.location === undefined || hop === MOST_HOPS) return reply.answer;
    jar.set(host, [...reply.cookies, ...cookies.filter((old) => !isReplaced(old, reply.cookies))]);
    at = new URL(reply.location, at);
  }
}

function isReplaced(old: string, cookies: readonly string[]): boolean {
  const name = (cookie: string) => cookie.slice(0, cookie.indexOf('='));
  return cookies.some((cookie) => name(cookie) === name(old));
}

function readReply(status: number, headers: IncomingHttpHeaders): EdgeReply {
  const cookies = (headers['set-cookie'] ?? []).map((line) => line.split(';')[0] ?? '');
  return { answer: describe(status, headers), location: headers.location, cookies };
}

/** Describes an answer by the part of the sandbox's edge that it names. */
function describe(status: number, headers: IncomingHttpHeaders): AnswerWords {
  const error = String(headers['x-sandbox-error'] ?? '');
  if (error === 'does-not-resolve') return 'no such name';
  if (/^(?:api-shield|waf)-rule/.test(error)) return `${status} by Cloudflare`;
  switch (headers['x-sandbox-served-by']) {
    case 'access':
      return status === 302 ? '302 Access login' : `${status} by Access`;
    case 'edge':
      return `${status} by the tunnel`;
    case 'authentik':
      if (status === 302) return '302 Authentik login';
      return headers['x-sandbox-access'] === 'denied' ? 'refused by Authentik' : `${status} Authentik`;
    default:
      return `${status} the service`;
  }
}
