import { setMaxListeners } from 'node:events';
import { reconcilers } from '../../../reconcilers/index.ts';
import { createTurns } from '../../../reconcilers/turns/turns.ts';
import { applyPlan } from '../../../src/apply/apply.ts';
import { createAuthentikWire } from '../../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../src/clients/cloudflare/cloudflare.ts';
import { documentReader } from '../../../src/clients/http/document.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { describeError } from '../../../src/core/errors.ts';
import type { WriteInterlock } from '../../../src/core/interlock.ts';
import type { Scope } from '../../../src/core/objects/object.ts';
import type { Clock, Edge, World } from '../../../src/core/world.ts';
import type { InterlockGround } from '../../../src/interlock/run-ends.ts';
import { RunInterlock } from '../../../src/interlock/run-interlock.ts';
import type { LagOptions, Sandbox } from '../../../src/lab/sandbox/index.ts';
import { createWorld, type Memory } from '../../../src/observed/world.ts';
import { type ReconcileRequest, type Report, reconcile } from '../../../src/run/reconcile.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { sharedClock } from '../../support/shared-clock.ts';
import {
  eagerClock,
  type MemoryNotes,
  type MemoryVault,
  memoryNotes,
  memorySinks,
  memoryVault,
  type TestWorld,
} from '../../support/world.ts';
import type { Beginning, Begun } from './beginning.ts';
import { lagOfScenario } from './lag.ts';
import { readOnce } from './read-once.ts';
import {
  type Api,
  brokenOff,
  failed,
  forbidden,
  type Meddling,
  readOf,
  sortOf,
  type Trouble,
  troubledEdge,
} from './trouble.ts';

export { shapeOf } from './shape.ts';
export type { Misfortune } from './trouble.ts';

/** The state directory and the delivered files, which survive a process. */
export interface Disk {
  readonly vault: MemoryVault;
  readonly notes: MemoryNotes;
  readonly sinks: TestWorld['sinks'];
}

export function newDisk(): Disk {
  return { vault: memoryVault(), notes: memoryNotes(), sinks: memorySinks() };
}

/** A read in the order of sending. */
export interface Read {
  /** The read, such as `cloudflare /client/v4/zones`. */
  readonly read: string;
  /** The number of writes sent before it. */
  readonly after: number;
}

export interface Pass {
  /** The report; undefined if the process was killed. */
  readonly report: Report | undefined;
  /** The number of writes sent. */
  readonly writes: number;
  /** The sort of each sent write, as `sortOf` names it, in order. */
  readonly sorts: readonly string[];
  /** The number of writes that arrived; the oracle judged after each. */
  readonly judged: number;
  readonly reads: readonly Read[];
  /** The number of requests through the edge. */
  readonly probes: number;
  /** The changes that were reported as ended, in order. */
  readonly ended: readonly string[];
}

/** The changes that were not made, each with the reason. */
export function unfinished(report: Report | undefined): readonly string[] {
  return (report?.outcomes ?? [])
    .filter(({ status }) => status !== 'done')
    .map(({ change, error, reason }) => `${change}: ${error === undefined ? reason : describeError(error)}`);
}

/** A copy of the disk. */
export async function copyOf({ vault, notes, sinks }: Disk): Promise<Disk> {
  return {
    vault: memoryVault(new Map(vault.entries)),
    notes: memoryNotes(new Map(notes.texts)),
    sinks: memorySinks(new Map(sinks.files)),
  };
}

/** The content of a disk; equal for equal disks that were written in the same order. */
export function contentsOf({ vault, notes, sinks }: Disk): string {
  return JSON.stringify([vault.entries, notes.texts, sinks.files].map((map) => [...map]));
}

/**
 * Runs one process: a complete run over the file, on the sandbox in this process, in virtual time. With a beginning, it
 * may continue from the work of processes that began the same. With a lag, writes take time to reach the edge.
 */
export async function runProcess(
  sandbox: Sandbox,
  disk: Disk,
  text: string,
  trouble?: Trouble | 'dry run' | 'watch',
  beginning?: Beginning,
  lag: LagOptions | undefined = lagOfScenario(),
  interlocked = true,
): Promise<Pass> {
  const of = typeof trouble === 'object' ? trouble : undefined;
  if (lag !== undefined) sandbox.setLag(lag);
  const clock = lag === undefined ? eagerClock() : undefined;
  const process = new Process({ sandbox, disk, trouble: of, beginning, clock, interlocked });
  const report = await process.pass(text, { apply: trouble !== 'dry run', watch: trouble === 'watch' });
  // The next process starts at once after a disturbed one, and finds its writes still on their way.
  if (trouble === undefined) await sandbox.arrive();
  return { report, ...process.sent };
}

