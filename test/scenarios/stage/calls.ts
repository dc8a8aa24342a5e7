import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import {
  type Api,
  brokenOff,
  failed,
  forbidden,
  type Meddling,
  readOf,
  sortOf,
  type Trouble,
} from './trouble.ts';

/** A read in the order of sending. */
export interface Read {
  /** The read, such as `cloudflare /client/v4/zones`. */
  readonly read: string;
  /** The number of writes sent before it. */
  readonly after: number;
}

/** The calls of one process, with one trouble between it and the systems. */
export class Calls {
  readonly sent = {
    writes: 0,
    sorts: [] as string[],
    judged: 0,
    reads: [] as Read[],
    probes: 0,
  };
  readonly #sandbox: Sandbox;
  readonly #trouble: Trouble | undefined;
  readonly #stop: AbortController;
  #dead = false;
  /** The number of unanswered calls and checks. */
  #underWay = 0;
  #count = 0;

  constructor(sandbox: Sandbox, trouble: Trouble | undefined, stop: AbortController) {
    this.#sandbox = sandbox;
    this.#trouble = trouble;
    this.#stop = stop;
  }

  /** True once the process was killed. */
  get isDead(): boolean {
    return this.#dead;
  }

  /** True while an answer is awaited. */
  get isWaiting(): boolean {
    return this.#underWay > 0;
  }

  get meddling(): Meddling | undefined {
    return this.#trouble !== undefined && 'meddle' in this.#trouble ? this.#trouble : undefined;
  }

  /** Sends a request, unless the trouble keeps it from its system. */
  send(system: Api, input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    this.alive(undefined);
    // Only this process uses the signal, and a Request with a signal is slow to create.
    const { signal, ...rest } = init;
    const request = new Request(input, rest);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const send = () =>
      isRead ? this.#read(system, request) : this.#write(system, request, signal ?? undefined);
    return this.answered(this.#meddled(system, request, send));
  }

  /** Awaits an answer. A process that waits for one does not count as asleep. */
  async answered<T>(answer: Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await answer;
    } finally {
      this.#underWay -= 1;
    }
  }

  #meddled(system: Api, request: Request, send: () => Promise<Response>): Promise<Response> {
    if (this.meddling === undefined) return send();
    this.#count += 1;
    return this.meddling.meddle({ n: this.#count, system, request }, send);
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

  /** The value, for a process that still runs. */
  alive<T>(value: T): T {
    if (this.#dead) throw new TypeError('the process is gone');
    return value;
  }
}
