import vm from 'node:vm';
import { now, type WorkerScript, type World } from '../../state/world.ts';
import { accessHeaders } from '../access/access-token.ts';
import { VISITOR_IP } from '../view/circumstances.ts';
import { mayHaveBody, passedOn } from '../view/proxy.ts';
import type { Assertion, Visit } from '../view/visit.ts';

/** `fetch` as a Worker calls it. */
export type WorkerFetch = (request: Request) => Promise<Response>;

interface Handler {
  fetch(request: Request, env: object, context: object): Promise<Response>;
}

const platform = {
  ...{ Request, Response, Headers, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController },
  ...{ crypto, atob, btoa, console, structuredClone, setTimeout, clearTimeout, Uint8Array, ArrayBuffer },
};

/**
 * Runs an uploaded Worker for one request, in a context of its own: each request meets a new instance, and its clock is
 * that of the world. It plays modules without imports. An exception is the edge's error 1101, as at Cloudflare for a
 * Worker that does not ask to be passed.
 */
export async function runWorker(
  world: World,
  script: WorkerScript,
  request: Request,
  fetch: WorkerFetch,
): Promise<Response> {
  try {
    const env = Object.fromEntries(script.bindings.map(({ name, text }) => [String(name), text]));
    const handler = load(world, script, fetch);
    return await handler.fetch(request, env, { waitUntil: () => {}, passThroughOnException: () => {} });
  } catch (error) {
    const headers = { 'content-type': 'text/plain', 'x-sandbox-served-by': 'edge' };
    return new Response(`error code: 1101\n${String(error)}\n`, { status: 500, headers });
  }
}

function load(world: World, { code, id }: WorkerScript, fetch: WorkerFetch): Handler {
  const clock = class extends Date {
    static override now = () => now(world);
  };
  const asked = (input: Request | string, init?: RequestInit) => fetch(new Request(input, init));
  const context = vm.createContext({ ...platform, Date: clock, fetch: asked });
  const body = code.replace(/^export default\b/m, 'globalThis.handler =');
  vm.runInContext(body, context, { filename: `${id}.js`, timeout: 1000 });
  return context.handler as Handler;
}

/**
 * A visit as a Worker receives it, with what Access added. `Request` accepts no body with GET and HEAD, and not every
 * method.
 */
export async function requestToWorker(visit: Visit, assertion: Assertion | null): Promise<Request> {
  const added = { ...(await accessHeaders(assertion)), 'cf-connecting-ip': visit.from?.ip ?? VISITOR_IP };
  const rest = passedOn(visit.headers).filter(
    ([name]) => !Object.hasOwn(added, name) && name !== 'cf-access-client-secret',
  );
  const method = /^(CONNECT|TRACE|TRACK)$/i.test(visit.method) ? 'GET' : visit.method;
  const hasBody = visit.body !== null && visit.body.length > 0 && method !== 'GET' && method !== 'HEAD';
  return new Request(`https://${visit.host}${visit.path}${visit.query}`, {
    method,
    headers: [...rest, ...Object.entries(added)].map(([name, value]): [string, string] => [name, value]),
    redirect: 'manual',
    ...(hasBody ? { body: new Uint8Array(visit.body ?? []) } : {}),
  });
}

/** The answer of a Worker, as the edge sends it. */
export async function ofWorker(answer: Response, ray: string): Promise<Response> {
  const body = mayHaveBody(answer.status) ? await answer.arrayBuffer() : null;
  const headers = new Headers(answer.headers);
  if (!headers.has('x-sandbox-served-by')) headers.set('x-sandbox-served-by', 'worker');
  if (!headers.has('cf-ray')) headers.set('cf-ray', ray);
  return new Response(body, { status: answer.status, headers });
}
