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
  /** The commit that it was built from. */
  readonly revision: string;
}

type System = Parameters<CallMeter['called']>[0];

/** The counters of the daemon, and the facts that it gives when it is asked. */
export interface Metrics extends CallMeter {
  /** The budget of a system's API from now on. */
  budget(system: System, left: () => Allowance | undefined): void;
  requested(type: Cause['type']): void;
  ended(ended: EndedRun): void;
  /** Changes that put right what others had changed. */
  repaired(count: number): void;
  /** These are counted from now on, each from 0 if it is new. */
  actions(names: readonly string[]): void;
  acted(action: string, result: (typeof actionResults)[number]): void;
  commitStatus(outcome: 'set' | 'refused'): void;
  /** An issuer whose tokens `/verify` judges signs with another key, which `gates rotate` has not handed over. */
  keysChanged(): void;
  /** Everything, in the text format of Prometheus; gauges are those of `samples` alone, the rest is not known. */
  text(samples: readonly Sample[]): Promise<string>;
  /** The names of all metrics with their labels, those of the process and of Node.js included. */
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

/** The metrics of one daemon. What is counted begins at 0, so that the first of anything is a rise. */
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
  const budgets = new Map<System, () => Allowance | undefined>();

  function ownSamples(): readonly Sample[] {
    const { version, revision } = build;
    const left = [...budgets].flatMap(([system, read]): readonly Sample[] => {
      const { remaining, quota } = read() ?? {};
      const labels = { system };
      return [
        ...(remaining === undefined
          ? []
          : [{ name: 'gates_api_budget_remaining', labels, value: Math.max(0, remaining) } as const]),
        ...(quota === undefined ? [] : [{ name: 'gates_api_budget_limit', labels, value: quota } as const]),
      ];
    });
    const labels = { version, revision, node: process.versions.node };
    return [{ name: 'gates_build_info', labels, value: 1 }, ...left];
  }

  return {
    contentType: registry.contentType,
    budget: (system, left) => void budgets.set(system, left),
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

/** A gauge without labels would say 0 after a reset, and 0 is not what is not known. */
function clear(name: MetricName, gauge: Gauge): void {
  if (metrics[name].labels.length === 0) gauge.remove();
  else gauge.reset();
}

/** A refusal for too many calls is told apart: the budget is then spent. */
function classOf(status: number | undefined): (typeof statuses)[number] {
  if (status === undefined) return 'none';
  if (status === 429) return '429';
  return statuses.find((name) => name === `${Math.floor(status / 100)}xx`) ?? 'none';
}
