import { setMaxListeners } from 'node:events';
import { reconcilers } from '../../../reconcilers/index.ts';
import { createTurns } from '../../../reconcilers/turns/turns.ts';
import { applyPlan } from '../../../src/apply/apply.ts';
import { createAuthentikWire } from '../../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../src/clients/cloudflare/cloudflare.ts';
import { documentReader } from '../../../src/clients/http/document.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import type { WriteInterlock } from '../../../src/core/interlock.ts';
import type { Scope } from '../../../src/core/objects/object.ts';
import type { Clock, Edge, World } from '../../../src/core/world.ts';
import type { InterlockGround } from '../../../src/interlock/run-ends.ts';
import { RunInterlock } from '../../../src/interlock/run-interlock.ts';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { createWorld, type Memory } from '../../../src/observed/world.ts';
import { hostsServed } from '../../../src/plan/drafts/known.ts';
import { type ReconcileRequest, type Report, reconcile } from '../../../src/run/reconcile.ts';
import { forgetPurged, rememberServed } from '../../../src/run/served-hosts.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { sharedClock } from '../../support/shared-clock.ts';
import type { Beginning, Begun } from './beginning.ts';
import { Calls } from './calls.ts';
import { type Disk, guarded } from './disk.ts';
import { readOnce } from './read-once.ts';
import { type Trouble, troubledEdge } from './trouble.ts';

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
export class Process {
  readonly #sandbox: Sandbox;
  readonly #disk: Disk;
  readonly #trouble: Trouble | undefined;
  readonly #beginning: Beginning | undefined;
  readonly #stop = new AbortController();
  readonly #clock: Clock;
  readonly #interlocked: boolean;
  readonly #calls: Calls;
  readonly #ended: string[] = [];

  constructor({ sandbox, disk, trouble, beginning, clock, interlocked }: Stage) {
    this.#interlocked = interlocked;
    this.#beginning = beginning;
    this.#sandbox = sandbox;
    this.#disk = disk;
    this.#trouble = trouble;
    this.#calls = new Calls(sandbox, trouble, this.#stop);
    this.#clock = clockUntil(this.#stop.signal, clock ?? sharedClock(sandbox, () => this.#calls.isWaiting));
    // Each Request of this process listens to the signal for as long as it lives.
    setMaxListeners(0, this.#stop.signal);
  }

  /** Everything that the process has sent, and the changes that it has ended. */
  get sent() {
    return { ...this.#calls.sent, ended: this.#ended };
  }

  /** Runs, and returns the report; undefined when the process was killed. */
  async pass(text: string, how: Task): Promise<Report | undefined> {
    const begun = this.#beginning?.before(this.#trouble);
    try {
      const report = await (begun === undefined ? this.#whole(text, how) : this.#from(begun));
      return this.#calls.isDead ? undefined : report;
    } catch (error) {
      // A stop during the reads ends a run without a report.
      if (!this.#calls.isDead && error !== this.#stop.signal.reason) throw error;
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
        ...(this.#calls.meddling?.inTurns === true && { turns: createTurns() }),
        ...(this.#calls.meddling?.isAgreed === true && { confirm: async () => true }),
        world: (scope) => {
          entered = scope;
          return world(scope, memory);
        },
        onEvent: (event) => {
          if (event.type === 'finished') this.#ended.push(event.change.id);
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
    // As `reconcile` does around the changes.
    const served = hostsServed(ground?.desired.objects ?? [], reconcilers);
    await rememberServed(world, served, plan);
    const outcomes = await applyPlan(plan, reconcilers, world, undefined, interlock);
    await forgetPurged(world, served, plan, outcomes);
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
    const alive = <T>(value: T) => this.#calls.alive(value);
    const { vault, notes, sinks } = this.#disk;
    return {
      cloudflare: createCloudflareWire({
        ...shared,
        token: sandbox.token,
        baseUrl: sandbox.urls.cloudflare,
        fetch: (input, init) => this.#calls.send('cloudflare', input, init),
        budget: createBudget(clock),
      }),
      authentik: createAuthentikWire({
        ...shared,
        token: sandbox.authentikToken,
        url: sandbox.urls.authentik,
        fetch: (input, init) => this.#calls.send('authentik', input, init),
      }),
      edge: this.#edge(),
      document: documentReader({ signal, fetch: (url) => this.#calls.send('authentik', url) }),
      clock,
      signal,
      vault: guarded(vault, alive),
      notes: guarded(notes, alive),
      sinks: guarded(sinks, alive),
    };
  }

  #edge(): Edge {
    const trouble = this.#trouble;
    const sound = sandboxEdge(this.#sandbox);
    const edge = trouble !== undefined && 'probes' in trouble ? troubledEdge(trouble) : sound;
    return {
      get: async (request, signal) => {
        this.#calls.alive(undefined);
        signal.throwIfAborted();
        this.#calls.sent.probes += 1;
        return this.#calls.answered(edge.get(request, signal));
      },
    };
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
