import { setMaxListeners } from 'node:events';
import { reconcilers } from '../../reconcilers/index.ts';
import { createAuthentikWire } from '../../src/clients/authentik.ts';
import { createBudget } from '../../src/clients/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import { describeError } from '../../src/core/errors.ts';
import type { Notes, Sinks, Vault } from '../../src/core/world.ts';
import { createWorld } from '../../src/observed/world.ts';
import { type Report, reconcile } from '../../src/reconcile.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { sandboxEdge } from '../sandbox-edge.ts';
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
  /** `kill`: the write is done and the process is gone. `lose-reply`: done, unheard. `refuse`: not done, 500. */
  readonly kind: 'kill' | 'lose-reply' | 'drop' | 'refuse';
}

export interface Pass {
  readonly report: Report | undefined;
  /** Writes that were sent. */
  readonly writes: number;
}

/** Changes that were not done, each with the reason. */
export function unfinished(report: Report | undefined): readonly string[] {
  return (report?.outcomes ?? [])
    .filter(({ status }) => status !== 'done')
    .map(({ change, error, reason }) => `${change}: ${error === undefined ? reason : describeError(error)}`);
}

/** A disk of its own with the same secrets; an applied file leaves no notes. */
export async function copyOf({ vault, sinks }: Disk): Promise<Disk> {
  const copy = { ...newDisk(), sinks };
  for (const name of await vault.list()) await copy.vault.put(name, (await vault.get(name)) ?? {});
  return copy;
}

/** One process: a whole pass over the file, on the sandbox in this process, in virtual time. */
export async function runProcess(
  sandbox: Sandbox,
  disk: Disk,
  text: string,
  misfortune?: Misfortune | 'dry run' | 'watch',
): Promise<Pass> {
  let writes = 0;
  let dead = false;
  const alive = <T>(value: T): T => {
    if (dead) throw new TypeError('the process is gone');
    return value;
  };
  const send =
    (system: (request: Request) => Promise<Response>, refusal: () => Response) =>
    async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      alive(undefined);
      const request = new Request(input, init);
      if (request.method === 'GET' || request.method === 'HEAD') return system(request);
      writes += 1;
      if (typeof misfortune !== 'object' || writes !== misfortune.write) return system(request);
      if (misfortune.kind === 'drop') throw new TypeError('fetch failed');
      if (misfortune.kind === 'refuse') return refusal();
      await system(request);
      dead = misfortune.kind === 'kill';
      throw new TypeError('fetch failed');
    };
  const clock = eagerClock();
  const signal = new AbortController().signal;
  // A Request made in this process listens to it for as long as it lives.
  setMaxListeners(0, signal);
  const cloudflare = createCloudflareWire({
    token: sandbox.token,
    baseUrl: sandbox.urls.cloudflare,
    fetch: send(sandbox.cloudflare, () =>
      Response.json({ success: false, errors: [], messages: [], result: null }, { status: 500 }),
    ),
    clock,
    budget: createBudget(clock),
    redactor: createRedactor(),
    signal,
    random: () => 0,
  });
  const authentik = createAuthentikWire({
    token: sandbox.authentikToken,
    url: sandbox.urls.authentik,
    fetch: send(sandbox.authentik, () => new Response('<h1>Server Error (500)</h1>', { status: 500 })),
    clock,
    redactor: createRedactor(),
    signal,
    random: () => 0,
  });
  const { vault, notes, sinks } = disk;
  const parts = {
    cloudflare,
    authentik,
    edge: sandboxEdge(sandbox, () => alive(undefined)),
    clock,
    signal,
    vault: guarded(vault, alive),
    notes: guarded(notes, alive),
    sinks: guarded(sinks, alive),
  };
  const request = {
    text: new TextEncoder().encode(text),
    file: 'gates.yaml',
    apply: misfortune !== 'dry run',
  };
  const options = {
    adopt: false,
    allow: ['prune', 'change'] as const,
    watch: misfortune === 'watch',
  };
  try {
    const report = await reconcile(
      { ...request, options },
      { reconcilers, world: (scope) => createWorld({ scope, ...parts }) },
    );
    return { report: dead ? undefined : report, writes };
  } catch (error) {
    if (!dead) throw error;
    return { report: undefined, writes };
  }
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

type Row = Readonly<Record<string, unknown>>;

/** What is there, without what differs from run to run: ids, times, audiences, secrets. */
export async function shapeOf(sandbox: Sandbox): Promise<unknown> {
  const state = JSON.parse(sandbox.snapshot()) as Record<string, readonly Row[]> & {
    authentik: AuthentikRows;
  };
  return {
    records: names(state.records, 'type', 'name', 'proxied', 'ttl', 'comment', 'priority'),
    apps: names(state.apps, 'name', 'destinations', 'session_duration', 'tags'),
    policies: names(state.policies, 'name', 'decision'),
    tags: names(state.tags, 'name'),
    tokens: names(state.serviceTokens, 'name', 'duration', 'enabled'),
    authentik: authentikShape(state.authentik),
  };
}

type AuthentikRows = Readonly<
  Record<'groups' | 'keyPairs' | 'providers' | 'applications' | 'bindings' | 'outposts', readonly Row[]>
>;

/** The same of Authentik, where what refers to something does so by name. */
function authentikShape(rows: AuthentikRows): unknown {
  const found = new Map<unknown, unknown>();
  for (const list of Object.values(rows)) {
    if (!Array.isArray(list)) continue;
    for (const row of list as readonly Row[]) found.set(row.pk, row.slug ?? row.name);
  }
  const named = (list: readonly Row[], ...fields: readonly string[]) =>
    list.map((row) => {
      const resolved = fields.map((field) => {
        const value = row[field];
        return [field, Array.isArray(value) ? value.map((pk) => found.get(pk)).sort() : found.get(value)];
      });
      return { ...row, ...Object.fromEntries(resolved) };
    });
  return {
    groups: names(rows.groups, 'name', 'attributes'),
    pairs: names(rows.keyPairs, 'name'),
    providers: names(
      named(rows.providers, 'signing_key'),
      ...['name', 'signing_key', 'grant_types', 'redirect_uris'],
    ),
    proxies: rows.providers
      .flatMap(({ name, proxy }) => (proxy === null ? [] : [JSON.stringify([name, inUse(proxy as Row)])]))
      .sort(),
    applications: names(
      named(rows.applications, 'provider'),
      ...['slug', 'provider', 'meta_launch_url', 'meta_publisher', 'policy_engine_mode'],
    ),
    bindings: names(named(rows.bindings, 'target', 'group'), 'target', 'group', 'enabled', 'negate'),
    outposts: names(named(rows.outposts, 'providers'), 'name', 'providers', 'config'),
  };
}

/** In forward auth nobody looks at where the outpost would hand requests on. */
function inUse({ cookie_secret: _, internal_host: internal, ...proxy }: Row): Row {
  return proxy.mode === 'proxy' ? { ...proxy, internal_host: internal } : proxy;
}

function names(list: readonly Row[] | undefined, ...fields: readonly string[]): readonly string[] {
  return (list ?? []).map((item) => fields.map((field) => JSON.stringify(item[field])).join(' ')).sort();
}