/** A run of `gates plan` or `gates adopt`, for one service or, without one, for the whole file. */
export async function runCommand(
  command: 'plan' | 'adopt',
  { sandbox, disk, text }: { readonly sandbox: Sandbox; readonly disk: Disk; readonly text: string },
  service: string | undefined,
  trouble?: Trouble,
): Promise<Pass> {
  const lag = lagOfScenario();
  if (lag !== undefined) sandbox.setLag(lag);
  const clock = lag === undefined ? eagerClock() : undefined;
  const process = new Process({ sandbox, disk, trouble, beginning: undefined, clock, interlocked: true });
  const adopts = command === 'adopt';
  const report = await process.pass(text, {
    apply: adopts,
    watch: false,
    options: { adopt: adopts, adoptOnly: adopts, ...(service !== undefined && { service }), allow: [] },
  });
  if (trouble === undefined) await sandbox.arrive();
  return { report, ...process.sent };
}

/** The actions of one process. */
interface Task {
  readonly apply: boolean;
  readonly watch: boolean;
  /** Default: those of the daemon, with every limit lifted. */
  readonly options?: ReconcileRequest['options'];
}

interface Stage {
  readonly sandbox: Sandbox;
  readonly disk: Disk;
  readonly trouble: Trouble | undefined;
  readonly beginning: Beginning | undefined;
  /** The clock; undefined uses the sandbox's own time, in which delayed writes arrive. */
  readonly clock: Clock | undefined;
  /** False: no interlock holds anything back. */
  readonly interlocked: boolean;
}

/** A process with one trouble between it and the systems. */
class Process {
  readonly sent = {
    writes: 0,
    sorts: [] as string[],
    judged: 0,
    reads: [] as Read[],
    probes: 0,
    ended: [] as string[],
  };
  readonly #sandbox: Sandbox;
  readonly #disk: Disk;
  readonly #trouble: Trouble | undefined;
  readonly #beginning: Beginning | undefined;
  readonly #stop = new AbortController();
  readonly #clock: Clock;
  readonly #interlocked: boolean;
  #dead = false;
  /** The number of unanswered calls and checks. */
  #underWay = 0;
  #calls = 0;

  constructor({ sandbox, disk, trouble, beginning, clock, interlocked }: Stage) {
    this.#interlocked = interlocked;
    this.#beginning = beginning;
    this.#sandbox = sandbox;
    this.#disk = disk;
    this.#trouble = trouble;
    this.#clock = clockUntil(this.#stop.signal, clock ?? this.#sharedClock());
    // Each Request of this process listens to the signal for as long as it lives.
    setMaxListeners(0, this.#stop.signal);
  }

  #sharedClock(): Clock {
    return sharedClock(this.#sandbox, () => this.#underWay > 0);
  }

  /** Awaits an answer. A process that waits for one does not count as asleep. */
  async #answered<T>(answer: Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await answer;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Runs, and returns the report; undefined when the process was killed. */
  async pass(text: string, how: Task): Promise<Report | undefined> {
    const begun = this.#beginning?.before(this.#trouble);
    try {
      const report = await (begun === undefined ? this.#whole(text, how) : this.#from(begun));
      return this.#dead ? undefined : report;
    } catch (error) {
      // A stop during the reads ends a run without a report.
      if (!this.#dead && error !== this.#stop.signal.reason) throw error;
      return undefined;
    }
  }

  async #whole(text: string, { apply, watch, options: given }: Task): Promise<Report> {
    const request = { text: new TextEncoder().encode(text), file: 'gates.yaml', apply };
    const options = given ?? { adopt: false, allow: ['prune', 'change'] as const, watch };
    const memory: Memory = new Map();
    const world = this.#worlds();
    let entered: Scope | undefined;
    return reconcile(
      { ...request, options },
      {
        reconcilers,
        readConfig: readOnce,
        interlock: (ground, world) => this.#interlock(ground, world),
        ...(this.#meddling?.inTurns === true && { turns: createTurns() }),
        ...(this.#meddling?.isAgreed === true && { confirm: async () => true }),
        world: (scope) => {
          entered = scope;
          return world(scope, memory);
        },
        onEvent: (event) => {
          if (event.type === 'finished') this.sent.ended.push(event.change.id);
          if (event.type !== 'planned' || entered === undefined) return;
          // The run applies the plan object that it announces.
          Object.assign(event.plan, this.#trouble?.replanned?.(event.plan));
          this.#beginning?.learn({ plan: event.plan, scope: entered, memory: new Map(memory) });
        },
      },
    );
  }

  async #from({ plan, scope, memory, ground }: Begun): Promise<Report> {
    const world = this.#worlds()(scope, new Map(memory));
    const interlock = ground === undefined ? undefined : this.#interlock(ground, world);
    const outcomes = await applyPlan(plan, reconcilers, world, undefined, interlock);
    return { mistakes: [], plan, outcomes, interferences: world.shared.interferences };
  }

  #interlock(ground: InterlockGround, world: World): WriteInterlock | undefined {
    this.#beginning?.learnGround(ground);
    return this.#interlocked ? new RunInterlock(ground, world) : undefined;
  }

  #worlds(): (scope: Scope, memory: Memory) => World {
    const { authentik, ...parts } = this.#parts();
    const { sideBySide = 1 } = this.#trouble ?? {};
    return (scope, memory) =>
      createWorld(
        {
          scope,
          sideBySide,
          workers: parts.cloudflare,
          ...parts,
          ...(scope.authentik !== undefined && { authentik }),
        },
        memory,
      );
  }

  #parts() {
    const [sandbox, clock] = [this.#sandbox, this.#clock];
    const { signal } = this.#stop;
    const shared = { clock, redactor: createRedactor(), signal, random: () => 0 };
    const alive = <T>(value: T) => this.#alive(value);
    const { vault, notes, sinks } = this.#disk;
    return {
      cloudflare: createCloudflareWire({
        ...shared,
        token: sandbox.token,
        baseUrl: sandbox.urls.cloudflare,
        fetch: (input, init) => this.#send('cloudflare', input, init),
        budget: createBudget(clock),
      }),
      authentik: createAuthentikWire({
        ...shared,
        token: sandbox.authentikToken,
        url: sandbox.urls.authentik,
        fetch: (input, init) => this.#send('authentik', input, init),
      }),
      edge: this.#edge(),
      document: documentReader({ signal, fetch: (url) => this.#send('authentik', url) }),
      clock,
      signal,
      vault: guarded(vault, alive),
      notes: guarded(notes, alive),
      sinks: guarded(sinks, alive),
    };
  }

  #send(system: Api, input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    this.#alive(undefined);
    // Only this process uses the signal, and a Request with a signal is slow to create.
    const { signal, ...rest } = init;
    const request = new Request(input, rest);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const send = () =>
      isRead ? this.#read(system, request) : this.#write(system, request, signal ?? undefined);
    return this.#answered(this.#meddled(system, request, send));
  }

  get #meddling(): Meddling | undefined {
    return this.#trouble !== undefined && 'meddle' in this.#trouble ? this.#trouble : undefined;
  }

  #meddled(system: Api, request: Request, send: () => Promise<Response>): Promise<Response> {
    if (this.#meddling === undefined) return send();
    this.#calls += 1;
    return this.#meddling.meddle({ n: this.#calls, system, request }, send);
  }

  async #read(system: Api, request: Request): Promise<Response> {
    const read = readOf(system, request);
    this.sent.reads.push({ read, after: this.sent.writes });
    return this.#isRefused(read) ? forbidden[system]() : this.#sandbox[system](request);
  }

  #isRefused(read: string): boolean {
    const trouble = this.#trouble;
    if (trouble === undefined) return false;
    if ('write' in trouble) return trouble.kind === 'lose-sight' && this.sent.writes >= trouble.write;
    if (!('read' in trouble) || trouble.read !== read) return false;
    return this.sent.reads.filter((other) => other.read === read).length >= trouble.from;
  }

