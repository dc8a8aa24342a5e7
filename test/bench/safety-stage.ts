import { reconcilers } from '../../reconcilers/index.ts';
import { applyPlan } from '../../src/apply/apply.ts';
import { createAuthentikWire } from '../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare/cloudflare.ts';
import { createEdge } from '../../src/clients/edge.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import { systemClock } from '../../src/clients/state/clock.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { isPending, type Plan } from '../../src/core/change.ts';
import type { Scope } from '../../src/core/objects/object.ts';
import type { Clock, Edge, World } from '../../src/core/world.ts';
import { createSandbox } from '../../src/lab/sandbox/index.ts';
import { createWorld } from '../../src/observed/world.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { survey } from '../../src/run/survey.ts';
import { startSandboxProcess } from '../e2e/support/processes.ts';
import { newDisk } from '../scenarios/stage/disk.ts';
import { askAdmin } from '../scenarios/stage/hand.ts';
import { unfinished } from '../scenarios/stage/stage.ts';
import { sandboxEdge } from '../support/sandbox-edge.ts';
import { eagerClock } from '../support/world.ts';
import { plainOrder, withoutProofs } from './plain-order.ts';

/** The order of gates, the plain order, or a random plain order by its seed. */
export type Order = 'gates' | 'plain' | number;

/** The cost of one run. */
export interface Cost {
  readonly reads: number;
  readonly writes: number;
  readonly probes: number;
  readonly seconds: number;
  /** Changes that were not made, each with the reason. */
  readonly unfinished: readonly string[];
}

/** A sandbox to which files are applied. */
export interface Stage {
  pass(order: Order, file: string): Promise<Cost>;
  /** The changes that a run over the file would still make. */
  pending(order: Order, file: string): Promise<readonly string[]>;
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The number of hosts at which, at any moment, somebody got through whom the guards do not admit. */
  exposed(): Promise<number>;
  stop(): Promise<void>;
}

interface Sandboxed {
  readonly cloudflare: { readonly token: string; readonly baseUrl: string };
  readonly authentik: { readonly token: string; readonly url: string };
  readonly fetches: { readonly cloudflare?: typeof fetch; readonly authentik?: typeof fetch };
  readonly edge: Edge;
  readonly clock: Clock;
  readonly calls: () => Promise<readonly { readonly write: boolean }[]>;
  readonly admin: Stage['admin'];
  readonly stop: () => Promise<void>;
}

/** A sandbox in its own process, where each call has a delay: the sandbox's CPU does not count as time of the run. */
export async function timedStage(delay: number): Promise<Stage> {
  const { env, token, baseUrl, calls, admin, stop } = await startSandboxProcess(['--delay', String(delay)]);
  return stageOn({
    cloudflare: { token, baseUrl },
    authentik: { token: env.AUTHENTIK_TOKEN ?? '', url: env.AUTHENTIK_URL ?? '' },
    fetches: {},
    edge: createEdge(env.GATES_PROBE_EDGE),
    clock: systemClock,
    calls,
    admin,
    stop,
  });
}

/** A sandbox in this process, in virtual time, whose oracle judges after every write. */
export async function judgedStage(): Promise<Stage> {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  return stageOn({
    cloudflare: { token: sandbox.token, baseUrl: sandbox.urls.cloudflare },
    authentik: { token: sandbox.authentikToken, url: sandbox.urls.authentik },
    fetches: {
      cloudflare: async (input, init) => sandbox.cloudflare(new Request(input, init)),
      authentik: async (input, init) => sandbox.authentik(new Request(input, init)),
    },
    edge: sandboxEdge(sandbox),
    clock: eagerClock(),
    calls: async () => sandbox.calls(),
    admin: (method, path, body) => askAdmin(sandbox, method, path, body),
    stop: async () => {},
  });
}

function stageOn({ calls, admin, stop, ...sandbox }: Sandboxed): Stage {
  const edge = countingEdge(sandbox.edge);
  const enter = worldMaker({ ...sandbox, edge });
  return {
    admin,
    stop,
    async pass(order, file) {
      const [before, looked] = [await calls(), edge.probes()];
      const begun = performance.now();
      const { plan, world } = await planned(order, file, enter);
      const outcomes = await applyPlan(plan, reconcilers, world);
      const seconds = (performance.now() - begun) / 1000;
      const made = (await calls()).slice(before.length);
      const writes = made.filter(({ write }) => write).length;
      return {
        reads: made.length - writes,
        writes,
        probes: edge.probes() - looked,
        seconds,
        unfinished: unfinished({ mistakes: [], interferences: [], plan, outcomes }),
      };
    },
    pending: async (order, file) =>
      (await planned(order, file, enter)).plan.changes.filter(isPending).map(({ id }) => id),
    exposed: async () => {
      const exposures = (await admin('GET', '/exposures')) as readonly { readonly host: string }[];
      return new Set(exposures.map(({ host }) => host)).size;
    },
  };
}

async function planned(
  order: Order,
  file: string,
  enter: (scope: Scope) => World,
): Promise<{ readonly plan: Plan; readonly world: World }> {
  const read = parseConfig(new TextEncoder().encode(file));
  if (!read.ok) throw new Error(read.mistakes[0]?.message);
  const { desired, world, observed } = await survey(read.parsed.config, { reconcilers, world: enter });
  const limits = { prune: 1, change: 1, floor: 1000 };
  const options = { adopt: false, prune: true, limits, allow: [] };
  if (order === 'gates') return { plan: makePlan(desired, observed, reconcilers, options), world };
  const asked = withoutProofs(desired);
  const plan = makePlan(asked, observed, reconcilers, options);
  return { plan: plainOrder(plan, asked, order === 'plain' ? undefined : order), world };
}

function worldMaker({
  cloudflare,
  authentik,
  fetches,
  edge,
  clock,
}: Omit<Sandboxed, 'calls' | 'admin' | 'stop'>) {
  const { signal } = new AbortController();
  const disk = newDisk();
  const wires = { clock, signal, redactor: createRedactor() };
  const toCloudflare = createCloudflareWire({
    ...wires,
    ...cloudflare,
    ...(fetches.cloudflare && { fetch: fetches.cloudflare }),
    budget: createBudget(clock),
  });
  const toAuthentik = createAuthentikWire({
    ...wires,
    ...authentik,
    ...(fetches.authentik && { fetch: fetches.authentik }),
  });
  return (scope: Scope) =>
    createWorld({ scope, cloudflare: toCloudflare, authentik: toAuthentik, edge, clock, signal, ...disk });
}

function countingEdge(edge: Edge): Edge & { probes(): number } {
  let probes = 0;
  return {
    get: (request, signal) => {
      probes += 1;
      return edge.get(request, signal);
    },
    probes: () => probes,
  };
}
