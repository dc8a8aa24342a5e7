import { applyPlan } from '../../src/apply/apply.ts';
import { createAuthentikWire } from '../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare/cloudflare.ts';
import { documentReader } from '../../src/clients/http/document.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import type { Plan } from '../../src/core/change.ts';
import { describeError } from '../../src/core/errors.ts';
import type { DesiredObject, Observed, Scope } from '../../src/core/objects/object.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { AnyReconciler, Reconciler } from '../../src/core/reconciler.ts';
import type { Clock, Notes, Vault, World } from '../../src/core/world.ts';
import {
  type AuthentikChoice,
  type Call,
  createSandbox,
  type Sandbox,
  type SandboxOptions,
} from '../../src/lab/sandbox/index.ts';
import { observe } from '../../src/observed/observe.ts';
import { createWorld } from '../../src/observed/world.ts';
import type { PlanOptions } from '../../src/plan/drafts/options.ts';
import { makePlan } from '../../src/plan/plan.ts';

export { failures, pending } from '../../src/conformance/authentik/outcomes.ts';

import { authentikContract } from '../lab/sandbox/authentik/contract.ts';
import { countedByFile } from '../lab/sandbox/held-contracts.ts';
import { type Contract, type ContractReport, officialContract } from '../lab/sandbox/schema.ts';
import { admin, ask, type Fault } from './admin.ts';
import { type MemorySinks, memoryNotes, memorySinks, memoryVault } from './memory.ts';
import { sandboxEdge } from './sandbox-edge.ts';
import { sharedClock } from './shared-clock.ts';

/** A text in every secret that a test's sandbox makes. */
export const canary = 'canary5f0c';

/** The options of a run, besides its objects. */
export interface WorldRunOptions extends Partial<PlanOptions> {
  readonly owner?: string;
}

