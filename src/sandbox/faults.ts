import { newUuid } from './ids.ts';
import type { Fault, System, World } from './world.ts';

const KINDS: readonly Fault['fault'][] = ['status', 'delay', 'drop', 'lose-reply'];

/** A call as faults match it; `path` is relative to the base URL that clients are given. */
export interface MatchedCall {
  system: System;
  method: string;
  path: string;
}

/** The fault that hits this call, or undefined; counts the call against `skip` and `times` of those that match. */
export function takeFault(world: World, call: MatchedCall): Fault | undefined {
  for (const fault of world.faults) {
    if (!matches(fault, call)) continue;
    if (fault.skip > 0) {
      fault.skip -= 1;
      continue;
    }
    if (fault.times === 0) continue;
    if (fault.times !== null) fault.times -= 1;
    return fault;
  }
  return undefined;
}

function matches({ match }: Fault, call: MatchedCall): boolean {
  if (match.system !== undefined && match.system !== call.system) return false;
  if (match.method !== undefined && match.method.toUpperCase() !== call.method) return false;
  if (match.path === undefined) return true;
  return globMatches(match.path, call.path) || globMatches(match.path, `/client/v4${call.path}`);
}

/** `*` stands for any text, slashes included, as in a shell's `case`. */
function globMatches(glob: string, path: string): boolean {
  const expression = glob
    .split(/\*+/)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 's').test(path);
}

/** A fault as `POST /faults` sends it, checked; a string says what is wrong with it. */
export function parseFault(world: World, body: unknown): Fault | string {
  const given = (body ?? {}) as Record<string, unknown>;
  const kind = KINDS.find((known) => known === given.fault);
  if (!kind) return `fault must be one of ${KINDS.join(', ')}`;
  if (given.probability !== undefined || given.seed !== undefined) return 'random faults are not played yet';
  if (kind === 'status' && !isStatus(given.status)) return 'a status fault needs status, 200 to 599';
  if (kind === 'delay' && typeof given.ms !== 'number') return 'a delay fault needs ms';
  const match = (given.match ?? {}) as Fault['match'];
  return {
    id: newUuid(world),
    match,
    fault: kind,
    ...(typeof given.status === 'number' ? { status: given.status } : {}),
    ...(typeof given.ms === 'number' ? { ms: given.ms } : {}),
    ...(given.headers ? { headers: given.headers as Record<string, string> } : {}),
    skip: typeof given.skip === 'number' ? given.skip : 0,
    times: typeof given.times === 'number' ? given.times : null,
  };
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599;
}

/** What a call is told that a `status` fault hits: the envelope of its system, and Retry-After with a 429. */
export function faultReply(fault: Fault, system: System): Response {
  const status = fault.status ?? 500;
  const retry: Record<string, string> = status === 429 ? { 'retry-after': '1' } : {};
  const given = Object.entries(fault.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  const headers = { 'content-type': 'application/json', ...retry, ...Object.fromEntries(given) };
  const message =
    status === 429 ? 'Rate limited. Please wait and consider throttling your request speed' : 'Fault';
  const body =
    system === 'cloudflare'
      ? { success: false, errors: [{ code: 10000 + status, message }], messages: [], result: null }
      : { detail: message };
  return new Response(JSON.stringify(body), { status, headers });
}
