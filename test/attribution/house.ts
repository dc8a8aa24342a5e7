import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { createAuthentikWire } from '../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare/cloudflare.ts';
import { documentReader } from '../../src/clients/http/document.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import { createOwnWrites } from '../../src/clients/state/own-writes.ts';
import type { Scope } from '../../src/core/objects/object.ts';
import type { ChangeLogs } from '../../src/core/record/change-log.ts';
import type { Clock, World } from '../../src/core/world.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/lab/sandbox/index.ts';
import { createWorld } from '../../src/observed/world.ts';
import { planDocument } from '../../src/report/plan/plan-json.ts';
import { type Effects, type Report, reconcile } from '../../src/run/reconcile.ts';
import { checked } from '../lab/sandbox/schema.ts';
import { askAdmin, Hand } from '../scenarios/stage/hand.ts';
import { memoryNotes, memorySinks, memoryVault } from '../support/memory.ts';
import { sandboxEdge } from '../support/sandbox-edge.ts';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A person, or a program with a token, who changes things outside gates. */
export interface Outsider {
  readonly actor: string;
  readonly system?: 'cloudflare' | 'authentik';
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** A gates process and its state folder. */
export class Gates {
  readonly notes = memoryNotes();
  readonly #sandbox: Sandbox;
  readonly #vault = memoryVault();
  readonly #sinks = memorySinks();
  readonly #clock: Clock;
  readonly #file: string;
  /** Paths that the last run requested from a log, or to learn which account its token belongs to. */
  readonly asked: string[] = [];
  /** Wraps each request; a test sets it to disturb one. */
  around: (send: Fetch) => Fetch = (send) => send;
  /** Aborts the requests of a run to the logs. */
  readonly patience = new AbortController();

  constructor(sandbox: Sandbox, directory: string) {
    this.#sandbox = sandbox;
    this.#file = path.join(directory, 'own-writes.jsonl');
    this.#clock = {
      now: () => new Date(sandbox.now()),
      sleep: async (milliseconds) => sandbox.advance(milliseconds),
    };
  }

  apply(text: string, how: Partial<Effects> = {}): Promise<Report> {
    return this.#run(text, true, how);
  }

  async plan(text: string): Promise<Report> {
    return this.#run(text, false, {});
  }

  /** Plans, and returns who made each difference: actors by address, and the reasons for gaps. */
  async whoChanged(text: string): Promise<Readonly<Record<string, readonly string[]>>> {
    return actorsIn(await this.plan(text));
  }

  async #run(text: string, apply: boolean, how: Partial<Effects>): Promise<Report> {
    this.asked.length = 0;
    const request = { text: new TextEncoder().encode(text), file: 'gates.yaml', apply };
    const options = { adopt: false, allow: ['prune', 'change'] as const };
    const effects = { reconcilers, world: (scope: Scope) => this.#world(scope), ...this.#logs(), ...how };
    return reconcile({ ...request, options }, effects);
  }

  #wires(signal = new AbortController().signal) {
    const [sandbox, clock] = [this.#sandbox, this.#clock];
    const own = createOwnWrites(this.#file, clock);
    const parts = { clock, redactor: createRedactor(), signal, random: () => 0 };
    const send = (system: 'cloudflare' | 'authentik'): Fetch =>
      this.around((input, init) => {
        const request = new Request(input, init);
        const { pathname } = new URL(request.url);
        if (/logs\/audit|tokens\/verify|events\/events|users\/me/.test(pathname)) this.asked.push(pathname);
        return sandbox[system](request);
      });
    const { cloudflare: baseUrl, authentik: url } = sandbox.urls;
    const cloudflare = createCloudflareWire({
      ...{ ...parts, baseUrl, token: sandbox.token, budget: createBudget(clock) },
      fetch: own.around('cloudflare', baseUrl, send('cloudflare')),
    });
    const authentik = createAuthentikWire({
      ...{ ...parts, url, token: sandbox.authentikToken },
      fetch: own.around('authentik', url, send('authentik')),
    });
    return { cloudflare, authentik, own };
  }

  #world(scope: Scope): World {
    const { cloudflare, authentik } = this.#wires();
    const [clock, signal] = [this.#clock, new AbortController().signal];
    return createWorld({
      scope,
      cloudflare,
      ...(scope.authentik !== undefined && { authentik }),
      edge: sandboxEdge(this.#sandbox),
      document: documentReader({ signal, fetch: (url) => this.#sandbox.authentik(new Request(url)) }),
      ...{ clock, signal, vault: this.#vault, notes: this.notes, sinks: this.#sinks },
    });
  }

  #logs(): Pick<Effects, 'logs'> {
    return {
      logs: ({ scope }): ChangeLogs => {
        const { cloudflare, authentik, own } = this.#wires(this.patience.signal);
        const { page } = cloudflare;
        return {
          ...{ page, cloudflare, ownWrites: own.list },
          authentik: scope.authentik === undefined ? undefined : authentik,
        };
      },
    };
  }
}

/** Actors such as `me@example.dev dashboard`, by address: the latest first, `[]` for changes missing in the log. */
export function actorsIn({ plan, attribution }: Report): Readonly<Record<string, readonly string[]>> {
  if (plan === undefined) throw new Error('no plan was made');
  const { changes, unattributed = [] } = planDocument(plan, { attribution });
  return Object.fromEntries([
    ...changes.flatMap(({ address: { kind, key }, by }) =>
      by === undefined ? [] : [[`${kind} ${key}`, by.map((item) => `${item.actor} ${item.interface}`)]],
    ),
    ...unattributed.map(({ system, reason }) => [system, [reason]]),
  ]);
}

/** A sandbox in which people and programs change things, and one state folder. */
export async function house(options: Partial<SandboxOptions> = {}) {
  const { sandbox, report } = checked(
    await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000, ...options }),
  );
  const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: 'all' };
  await askAdmin(sandbox, 'PUT', '/origins', traefik);
  const folder = async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'gates-actors-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    return new Gates(sandbox, directory);
  };
  const state = () => JSON.parse(sandbox.snapshot());
  return {
    sandbox,
    /** Calls and replies that break Cloudflare's API document; undefined if the document is not available. */
    report,
    gates: await folder(),
    /** Another state folder with the same tokens. */
    folder,
    hand: new Hand(sandbox),
    state,
    /** An outsider changes something, and the logs show it two minutes later. */
    async outside({ system = 'cloudflare', ...edit }: Outsider): Promise<void> {
      await sandbox.advance(60_000);
      await askAdmin(sandbox, 'POST', '/edit', { system, ...edit });
      await sandbox.advance(120_000);
    },
    /** The reply to an API call of Cloudflare. */
    async read(path: string) {
      const edit = { actor: 'reader', method: 'GET', path };
      const { result } = (await askAdmin(sandbox, 'POST', '/edit', edit)) as { readonly result: unknown };
      return result as Readonly<Record<string, unknown>>;
    },
    /** A program with a token of its own. */
    async addToken(actor: string): Promise<void> {
      const world = state();
      const [first] = world.apiTokens;
      world.apiTokens.push({ ...first, id: 'c'.repeat(32), value: `secret-of-${actor}`, actor });
      await askAdmin(sandbox, 'PUT', '/state', world);
    },
    /** Restricts the token of gates to these permissions. */
    async limitToken(permissions: readonly string[]): Promise<void> {
      const world = state();
      world.apiTokens[0].permissions = permissions;
      await askAdmin(sandbox, 'PUT', '/state', world);
    },
  };
}