/** A sandbox, and everything that a run on it needs, with the test's own state and time. */
export interface TestWorld {
  readonly sandbox: Sandbox;
  readonly vault: Vault;
  readonly sinks: MemorySinks;
  readonly notes: Notes;
  readonly clock: Clock;
  /** The world of one run, with nothing read yet. */
  pass(owner?: string): World;
  /** Reads the current objects. */
  read<Spec>(reconciler: Reconciler<Spec>, owner?: string): Promise<readonly Observed<Spec>[]>;
  plan(wants: readonly DesiredObject[], options?: WorldRunOptions): Promise<Plan>;
  /** Applies a plan that was made before. */
  carryOut(plan: Plan): Promise<readonly Outcome[]>;
  /** Makes a complete run, and returns its outcomes. */
  apply(wants: readonly DesiredObject[], options?: WorldRunOptions): Promise<readonly Outcome[]>;
  /** Makes a change by hand: a call with another token; `path` as in `/zones`. Returns the result. */
  edit(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Makes a change by hand in Authentik; `path` as in `/core/groups/`. Returns the reply. */
  editAuthentik(method: string, path: string, body?: unknown): Promise<unknown>;
  fault(fault: Fault): Promise<void>;
  /** The writes among the API calls after the call of that number. */
  writes(since?: number): readonly Call[];
  lastCall(): number;
  /** Everything that a person could have read: plans, outcomes, errors, and texts of `say`. */
  readonly said: readonly string[];
  /** Calls and replies that break Cloudflare's own document; undefined if it is not available. */
  readonly contract: ContractReport | undefined;
  /** Calls and replies that break Authentik's document; undefined if the test does not check them. */
  readonly authentikContract: ContractReport | undefined;
}

export interface TestWorldOptions extends Partial<SandboxOptions> {
  readonly owner?: string;
  readonly tunnels?: readonly string[];
  /** The kinds that a run reads and writes, in the order of the index. */
  readonly reconcilers: readonly AnyReconciler[];
  /** Limits every page of a list to this many objects, whatever size was requested. */
  readonly pageSize?: number;
  /** An existing sandbox to use instead of a new one. */
  readonly sameSandbox?: Sandbox;
  /** Skips the comparison with Authentik's document, for tests that make very many calls. */
  readonly unchecked?: true;
  /** A token for Authentik other than the superuser's. */
  readonly authentikToken?: string;
  /** Further parts of the scope. */
  readonly scope?: Partial<Scope>;
  /** The slugs of the applications that the file asks for. */
  readonly applications?: readonly string[];
}

/** The document is large, so each worker reads it once for all tests. */
let contract: ReturnType<typeof officialContract> | undefined;
const authentikContracts = new Map<AuthentikChoice, Contract>();

const team = 'example.cloudflareaccess.com';

export async function testWorld(options: TestWorldOptions): Promise<TestWorld> {
  const { reconcilers, owner: us = 'home', pageSize, tunnels = ['homelab'], ...others } = options;
  const { applications = [], scope, sameSandbox, authentikToken, unchecked, ...sandboxOptions } = others;
  const sandbox = sameSandbox ?? (await createSandbox({ zones: ['example.dev'], canary, ...sandboxOptions }));
  contract ??= countedByFile(officialContract());
  const clock = sandboxOptions.lag === undefined ? eagerClock() : sharedClock(sandbox, () => false);
  const state = { vault: memoryVault(), sinks: memorySinks(), notes: memoryNotes(), clock };
  const said: string[] = [];
  const signal = new AbortController().signal;
  const redactor = createRedactor();
  const cloudflare = createCloudflareWire({
    token: sandbox.token,
    baseUrl: sandbox.urls.cloudflare,
    fetch: checkedFetch(sandbox, pageSize),
    clock: state.clock,
    budget: createBudget(state.clock),
    redactor,
    signal,
    random: () => 0,
  });
  const ofAuthentik = reconcilers.some(({ kind }) => kind.startsWith('authentik/'));
  const checks = ofAuthentik && unchecked === undefined;
  const kept = checks ? contractOf(others.authentikVersion ?? '2026.8') : undefined;
  const handle = kept?.around((request) => sandbox.authentik(request)) ?? sandbox.authentik;
  const authentik = createAuthentikWire({
    token: authentikToken ?? sandbox.authentikToken,
    url: sandbox.urls.authentik,
    fetch: (input, init) => handle(new Request(sized(input, pageSize), init)),
    clock: state.clock,
    redactor,
    signal,
    random: () => 0,
  });
  const edge = sandboxEdge(sandbox);
  const document = documentReader({ signal, fetch: async (url) => sandbox.authentik(new Request(url)) });
  const scopeOf = (owner: string): Scope => ({
    owner,
    account: sandbox.accountId,
    zones: sandbox.zones.map(({ name }) => name),
    tunnels,
    team,
    accessLogin: true,
    ...scope,
    authentik: {
      url: sandbox.urls.authentik,
      outpost: 'authentik Embedded Outpost',
      applications,
      clients: true,
      ...scope?.authentik,
    },
  });
  const pass = (owner = us): World =>
    createWorld({
      scope: scopeOf(owner),
      cloudflare,
      workers: cloudflare,
      authentik,
      edge,
      document,
      signal,
      ...state,
    });
  const planIn = async (
    world: World,
    wants: readonly DesiredObject[],
    given: WorldRunOptions,
  ): Promise<Plan> => {
    const observations = await observe(reconcilers, world);
    const desired = { scope: world.scope, objects: wants, proofs: [], refusals: [], warnings: [] };
    const plan = makePlan(desired, observations, reconcilers, { ...anything, ...given });
    said.push(JSON.stringify(plan, withoutRaw));
    return plan;
  };
  const applyIn = async (world: World, plan: Plan): Promise<readonly Outcome[]> => {
    const outcomes = await applyPlan(plan, reconcilers, world);
    said.push(JSON.stringify(outcomes), ...outcomes.map(({ error }) => describeError(error)));
    said.push(...outcomes.map(({ error }) => error?.stack ?? ''), ...outcomes.map(factsIn));
    return outcomes;
  };
  return {
    sandbox,
    ...state,
    said,
    contract: contract?.report,
    authentikContract: kept?.report,
    pass,
    read: async (reconciler, owner) => pass(owner).read(reconciler),
    plan: (wants, given = {}) => planIn(pass(given.owner), wants, given),
    carryOut: (plan) => applyIn(pass(plan.owner), plan),
    apply: async (wants, given = {}) => {
      const world = pass(given.owner);
      return applyIn(world, await planIn(world, wants, given));
    },
    edit: async (method, path, body) => {
      const edit = { actor: 'eve', system: 'cloudflare', method, path, body };
      const reply = await admin(sandbox, 'POST', '/edit', edit);
      if (reply.success === false) throw new Error(`${method} ${path}: ${JSON.stringify(reply.errors)}`);
      return reply.result;
    },
    editAuthentik: async (method, path, body) => {
      const edit = { actor: 'eve', system: 'authentik', method, path: `/api/v3${path}`, body };
      const { reply, ok } = await ask(sandbox, 'POST', '/edit', edit);
      if (!ok) throw new Error(`${method} ${path}: ${JSON.stringify(reply)}`);
      return reply;
    },
    fault: async (fault) => {
      const { system = 'cloudflare', path } = fault.match;
      const base = system === 'cloudflare' ? '/client/v4' : '/api/v3';
      const match = { ...fault.match, system, ...(path !== undefined && { path: `${base}${path}` }) };
      await admin(sandbox, 'POST', '/faults', { ...fault, match });
    },
    writes: (since = 0) => sandbox.calls(since).filter(({ write }) => write),
    lastCall: () => sandbox.calls().at(-1)?.n ?? 0,
  };
}

function contractOf(version: AuthentikChoice): Contract {
  const known = authentikContracts.get(version) ?? countedByFile(authentikContract(version));
  authentikContracts.set(version, known);
  return known;
}

/** The sandbox's API as a fetch function that checks every call against Cloudflare's document. */
function checkedFetch(sandbox: Sandbox, pageSize: number | undefined) {
  const handle = contract?.around((request) => sandbox.cloudflare(request)) ?? sandbox.cloudflare;
  return (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    return handle(pageSize === undefined ? request : new Request(sized(request.url, pageSize), request));
  };
}

const anything: PlanOptions = {
  adopt: false,
  prune: true,
  limits: { prune: 1, change: 1, floor: 1000 },
  allow: [],
};

function factsIn({ error }: Outcome): string {
  return JSON.stringify(error !== undefined && 'facts' in error ? error.facts : {});
}

/** Leaves out the raw reply, as a saved plan does. */
function withoutRaw(key: string, value: unknown): unknown {
  return key === 'raw' ? undefined : value;
}

function sized(url: string, size: number | undefined): string {
  const changed = new URL(url);
  for (const name of ['per_page', 'page_size']) {
    if (size !== undefined && changed.searchParams.has(name)) changed.searchParams.set(name, String(size));
  }
  return changed.toString();
}

/** A clock that only sleeps advance; each sleep ends at once. */
export function eagerClock(): Clock {
  let now = Date.now();
  return {
    now: () => new Date(now),
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      now += milliseconds;
    },
  };
}
