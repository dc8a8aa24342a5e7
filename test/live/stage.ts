import { applyPlan } from '../../src/apply/apply.ts';
import { createAuthentikWire } from '../../src/clients/authentik.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import { addressId } from '../../src/core/address.ts';
import type { Plan } from '../../src/core/change.ts';
import { describeError } from '../../src/core/errors.ts';
import type { DesiredObject, Observed, Scope } from '../../src/core/object.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { AnyReconciler, Reconciler } from '../../src/core/reconciler.ts';
import type { Vault, Wire, World } from '../../src/core/world.ts';
import { observe } from '../../src/observed/observe.ts';
import { createWorld } from '../../src/observed/world.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { failures, memoryNotes, memorySinks, memoryVault, type PassOptions, pending } from '../world.ts';
import type { Names } from './names.ts';
import { createPerson, type Person } from './person.ts';
import type { LiveServer } from './server.ts';

/** A write of ours that the server took. */
export interface Written {
  readonly method: string;
  /** Below `/api/v3`. */
  readonly path: string;
  readonly body: unknown;
}

/** What gates has asked of the server so far; those that the server refused are among the calls alone. */
interface Tally {
  /** Further pages of a list count nothing: servers hold different numbers of things. */
  calls: number;
  writes: number;
}

/** Passes at a server, and another person beside them. Vault and files are the story's own. */
export interface Stage {
  readonly server: LiveServer;
  readonly names: Names;
  readonly person: Person;
  readonly vault: Vault;
  /** What is there now, freshly read. */
  read<Spec>(reconciler: Reconciler<Spec>, owner?: string): Promise<readonly Observed<Spec>[]>;
  plan(wants: readonly DesiredObject[], options?: PassOptions): Promise<Plan>;
  carryOut(plan: Plan): Promise<readonly Outcome[]>;
  /** One whole pass. */
  apply(wants: readonly DesiredObject[], options?: PassOptions): Promise<readonly Outcome[]>;
  /** One whole pass that has to succeed; rejects with what went wrong. */
  make(wants: readonly DesiredObject[]): Promise<void>;
  /** What a pass would do, as `create authentik/group:admins`. */
  due(wants: readonly DesiredObject[]): Promise<readonly string[]>;
  /** Called after each write of ours that was answered, before anything else happens. */
  watch(look: () => Promise<void>): void;
  readonly written: readonly Written[];
  /** Of this stage and those of other tokens. */
  readonly tally: Readonly<Tally>;
  /** Everything a person could have read of the passes. */
  readonly said: readonly string[];
  /** The same server for another token, with other passes. */
  as(token: string): Stage;
}

interface StageOptions {
  readonly server: LiveServer;
  readonly names: Names;
  /** The kinds that a pass reads and writes, in the order of the index. */
  readonly reconcilers: readonly AnyReconciler[];
  /** Another token than the server's. */
  readonly token?: string;
  readonly tally?: Tally;
}

export function createStage(options: StageOptions): Stage {
  const { server, names, reconcilers, token = server.token, tally = { calls: 0, writes: 0 } } = options;
  const state = { vault: memoryVault(), sinks: memorySinks(), notes: memoryNotes(), clock };
  const signal = new AbortController().signal;
  const said: string[] = [];
  const written: Written[] = [];
  let look = async () => {};
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, searchParams } = new URL(url);
    if (Number(searchParams.get('page') ?? 1) === 1) tally.calls += 1;
    const response = await server.fetch(url, init);
    const { method = 'GET', body } = init;
    if (method === 'GET' || !response.ok) return response;
    tally.writes += 1;
    const sent = typeof body === 'string' ? JSON.parse(body) : undefined;
    written.push({ method, path: pathname.replace(/^.*?\/api\/v3/, ''), body: sent });
    await look();
    return response;
  };
  const wire = { token, url: server.url, fetch, clock, redactor: createRedactor(), signal };
  const authentik = createAuthentikWire(wire);
  const scopeOf = (owner: string): Scope => ({
    owner,
    account: 'none',
    zones: ['invalid'],
    tunnels: [],
    authentik: { url: server.url, outpost: names.outpost, applications: [names.application], clients: true },
  });
  const pass = (owner = names.owner): World =>
    createWorld({ scope: scopeOf(owner), cloudflare: noCloudflare, authentik, signal, ...state });
  const planIn = async (world: World, wants: readonly DesiredObject[], given: PassOptions): Promise<Plan> => {
    const desired = { scope: world.scope, objects: wants, proofs: [], refusals: [], warnings: [] };
    const plan = makePlan(desired, await observe(reconcilers, world), reconcilers, { ...anything, ...given });
    said.push(JSON.stringify(plan, (key, value) => (key === 'raw' ? undefined : value)));
    return plan;
  };
  const applyIn = async (world: World, plan: Plan): Promise<readonly Outcome[]> => {
    const outcomes = await applyPlan(plan, reconcilers, world);
    said.push(JSON.stringify(outcomes), ...outcomes.map(({ error }) => describeError(error)));
    return outcomes;
  };
  const stage: Stage = {
    server,
    names,
    person: createPerson(server),
    vault: state.vault,
    said,
    written,
    tally,
    read: async (reconciler, owner) => pass(owner).read(reconciler),
    plan: (wants, given = {}) => planIn(pass(given.owner), wants, given),
    carryOut: (plan) => applyIn(pass(plan.owner), plan),
    apply: async (wants, given = {}) => {
      const world = pass(given.owner);
      return applyIn(world, await planIn(world, wants, given));
    },
    make: async (wants) => {
      const wrong = failures(await stage.apply(wants));
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
    },
    due: async (wants) =>
      pending(await stage.plan(wants)).map(({ verb, address }) => `${verb} ${addressId(address)}`),
    watch: (next) => {
      look = next;
    },
    as: (other) => createStage({ ...options, tally, token: other }),
  };
  return stage;
}

const clock: World['clock'] = {
  now: () => new Date(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Everything is the suite's own, so that no brake is needed. */
const anything = { adopt: false, prune: true, limits: { prune: 1, change: 1, floor: 1000 }, allow: [] };

const refused = async (): Promise<never> => {
  throw new Error('the live suite speaks to Authentik alone');
};

const noCloudflare: Wire = {
  get: refused,
  list: refused,
  post: refused,
  put: refused,
  patch: refused,
  delete: refused,
};
