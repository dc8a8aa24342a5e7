import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Allowance } from '../../clients/cloudflare/budget.ts';
import type { CallMeter } from '../../clients/http/calls.ts';
import type { EndedRun } from '../../report/history/history.ts';
import { type MetricName, metrics, runBuckets, type Sample } from '../../report/metrics/metrics.ts';
import { countChanges } from '../../report/metrics/metrics-of-run.ts';
import type { LastRun } from '../../report/status/status.ts';
import type { Cause } from '../triggers/triggers.ts';

export interface BuildInfo {
  /** The version of gates. */
  readonly version: string;
  /** The commit from which gates was built. */
  readonly revision: string;
}

type System = Parameters<CallMeter['called']>[0];

/** The counters of the daemon, and the facts that it adds on request. */
export interface Metrics extends CallMeter {
  /** Adds a budget of a system's API. `account`: its name, in a file with several. */
  budget(system: System, left: () => Allowance | undefined, account?: string): void;
  requested(type: Cause['type']): void;
  ended(ended: EndedRun): void;
  /** Counts changes that repaired what others had changed. */
  repaired(count: number): void;
  /** Counts these actions from now on, new ones from 0. */
  actions(names: readonly string[]): void;
  acted(action: string, result: (typeof actionResults)[number]): void;
  commitStatus(outcome: 'set' | 'refused'): void;
  /** An issuer whose tokens `/verify` judges has a new key that `gates rotate` did not announce. */
  keysChanged(): void;
  /** All metrics in the text format of Prometheus. Gauges have only the values of `samples`; others are unknown. */
  text(samples: readonly Sample[]): Promise<string>;
  /** The names of all metrics with their labels, with those of the process and of Node.js. */
  names(): Promise<ReadonlyMap<string, readonly string[]>>;
  readonly contentType: string;
}

const results: readonly LastRun['result'][] = ['done', 'incomplete', 'reported', 'stopped', 'error'];
const types: readonly Cause['type'][] = [
  ...(['start', 'schedule', 'push', 'signal', 'retry', 'probe', 'keys'] as const),
  ...(['pause', 'resume', 'window', 'action'] as const),
];
const actionResults = ['done', 'failed', 'interrupted'] as const;
const systems: readonly System[] = ['cloudflare', 'authentik'];
const statuses = ['2xx', '3xx', '4xx', '429', '5xx', 'none'] as const;

/** The metrics of one daemon. Counters begin at 0, so that the first event is an increase. */
export function createMetrics(build: BuildInfo): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { counters, gauges, runs } = instruments(registry);
  const count = (name: MetricName, labels: Readonly<Record<string, string>>, value = 1) =>
    counters.get(name)?.inc(labels, value);
  for (const result of results) count('gates_runs_total', { result }, 0);
  for (const type of types) count('gates_triggers_total', { type }, 0);
  for (const outcome of ['set', 'refused']) count('gates_commit_statuses_total', { outcome }, 0);
  for (const system of systems)
    for (const status of statuses) count('gates_api_requests_total', { system, status }, 0);
  const budgets: Budgeted[] = [];

  function ownSamples(): readonly Sample[] {
    const { version, revision } = build;
    const left = tightest(budgets).flatMap(({ system, account, remaining, quota }): readonly Sample[] => {
      const labels = { system, ...(account !== undefined && { account }) };
      return [
        { name: 'gates_api_budget_remaining', labels, value: Math.max(0, remaining) },
        ...(quota === undefined ? [] : [{ name: 'gates_api_budget_limit', labels, value: quota } as const]),
      ];
    });
    const labels = { version, revision, node: process.versions.node };
    return [{ name: 'gates_build_info', labels, value: 1 }, ...left];
  }

  return {
    contentType: registry.contentType,
    budget: (system, left, account) => void budgets.push({ system, account, left }),
    called: (system, status) => count('gates_api_requests_total', { system, status: classOf(status) }),
    requested: (type) => count('gates_triggers_total', { type }),
    actions(names) {
      for (const action of names)
        for (const result of actionResults) count('gates_actions_total', { action, result }, 0);
    },
    acted: (action, result) => count('gates_actions_total', { action, result }),
    commitStatus: (outcome) => count('gates_commit_statuses_total', { outcome }),
    keysChanged: () => count('gates_issuer_keys_changed_total', {}),
    repaired: (many) => count('gates_drift_repaired_total', {}, many),
    ended(ended) {
      const { result, startedAt, finishedAt } = ended.run;
      count('gates_runs_total', { result });
      runs.observe(Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
      for (const { kind, verb, outcome, count: many } of countChanges(ended.report))
        count('gates_changes_total', { kind, verb, outcome }, many);
    },
    text(samples) {
      for (const [name, gauge] of gauges) clear(name, gauge);
      for (const { name, labels, value } of [...ownSamples(), ...samples])
        gauges.get(name)?.set({ ...labels }, value);
      return registry.metrics();
    },
    async names() {
      const all = registry.getMetricsAsArray() as readonly { name: string; labelNames?: readonly string[] }[];
      return new Map(all.map(({ name, labelNames = [] }) => [name, labelNames]));
    },
  };
}

/** The budget of a token. */
interface Budgeted {
  readonly system: System;
  readonly account: string | undefined;
  readonly left: () => Allowance | undefined;
}

/** The token of each system and account with the fewest calls left: zones may have tokens of their own. */
function tightest(budgets: readonly Budgeted[]): readonly (Budgeted & Allowance)[] {
  const found = new Map<string, Budgeted & Allowance>();
  for (const budget of budgets) {
    const allowance = budget.left();
    const key = `${budget.system} ${budget.account}`;
    const before = found.get(key);
    if (allowance === undefined || (before !== undefined && before.remaining <= allowance.remaining))
      continue;
    found.set(key, { ...budget, ...allowance });
  }
  return [...found.values()];
}

function instruments(registry: Registry) {
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const registers = [registry];
  for (const name of Object.keys(metrics) as MetricName[]) {
    const { type, help, labels } = metrics[name];
    const options = { name, help, labelNames: [...labels], registers };
    if (type === 'counter') counters.set(name, new Counter(options));
    if (type === 'gauge') gauges.set(name, new Gauge(options));
  }
  const name = 'gates_run_duration_seconds';
  const runs = new Histogram({ name, help: metrics[name].help, buckets: [...runBuckets], registers });
  return { counters, gauges, runs };
}

/** Removes the gauge's value: a gauge without labels would be 0 after a reset, and 0 does not mean unknown. */
function clear(name: MetricName, gauge: Gauge): void {
  if (metrics[name].labels.length === 0) gauge.remove();
  else gauge.reset();
}

/** The class of a status. A refusal for too many calls is one of its own, since it means that the budget is spent. */
function classOf(status: number | undefined): (typeof statuses)[number] {
  if (status === undefined) return 'none';
  if (status === 429) return '429';
  return statuses.find((name) => name === `${Math.floor(status / 100)}xx`) ?? 'none';
}