  async #write(system: Api, request: Request, signal: AbortSignal | undefined): Promise<Response> {
    const trouble = this.#trouble;
    this.sent.writes += 1;
    this.sent.sorts.push(sortOf(`${request.method} ${readOf(system, request)}`));
    if (trouble === undefined || !('write' in trouble) || this.sent.writes !== trouble.write)
      return this.#arrive(system, request);
    const { kind } = trouble;
    if (kind === 'refuse') return failed[system]();
    if (kind === 'reject') return forbidden[system]();
    if (kind === 'stop-unsent') this.#stop.abort();
    // A caller that does not wait for pending calls gets only the stop.
    signal?.throwIfAborted();
    if (kind === 'drop' || kind === 'stop-unsent') throw brokenOff();
    const reply = await this.#arrive(system, request);
    if (kind === 'stop') {
      this.#stop.abort();
      signal?.throwIfAborted();
      return reply;
    }
    this.#dead = kind === 'kill';
    throw brokenOff();
  }

  #arrive(system: Api, request: Request): Promise<Response> {
    this.sent.judged += 1;
    return this.#sandbox[system](request);
  }

  #edge(): Edge {
    const trouble = this.#trouble;
    const sound = sandboxEdge(this.#sandbox);
    const edge = trouble !== undefined && 'probes' in trouble ? troubledEdge(trouble) : sound;
    return {
      get: async (request, signal) => {
        this.#alive(undefined);
        signal.throwIfAborted();
        this.sent.probes += 1;
        return this.#answered(edge.get(request, signal));
      },
    };
  }

  #alive<T>(value: T): T {
    if (this.#dead) throw new TypeError('the process is gone');
    return value;
  }
}

/** A clock that does not wait while the process runs; after a stop, its remaining waits never end. */
function clockUntil(stop: AbortSignal, { now, sleep }: Clock): Clock {
  return {
    now,
    sleep: (milliseconds, signal) => (stop.aborted ? aborted(signal) : sleep(milliseconds, signal)),
  };
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** A store that fails once the process is gone. */
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
