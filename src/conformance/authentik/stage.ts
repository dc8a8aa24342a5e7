import { applyPlan } from '../../apply/apply.ts';
import type { Plan } from '../../core/change.ts';
import { describeError } from '../../core/errors.ts';
import { addressId } from '../../core/objects/address.ts';
import type { DesiredObject, Observed, Scope } from '../../core/objects/object.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { AnyReconciler, Reconciler } from '../../core/reconciler.ts';
import type { Wire, World } from '../../core/world.ts';
import { observe } from '../../observed/observe.ts';
import { createWorld } from '../../observed/world.ts';
import type { PlanOptions } from '../../plan/drafts/options.ts';
import { makePlan } from '../../plan/plan.ts';
import { passingDisk } from '../passing-disk.ts';
import { ClaimError } from './claims.ts';
import type { Names } from './names.ts';
import { failures, pending } from './outcomes.ts';
import { createPerson, type Fetch, type Person } from './person.ts';
import type { StoryServer } from './server.ts';

/** A write of ours that the server accepted. */
export interface Written {
  readonly method: string;
  /** Below `/api/v3`. */
  readonly path: string;
  readonly body: unknown;
}

/** The number of calls that gates made to the server so far. Writes that the server refused count only as calls. */
export interface CallTally {
  /** Further pages of a list do not count, because servers have different numbers of objects. */
  calls: number;
  writes: number;
  /** Calls of gates and of the other person without an answer, or with one only from a proxy in front of Authentik. */
  unanswered: number;
}

/** The options of a run of a story, in addition to its objects. */
export interface StoryRunOptions extends Partial<PlanOptions> {
  readonly owner?: string;
  /** The file still names Authentik, but asks nothing of it. */
  readonly idle?: true;
}

/** Runs of gates at a server, and another person there. Vault, notes and files are the story's own. */
export interface Stage {
  readonly names: Names;
  readonly person: Person;
  /** Gates' own client, for calls outside of runs. */
  readonly wire: Wire;
  /** The live objects, freshly read. */
  read<Spec>(reconciler: Reconciler<Spec>, owner?: string): Promise<readonly Observed<Spec>[]>;
  plan(wants: readonly DesiredObject[], options?: StoryRunOptions): Promise<Plan>;
  carryOut(plan: Plan): Promise<readonly Outcome[]>;
  /** Performs one complete run. */
  apply(wants: readonly DesiredObject[], options?: StoryRunOptions): Promise<readonly Outcome[]>;
  /** Performs one complete run that must succeed; rejects with its errors. */
  make(wants: readonly DesiredObject[], options?: StoryRunOptions): Promise<void>;
  /** The changes that a run would make, as `create authentik/group:admins`. */
  due(wants: readonly DesiredObject[], options?: StoryRunOptions): Promise<readonly string[]>;
  /** Calls `look` after each answered write of ours, before anything else happens. */
  watch(look: () => Promise<void>): void;
  readonly written: readonly Written[];
  /** The calls of this stage and of those with other tokens. */
  readonly tally: Readonly<CallTally>;
  /** Everything that a person could have read of the runs. */
  readonly said: readonly string[];
  /** The same server for another token, with runs of its own. */
  as(token: string): Stage;
}

interface StageOptions {
  readonly server: StoryServer;
  readonly names: Names;
  /** The kinds that a run reads and writes, in the order of the index. */
  readonly reconcilers: readonly AnyReconciler[];
  /** A token in place of the server's. */
  readonly token?: string;
  readonly tally?: CallTally;
}

