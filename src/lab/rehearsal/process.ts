import { setMaxListeners } from 'node:events';
import { createAuthentikWire } from '../../clients/authentik/authentik.ts';
import { createBudget } from '../../clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../clients/cloudflare/cloudflare.ts';
import { documentReader } from '../../clients/http/document.ts';
import { createRedactor } from '../../clients/redaction.ts';
import type { Change } from '../../core/change.ts';
import type { Scope } from '../../core/objects/object.ts';
import type { ProgressEvent } from '../../core/progress.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import type { Clock, Disk, Edge, World } from '../../core/world.ts';
import { createWorld } from '../../observed/world.ts';
import { type ReconcileRequest, type Report, reconcile } from '../../run/reconcile.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { Api, Misfortune } from './misfortune.ts';

export interface ProcessOptions {
  readonly sandbox: Sandbox;
  readonly disk: Disk;
  readonly request: Omit<ReconcileRequest, 'apply'>;
  readonly reconcilers: readonly AnyReconciler[];
  /** The real address of Authentik, if the environment names another one than the file. */
  readonly authentikUrl?: string;
  readonly misfortune?: Misfortune;
}

/** The work of a rehearsed process. */
export interface Ran {
  /** Undefined if the process was killed. */
  readonly report: Report | undefined;
  /** Writes that were sent, and those that arrived: the sandbox's oracle checked after each. */
  readonly writes: number;
  readonly judged: number;
  /** Each path that was read, once, in order. */
  readonly reads: readonly { readonly system: Api; readonly path: string }[];
  /** The change that was in progress from this call on. */
  readonly steps: readonly { readonly call: number; readonly change: Change }[];
}

/** One process of gates: a complete run on a sandbox in this process, with a clock that leaps. */
export async function runProcess(options: ProcessOptions): Promise<Ran> {
  return new Process(options).run();
}

const GONE = 'the process is gone';

class Process {
  readonly #options: ProcessOptions;
  readonly #stop = new AbortController();
  readonly #reads = new Map<string, { readonly system: Api; readonly path: string }>();
  readonly #steps: { readonly call: number; readonly change: Change }[] = [];
  #writes = 0;
  #judged = 0;
  #dead = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
    // Each Request of this process listens to the signal for the rest of its life.
    setMaxListeners(0, this.#stop.signal);
  }

  async run(): Promise<Ran> {
    const { request, reconcilers } = this.#options;
    let report: Report | undefined;
    try {
      report = await reconcile(
        { ...request, apply: true },
        {
          reconcilers,
          // The rehearsal tests the order of the plan, which the oracle judges.
          interlock: () => undefined,
          world: (scope) => this.#world(scope),
          onEvent: (event) => this.#note(event),
        },
      );
    } catch (error) {
      if (!this.#dead) throw error;
    }
    return {
      report: this.#dead ? undefined : report,
      writes: this.#writes,
      judged: this.#judged,
      reads: [...this.#reads.values()],
      steps: this.#steps,
    };
  }

  #note(event: ProgressEvent): void {
    if (event.type !== 'started') return;
    this.#steps.push({ call: lastCall(this.#options.sandbox), change: event.change });
  }

  #world(scope: Scope): World {
    const { authentik, ...rest } = this.#parts();
    const parts = { ...rest, workers: rest.cloudflare };
    if (scope.authentik === undefined) return createWorld({ scope, ...parts });
    const { authentikUrl: url = scope.authentik.url } = this.#options;
    return createWorld({ scope: { ...scope, authentik: { ...scope.authentik, url } }, ...parts, authentik });
  }

  #parts() {
    const { sandbox, disk } = this.#options;
    const clock = leapingClock();
    const { signal } = this.#stop;
    const redactor = createRedactor();
    const shared = { clock, redactor, signal, random: () => 0 };
    return {
      // The n-th write must be the same in each run.
      sideBySide: 1,
      cloudflare: createCloudflareWire({
        ...shared,
        token: sandbox.token,
        baseUrl: sandbox.urls.cloudflare,
        budget: createBudget(clock),
        fetch: this.#fetch('cloudflare', sandbox.urls.cloudflare),
      }),
      authentik: createAuthentikWire({
        ...shared,
        token: sandbox.authentikToken,
        url: sandbox.urls.authentik,
        fetch: this.#fetch('authentik', sandbox.urls.authentik),
      }),
      edge: this.#edge(),
      document: documentReader({ signal, fetch: this.#fetch('authentik', sandbox.urls.authentik) }),
      clock,
      signal,
      vault: this.#untilDead(disk.vault),
      notes: this.#untilDead(disk.notes),
      sinks: this.#untilDead(disk.sinks),
    };
  }

  #fetch(system: Api, base: string) {
    const { sandbox, misfortune } = this.#options;
    return async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      this.#live();
      const request = new Request(input, init);
      if (request.method !== 'GET' && request.method !== 'HEAD') return this.#write(system, request);
      const path = new URL(request.url).pathname.slice(new URL(base).pathname.replace(/\/$/, '').length);
      this.#reads.set(`${system} ${path}`, { system, path });
      const unread =
        misfortune?.kind === 'unread' && misfortune.system === system && misfortune.path === path;
      return unread ? refusal(system, 403) : sandbox[system](request);
    };
  }

  async #write(system: Api, request: Request): Promise<Response> {
    const { sandbox, misfortune } = this.#options;
    this.#writes += 1;
    const struck = misfortune !== undefined && 'write' in misfortune && misfortune.write === this.#writes;
    if (struck && misfortune.kind === 'refuse') return refusal(system, 500);
    if (struck && misfortune.kind === 'drop') throw new TypeError('fetch failed');
    this.#judged += 1;
    const response = await sandbox[system](request);
    if (!struck) return response;
    if (misfortune.kind === 'stop') {
      this.#stop.abort(new Error('the run was stopped'));
      return response;
    }
    this.#dead = misfortune.kind === 'kill';
    throw new TypeError('fetch failed');
  }

  #edge(): Edge {
    return {
      get: async ({ host, path, headers = {} }) => {
        this.#live();
        const response = await this.#options.sandbox.edge(new Request(`http://${host}${path}`, { headers }));
        return {
          status: response.status,
          headers: Object.fromEntries(response.headers),
          body: await response.text(),
        };
      },
    };
  }

  /** A store that can be neither written nor read once the process has ended. */
  #untilDead<Store extends object>(store: Store): Store {
    const bound = Object.entries(store).map(([name, method]: [string, (...args: unknown[]) => unknown]) => [
      name,
      async (...args: unknown[]) => {
        this.#live();
        return method(...args);
      },
    ]);
    return Object.fromEntries(bound) as Store;
  }

  #live(): void {
    if (this.#dead) throw new TypeError(GONE);
  }
}

/** The number of the last call to the sandbox; 0 if there was none. */
export function lastCall(sandbox: Sandbox): number {
  return sandbox.calls().at(-1)?.n ?? 0;
}

/** A clock that stands still except for sleeps, each of which ends at once. */
function leapingClock(): Clock {
  let now = Date.now();
  return {
    now: () => new Date(now),
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      now += milliseconds;
    },
  };
}

function refusal(system: Api, status: number): Response {
  if (system === 'cloudflare') {
    return Response.json({ success: false, errors: [], messages: [], result: null }, { status });
  }
  return status === 403
    ? Response.json({ detail: 'You do not have permission to perform this action.' }, { status })
    : new Response('<h1>Server Error (500)</h1>', { status });
}
