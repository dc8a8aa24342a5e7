import { setMaxListeners } from 'node:events';
import { reconcilers } from '../../reconcilers/index.ts';
import { createBudget } from '../../src/clients/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import type { Clock, Notes, Sinks, Vault } from '../../src/core/world.ts';
import { createWorld } from '../../src/observed/world.ts';
import { type Report, reconcile } from '../../src/reconcile.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { eagerClock, memoryNotes, memorySinks, memoryVault } from '../world.ts';

/** What outlives a process: the state directory and the delivered files. */
export interface Disk {
  readonly vault: Vault;
  readonly notes: Notes;
  readonly sinks: Sinks;
}

export function newDisk(): Disk {
  return { vault: memoryVault(), notes: memoryNotes(), sinks: memorySinks() };
}

/** What befalls the n-th write of a process, counted from 1. */
export interface Misfortune {
  readonly write: number;
  /**
   * `kill`: the write is done and the process is gone. `lose-reply`: done, unheard. `drop`: not done, the
   * connection is. `refuse`: not done, 500. `deny`: 400, then and for every later write to the same place.
   */
  readonly kind: 'kill' | 'lose-reply' | 'drop' | 'refuse' | 'deny';
}

/** What a process cannot see: reads of one sort answer 403 once that many writes were sent. */
export interface Blindness {
  /** As {@link Pass.reads} has it. */
  readonly read: string;
  readonly after: number;
}

export interface Pass {
  readonly report: Report | undefined;
  /** Writes that were sent. */
  readonly writes: number;
  /** Paths that were read, ids left out, and how many writes had been sent when each was read last. */
  readonly reads: ReadonlyMap<string, number>;
}

/** What else there is in the world of a process. */
export interface Surroundings {
  readonly clock?: Clock;
  /** Happens after each write, before the process hears of it. */
  readonly afterWrite?: (request: Request) => Promise<void>;
}

/** One process: a whole pass over the file, on the sandbox in this process, in virtual time. */
export async function runProcess(
  sandbox: Sandbox,
  disk: Disk,
  text: string,
  misfortune?: Misfortune | Blindness,
  { clock = eagerClock(), afterWrite }: Surroundings = {},
): Promise<Pass> {
  let writes = 0;
  let dead = false;
  let denied: string | undefined;
  const reads = new Map<string, number>();
  const alive = <T>(value: T): T => {
    if (dead) throw new TypeError('the process is gone');
    return value;
  };
  const read = (request: Request): Promise<Response> | Response => {
    const path = sortOf(request);
    reads.set(path, writes);
    const refused =
      misfortune !== undefined &&
      'read' in misfortune &&
      misfortune.read === path &&
      writes >= misfortune.after;
    return refused ? refusal(403) : sandbox.cloudflare(request);
  };
  const write = async (request: Request): Promise<Response> => {
    writes += 1;
    const place = `${request.method} ${sortOf(request)}`;
    const kind =
      misfortune !== undefined && 'write' in misfortune && misfortune.write === writes
        ? misfortune.kind
        : undefined;
    if (kind === 'deny') denied = place;
    if (denied === place) return refusal(400);
    if (kind === 'drop') throw new TypeError('fetch failed');
    if (kind === 'refuse') return refusal(500);
    const response = await sandbox.cloudflare(request);
    await afterWrite?.(request);
    if (kind === undefined) return response;
    dead = kind === 'kill';
    throw new TypeError('fetch failed');
  };
  const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    alive(undefined);
    const request = new Request(input, init);
    return request.method === 'GET' || request.method === 'HEAD' ? read(request) : write(request);
  };
  const signal = new AbortController().signal;
  // A Request made in this process listens to it for as long as it lives.
  setMaxListeners(0, signal);
  const cloudflare = createCloudflareWire({
    token: sandbox.token,
    baseUrl: sandbox.urls.cloudflare,
    fetch: send,
    clock,
    budget: createBudget(clock),
    redactor: createRedactor(),
    signal,
    random: () => 0,
  });
  const { vault, notes, sinks } = disk;
  const parts = {
    cloudflare,
    clock,
    signal,
    vault: guarded(vault, alive),
    notes: guarded(notes, alive),
    sinks: guarded(sinks, alive),
  };
  const request = { text: new TextEncoder().encode(text), file: 'gates.yaml', apply: true };
  const options = { adopt: false, allow: ['prune', 'change'] as const };
  try {
    const report = await reconcile(
      { ...request, options },
      { reconcilers, world: (scope) => createWorld({ scope, ...parts }) },
    );
    return { report: dead ? undefined : report, writes, reads };
  } catch (error) {
    if (!dead) throw error;
    return { report: undefined, writes, reads };
  }
}

function sortOf(request: Request): string {
  return new URL(request.url).pathname.replace(/[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}');
}

function refusal(status: number): Response {
  return Response.json({ success: false, errors: [], messages: [], result: null }, { status });
}

/** A store that nothing can be written to, or read from, once the process is gone. */
function guarded<Store extends object>(store: Store, alive: <T>(value: T) => T): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name);
      return typeof method === 'function'
        ? async (...args: unknown[]) => alive(method).apply(target, args)
        : method;
    },
  });
}

/** What is there, without what differs from run to run: ids, times, audiences, secrets. */
export async function shapeOf(sandbox: Sandbox): Promise<unknown> {
  const state = JSON.parse(sandbox.snapshot()) as Record<string, readonly Record<string, unknown>[]>;
  const names = (list: readonly Record<string, unknown>[] | undefined, ...fields: readonly string[]) =>
    (list ?? []).map((item) => fields.map((field) => JSON.stringify(item[field])).join(' ')).sort();
  return {
    records: names(state.records, 'type', 'name', 'proxied', 'ttl', 'comment', 'priority'),
    apps: names(state.apps, 'name', 'destinations', 'session_duration', 'tags'),
    policies: names(state.policies, 'name', 'decision'),
    tags: names(state.tags, 'name'),
    tokens: names(state.serviceTokens, 'name', 'duration', 'enabled'),
  };
}
