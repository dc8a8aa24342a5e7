/** One metric of `/metrics`, by Prometheus' conventions: base units, `_total` for counters. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Each has a bounded set of values: constants of gates, or names in the file. */
  readonly labels: readonly string[];
}

/** Seconds. A run without changes takes one or two, a first apply of many services minutes. */
export const runBuckets = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800] as const;

const counter = (help: string, ...labels: readonly string[]): MetricDefinition => ({
  type: 'counter',
  help,
  labels,
});
const gauge = (help: string, ...labels: readonly string[]): MetricDefinition => ({
  type: 'gauge',
  help,
  labels,
});

/**
 * Every metric of the daemon. An unknown gauge is absent, not 0: no run has ended yet, no known token expires, an API
 * does not report its budget.
 */
export const metrics = {
  gates_build_info: gauge('1; the labels say what runs', 'version', 'revision', 'node'),
  gates_ready: gauge('1 while the run loop works, as /readyz says'),
  gates_lease_held: gauge('1 while this process may write'),
  gates_paused: gauge('1 while gates is paused'),
  gates_run_in_progress: gauge('1 during a run'),
  gates_triggers_total: counter('What asked for a run', 'type'),
  gates_triggers_waiting: gauge('What asks for a run that has not begun; any number of one type counts once'),
  gates_runs_total: counter('Runs that ended, by result', 'result'),
  gates_run_duration_seconds: {
    type: 'histogram',
    help: 'How long runs take, from the fetch to the last write',
    labels: [],
  },
  gates_last_run_timestamp_seconds: gauge('When the last run ended'),
  gates_last_success_timestamp_seconds: gauge(
    'When the last run ended that left everything as the file says',
  ),
  gates_changes_total: counter('Changes of plans, by outcome', 'kind', 'verb', 'outcome'),
  gates_problems: gauge(
    'Changes that the last run did not make; `lost`: a change that somebody else made at the same moment',
    'status',
  ),
  gates_drift_objects: gauge('Objects that differ from the file after the last run'),
  gates_drift_repaired_total: counter('Changes by others that gates reverted'),
  gates_revision_in_force_timestamp_seconds: gauge('When gates accepted the applied revision'),
  gates_revision_applied: gauge('1 if everything that the applied revision asks for was done'),
  gates_revision_held: gauge('1 while a person holds an earlier revision than the newest'),
  gates_revision_rejected: gauge('1 while the newest revision has mistakes, and gates applies nothing of it'),
  gates_mistake_info: gauge(
    '1 for a mistake of the newest revision, of ten at most',
    'place',
    'message',
    'hint',
  ),
  gates_revision_waiting: gauge('1 while the newest revision waits for the end of a pause, or for a window'),
  gates_repository_readable: gauge('1 if gates could read the branch the last time'),
  gates_repository_read_timestamp_seconds: gauge('When the branch was last read'),
  gates_hosts: gauge('Hosts by the result of their last check', 'verdict'),
  gates_host_verdict: gauge('1 for the result of the last check of this host', 'host', 'verdict'),
  gates_host_looked_at_timestamp_seconds: gauge('When gates last checked this host', 'host'),
  gates_expiry_timestamp_seconds: gauge('When a service token expires', 'kind', 'name'),
  gates_api_requests_total: counter(
    'Requests by system and class of status; `none`: no answer',
    'system',
    'status',
  ),
  gates_api_budget_remaining: gauge('Calls that the API allows until its window ends', 'system', 'account'),
  gates_api_budget_limit: gauge('Calls that the API allows in a whole window', 'system', 'account'),
  gates_actions_total: counter('Actions that calls started, by what they came to', 'action', 'result'),
  gates_commit_statuses_total: counter('Commit statuses, by what the forge did with them', 'outcome'),
  gates_commit_statuses_waiting: gauge('Commit statuses that the forge has not taken yet'),
  gates_issuer_keys_changed_total: counter(
    'Issuers of /verify that sign with another key, not by `gates rotate`',
  ),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metrics;

/** One value of a gauge. */
export interface Sample {
  readonly name: MetricName;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}