export function createStage(options: StageOptions): Stage {
  const { server, names, reconcilers, token = server.token } = options;
  const { tally = { calls: 0, writes: 0, unanswered: 0 } } = options;
  const { clock, signal } = server;
  const state = { ...passingDisk(), clock, signal };
  const output: string[] = [];
  const written: Written[] = [];
  let look = async () => {};
  const heard = hearing(server, tally);
  const counted = counting(heard, tally, async (write) => {
    written.push(write);
    await look();
  });
  const authentik = server.connect(token, counted);
  const worldOf = (given: StoryRunOptions): World =>
    createWorld({ scope: scopeOf(options, given), cloudflare: noCloudflare, authentik, ...state });
  const planIn = async (
    world: World,
    wants: readonly DesiredObject[],
    given: StoryRunOptions,
  ): Promise<Plan> => {
    const desired = { scope: world.scope, objects: wants, proofs: [], refusals: [], warnings: [] };
    const plan = makePlan(desired, await observe(reconcilers, world), reconcilers, { ...anything, ...given });
    output.push(JSON.stringify(plan, (key, value) => (key === 'raw' ? undefined : value)));
    return plan;
  };
  const applyIn = async (world: World, plan: Plan): Promise<readonly Outcome[]> => {
    const outcomes = await applyPlan(plan, reconcilers, world);
    output.push(JSON.stringify(outcomes), ...outcomes.map(({ error }) => describeError(error)));
    return outcomes;
  };
  const stage: Stage = {
    names,
    person: createPerson({ ...server, fetch: heard }),
    wire: authentik,
    said: output,
    written,
    tally,
    read: async (reconciler, owner) => worldOf(owner === undefined ? {} : { owner }).read(reconciler),
    plan: (wants, given = {}) => planIn(worldOf(given), wants, given),
    carryOut: (plan) => applyIn(worldOf({ owner: plan.owner }), plan),
    apply: async (wants, given = {}) => {
      const world = worldOf(given);
      return applyIn(world, await planIn(world, wants, given));
    },
    make: async (wants, given) => {
      const wrong = failures(await stage.apply(wants, given));
      if (wrong.length > 0) throw new ClaimError(wrong.join('; '));
    },
    due: async (wants, given) =>
      pending(await stage.plan(wants, given)).map(({ verb, address }) => `${verb} ${addressId(address)}`),
    watch: (next) => {
      look = next;
    },
    as: (other) => createStage({ ...options, tally, token: other }),
  };
  return stage;
}

/** Calls the server, and counts the calls that it did not answer. */
function hearing(server: StoryServer, tally: CallTally): Fetch {
  return async (url, init) => {
    const response = await server.fetch(url, init).catch((error: unknown) => {
      tally.unanswered += 1;
      throw error;
    });
    if (gateways.has(response.status)) tally.unanswered += 1;
    return response;
  };
}

/** Counts the calls of gates, and passes each accepted write to `onWrite` before anything else happens. */
function counting(heard: Fetch, tally: CallTally, onWrite: (write: Written) => Promise<void>): Fetch {
  return async (url, init) => {
    const { pathname, searchParams } = new URL(url);
    if (Number(searchParams.get('page') ?? 1) === 1) tally.calls += 1;
    const response = await heard(url, init);
    const { method = 'GET', body } = init;
    if (method === 'GET' || !response.ok) return response;
    tally.writes += 1;
    const sent = typeof body === 'string' ? JSON.parse(body) : undefined;
    await onWrite({ method, path: pathname.replace(/^.*?\/api\/v3/, ''), body: sent });
    return response;
  };
}

/** The scope of a run: Authentik alone, with the parts that the kinds of the story need. */
function scopeOf(
  { server, names, reconcilers }: StageOptions,
  { owner = names.owner, idle }: StoryRunOptions,
): Scope {
  const kinds = new Set(reconcilers.map(({ kind }) => kind));
  const asked = { applications: idle === true ? [] : [names.application], clients: idle !== true };
  const where = {
    ...{ url: server.url, outpost: names.outpost },
    ...(kinds.has('authentik/ldap-provider') && { ldapOutpost: names.outpost }),
    ...(kinds.has('authentik/saml-mapping') && { saml: true as const }),
  };
  return {
    ...{ owner, account: 'none', zones: ['invalid'], tunnels: [] },
    authentik: { ...where, ...asked, ...(idle && { idle }) },
  };
}

/** Answers of a proxy whose server does not answer, and of a server that is starting. */
const gateways: ReadonlySet<number> = new Set([502, 503, 504]);

/** Every object is the story's own, so no limit is needed. */
const anything = { adopt: false, prune: true, limits: { prune: 1, change: 1, floor: 1000 }, allow: [] };

const refused = async (): Promise<never> => {
  throw new Error('the stories call Authentik alone');
};

const noCloudflare: Wire = {
  get: refused,
  list: refused,
  post: refused,
  put: refused,
  patch: refused,
  delete: refused,
};
