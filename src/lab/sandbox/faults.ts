import { createHash } from 'node:crypto';
import { crashReply } from './authentik/api/crash.ts';
import { newUuid } from './state/ids.ts';
import type { Edit, Fault, Json, System, World } from './state/world.ts';

const KINDS: readonly Fault['fault'][] = ['status', 'delay', 'drop', 'lose-reply', 'stale', 'edit', 'crash'];

/** A call in the form for faults; `path` is relative to the clients' base URL. */
export interface MatchedCall {
  system: System;
  method: string;
  path: string;
  /** A GET whose reply is a list. */
  isList?: boolean;
}

/**
 * The fault for this call, or undefined. Counts the call against `skip` and `times` of the matching faults. A random
 * fault counts every matching call, even one that another fault takes, so that its choices depend on nothing else.
 */
export function takeFault(world: World, call: MatchedCall): Fault | undefined {
  let taken: Fault | undefined;
  for (const fault of world.faults) {
    if (!matches(fault, call)) continue;
    const isDrawn = draws(fault);
    if (taken !== undefined) continue;
    if (fault.skip > 0) {
      fault.skip -= 1;
      continue;
    }
    if (fault.times === 0 || !isDrawn) continue;
    if (fault.times !== null) fault.times -= 1;
    taken = fault;
  }
  return taken;
}

/** True if chance picks this call; always true for a fault without chance. */
function draws(fault: Fault): boolean {
  if (fault.chance === undefined) return true;
  const { chance } = fault;
  chance.seen += 1;
  const digest = createHash('sha256').update(`${chance.seed}/${chance.seen}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48 < chance.probability;
}

function matches({ match }: Fault, call: MatchedCall): boolean {
  if (match.system !== undefined && match.system !== call.system) return false;
  if (match.method !== undefined && match.method.toUpperCase() !== call.method) return false;
  if (match.lists === true && call.isList !== true) return false;
  if (match.path === undefined) return true;
  return globMatches(match.path, call.path) || globMatches(match.path, `/client/v4${call.path}`);
}

/** True if a path matches, with `*` for any text, slashes included, as in a shell's `case`. */
function globMatches(glob: string, path: string): boolean {
  const expression = glob
    .split(/\*+/)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 's').test(path);
}

/** The fault in a body of `POST /faults`; a string is a mistake in it. */
export function parseFault(world: World, body: unknown): Fault | string {
  const given = (body ?? {}) as Record<string, unknown>;
  const kind = KINDS.find((known) => known === given.fault);
  if (!kind) return `fault must be one of ${KINDS.join(', ')}`;
  if (kind === 'status' && !isStatus(given.status)) return 'a status fault needs status, 200 to 599';
  if (kind === 'delay' && typeof given.ms !== 'number') return 'a delay fault needs ms';
  if (kind === 'stale' && !isCount(given.ms) && !isCount(given.writes))
    return 'a stale fault needs ms or writes';
  const edit = kind === 'edit' ? parseEdit(given.edit) : undefined;
  if (typeof edit === 'string') return edit;
  const chance = parseChance(given);
  if (typeof chance === 'string') return chance;
  const match = (given.match ?? {}) as Fault['match'];
  return {
    id: newUuid(world),
    match,
    fault: kind,
    ...(typeof given.status === 'number' ? { status: given.status } : {}),
    ...(typeof given.ms === 'number' ? { ms: given.ms } : {}),
    ...(given.applied === true ? { applied: true } : {}),
    ...(given.body === undefined ? {} : { body: given.body as Json }),
    ...(typeof given.writes === 'number' ? { writes: given.writes } : {}),
    ...(edit === undefined ? {} : { edit }),
    ...(given.headers ? { headers: given.headers as Record<string, string> } : {}),
    skip: typeof given.skip === 'number' ? given.skip : 0,
    times: typeof given.times === 'number' ? given.times : null,
    ...(chance === undefined ? {} : { chance }),
  };
}

/** The edit in the form of `POST /edit`; a text is a mistake in it. */
function parseEdit(given: unknown): Edit | string {
  const { actor = 'somebody', system, method, path, body } = (given ?? {}) as Partial<Edit>;
  if (typeof method !== 'string' || typeof path !== 'string')
    return 'an edit fault needs edit: {method, path}';
  const of: System = system === 'authentik' ? system : 'cloudflare';
  return { actor: String(actor), system: of, method, path, ...(body === undefined ? {} : { body }) };
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}

/** Probability and seed, both or neither: without a seed, nobody could repeat a run. */
function parseChance({ probability, seed }: Record<string, unknown>): Fault['chance'] | string {
  if (probability === undefined && seed === undefined) return undefined;
  if (typeof probability !== 'number' || !(probability > 0 && probability <= 1)) {
    return 'a random fault needs probability, above 0 and at most 1';
  }
  if (typeof seed !== 'number' || !Number.isFinite(seed)) {
    return 'a random fault needs seed, a number: the same seed hits the same calls again';
  }
  return { probability, seed, seen: 0 };
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599;
}

/**
 * The reply of a `status` fault: the envelope of its system, and Retry-After for a 429. Authentik answers JSON for a
 * refusal and while it starts (503), and HTML for a failure.
 */
export function faultReply(fault: Fault, system: System): Response {
  const status = fault.status ?? 500;
  const given = Object.entries(fault.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  const envelope = system === 'cloudflare' ? cloudflareFault(status) : authentikFault(status);
  const message =
    fault.body === undefined ? envelope : { ...envelope, type: JSON_TYPE, body: JSON.stringify(fault.body) };
  return envelopeReply(status, message, Object.fromEntries(given));
}

function envelopeReply(
  status: number,
  { type, body, retryAfter }: FaultEnvelope,
  given: Record<string, string> = {},
): Response {
  const retry: Record<string, string> = retryAfter === null ? {} : { 'retry-after': retryAfter };
  return new Response(body, { status, headers: { 'content-type': type, ...retry, ...given } });
}

/** The answer of a system whose code threw, before or after it had done its work. */
export function crashFaultReply(system: System, method: string): Response {
  if (system === 'cloudflare') return envelopeReply(500, cloudflareFault(500));
  const { status, body, headers } = crashReply(method);
  return new Response(body, { status, headers });
}

interface FaultEnvelope {
  type: string;
  body: string;
  retryAfter: string | null;
}

const JSON_TYPE = 'application/json';
const RATE_LIMITED = 'Rate limited. Please wait and consider throttling your request speed';

function cloudflareFault(status: number): FaultEnvelope {
  const message = status === 429 ? RATE_LIMITED : status === 403 ? 'Authentication error' : 'Fault';
  // 10403 would mean that the zone's plan does not include it (facts §1, §6).
  const errors = [{ code: status === 403 ? 10000 : 10000 + status, message }];
  const body = JSON.stringify({ success: false, errors, messages: [], result: null });
  return { type: JSON_TYPE, body, retryAfter: status === 429 ? '1' : null };
}

function authentikFault(status: number): FaultEnvelope {
  if (status === 503) {
    return { type: JSON_TYPE, body: JSON.stringify({ error: 'authentik starting' }), retryAfter: '5' };
  }
  if (status >= 500) {
    const body = '<!DOCTYPE html><html><head><title>Server Error - authentik</title></head></html>';
    return { type: 'text/html; charset=utf-8', body, retryAfter: null };
  }
  const detail = status === 429 ? 'Request was throttled.' : 'Fault';
  return { type: JSON_TYPE, body: JSON.stringify({ detail }), retryAfter: status === 429 ? '1' : null };
}
