import { beforeWrite, letArrive, noteWrite } from './arrivals.ts';
import { handleAuthentik, isApiPath, tokenOwner } from './authentik/index.ts';
import { handleCloudflare } from './cloudflare/index.ts';
import type { Verifier } from './edge/verifier.ts';
import { crashFaultReply, faultReply, takeFault } from './faults.ts';
import { judgeAll } from './oracle/doubts.ts';
import { keepPast, pastOf } from './past.ts';
import { newUuid } from './state/ids.ts';
import { type Call, type Fault, type System, timestamp, type World } from './state/world.ts';

/** The base path of the Cloudflare API, which paths of calls, faults and edits do not contain. */
export const API_BASE = '/client/v4';

/** The shared state of a sandbox's parts; restoring a snapshot replaces `world` completely. */
export interface Stage {
  world: World;
  /** The milliseconds of every API call. */
  readonly delay: number;
  /** Set by a test; without it, the edge uses `fetch`, and the oracle asks nobody. */
  readonly verifier?: Verifier;
}

/**
 * Handles one API call: logs it, applies a matching fault, answers it, and lets the oracle judge a write. A visit to
 * Authentik's public face is no API call, but faults apply to it too. Rejects like `fetch` (`TypeError: fetch failed`)
 * if a fault takes the call or its reply.
 */
export function dispatch(stage: Stage, system: System, request: Request): Promise<Response> {
  const work = perform(stage, system, request);
  return stage.delay > 0 || stage.world.faults.length > 0 ? untilAborted(request.signal, work) : work;
}

async function perform(stage: Stage, system: System, request: Request): Promise<Response> {
  // If nothing is on its way, a call is logged at once.
  if (stage.world.pending !== undefined) await letArrive(stage);
  const { world } = stage;
  const method = request.method.toUpperCase();
  const path = relativePath(system, new URL(request.url).pathname);
  const isApi = system === 'cloudflare' || isApiPath(path);
  const call: Call = {
    n: lastCall(world) + 1,
    system,
    method,
    path,
    status: 0,
    write: isApi && isWrite(method),
    caller: actorOf(world, system, request),
  };
  if (isApi) world.calls.push(call);
  const isList =
    !isWrite(method) &&
    world.faults.some(({ match }) => match.lists === true) &&
    (await repliesList(world, system, request.clone()));
  const fault = takeFault(world, { ...call, isList });
  if (stage.delay > 0) await pause(stage.delay);
  if (fault?.fault === 'delay') await pause(fault.ms ?? 0);

  if (fault?.edit !== undefined) await edit(stage, fault.edit);
  if (call.write) {
    keepPast(world);
    await letArrive(stage);
    beforeWrite(world);
  }
  const response = await reply(world, request, call, fault);
  if (call.write) noteWrite(world);
  if (response) call.status = response.status;
  if (call.write) await judgeAll(world, call.n, stage.verifier);
  if (!response || fault?.fault === 'lose-reply') throw lostConnection();
  return response;
}

async function reply(
  world: World,
  request: Request,
  call: Call,
  fault: Fault | undefined,
): Promise<Response | undefined> {
  if (fault?.fault === 'drop') return undefined;
  if (fault?.fault === 'status') return faultReply(fault, call.system);
  if (fault?.fault === 'stale' && !isWrite(call.method))
    return answerOf(pastOf(world, fault), call.system, request);
  if (fault?.fault !== 'crash') return carryOut(world, request, call);
  const response = fault.applied === true ? await carryOut(world, request, call) : undefined;
  return response?.ok === false ? response : crashFaultReply(call.system, call.method);
}

/** Lets the system handle the call; a successful write is audited. */
async function carryOut(world: World, request: Request, call: Call): Promise<Response> {
  const { system, method, path, caller: actor } = call;
  const response = await answerOf(world, system, request);
  if (call.write && response.ok) audit(world, { actor, system, method, path }, response);
  return response;
}

function answerOf(world: World, system: System, request: Request): Promise<Response> {
  return system === 'cloudflare' ? handleCloudflare(world, request) : handleAuthentik(world, request);
}

/** True if a call replies with a list, tested on a copy, so that nothing is counted. */
async function repliesList(world: World, system: System, request: Request): Promise<boolean> {
  const copy = structuredClone({ ...world, calls: [], exposures: [], audit: [], past: [] });
  const reply = await answerOf(copy, system, request);
  if (!reply.headers.get('content-type')?.startsWith('application/json')) return false;
  const body: unknown = await reply.json();
  const { result, results } = Object(body) as { result?: unknown; results?: unknown };
  return Array.isArray(result) || Array.isArray(results);
}

/** The owner of the token of a call. */
function actorOf(world: World, system: System, request: Request): string {
  const value = (request.headers.get('authorization') ?? '').replace(/^Bearer /, '');
  const actor =
    system === 'cloudflare'
      ? world.apiTokens.find((token) => token.value === value)?.actor
      : tokenOwner(world, value)?.username;
  return actor ?? 'unknown';
}

/** The user agent of a person's browser: both dashboards are clients of their APIs. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';

/** Makes an API call as another person in the dashboard: neither logged nor hit by faults, but audited. */
export async function edit(
  stage: Stage,
  given: { actor: string; system: System; method: string; path: string; body?: unknown },
): Promise<Response> {
  await letArrive(stage);
  const { world } = stage;
  const method = given.method.toUpperCase();
  const path = relativePath(given.system, given.path);
  const base = given.system === 'cloudflare' ? API_BASE : '';
  const request = new Request(`http://sandbox${base}${path}`, {
    method,
    headers: {
      'user-agent': BROWSER,
      ...(given.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(given.body !== undefined && { body: JSON.stringify(given.body) }),
  });
  if (isWrite(method)) keepPast(world);
  if (isWrite(method)) beforeWrite(world);
  const response =
    given.system === 'cloudflare'
      ? await handleCloudflare(world, request, { trusted: true })
      : await handleAuthentik(world, request, { actor: given.actor });
  if (isWrite(method)) noteWrite(world);
  audit(world, { actor: given.actor, system: given.system, method, path }, response);
  if (isWrite(method)) await judgeAll(world, lastCall(world), stage.verifier);
  return response;
}

function audit(
  world: World,
  given: { actor: string; system: System; method: string; path: string },
  { status, headers }: Response,
): void {
  const [ray] = headers.get('cf-ray')?.split('-') ?? [];
  const entry = { id: newUuid(world), ...given, status, when: timestamp(world) };
  world.audit.push(ray === undefined ? entry : { ...entry, ray });
}

function relativePath(system: System, path: string): string {
  const inside = system === 'cloudflare' && path.startsWith(`${API_BASE}/`);
  return inside ? path.slice(API_BASE.length) : path;
}

function lastCall(world: World): number {
  return world.calls.at(-1)?.n ?? 0;
}

function isWrite(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** The error of undici's `fetch` if the other side closes the connection. */
function lostConnection(): TypeError {
  const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  return new TypeError('fetch failed', { cause });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ends a client's wait on abort; the server continues with its work. */
function untilAborted(signal: AbortSignal, work: Promise<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
