import type { GateSeen, Status, StatusMistake, StatusProblem } from '../status/status.ts';
import type { Sample } from './metrics.ts';

const verdicts: readonly GateSeen['verdict'][] = ['guarded', 'closed', 'covered', 'open', 'unproved'];
const problems: readonly StatusProblem['status'][] = ['failed', 'refused', 'skipped', 'unknown', 'lost'];

/** The gauges that the status knows. */
export function samplesOfStatus(status: Status): readonly Sample[] {
  const { inForce, rejected, repository, running, paused, lastRun, expiring = [] } = status;
  return [
    { name: 'gates_paused', value: flag(paused !== undefined) },
    { name: 'gates_run_in_progress', value: flag(running !== undefined) },
    { name: 'gates_triggers_waiting', value: status.waiting?.length ?? 0 },
    { name: 'gates_revision_waiting', value: flag(status.upcoming !== undefined) },
    { name: 'gates_revision_rejected', value: flag(rejected !== undefined) },
    ...(rejected?.mistakes ?? []).filter(isError).slice(0, MOST_MISTAKES).map(mistakeSample),
    { name: 'gates_repository_readable', value: flag(repository.error === undefined) },
    ...time('gates_repository_read_timestamp_seconds', repository.readAt),
    ...time('gates_revision_in_force_timestamp_seconds', inForce?.since),
    ...(inForce === undefined
      ? []
      : [
          { name: 'gates_revision_applied', value: flag(inForce.applied) } as const,
          { name: 'gates_revision_held', value: flag(inForce.held !== undefined) } as const,
        ]),
    ...time('gates_last_run_timestamp_seconds', lastRun?.finishedAt),
    ...time('gates_last_success_timestamp_seconds', status.succeededAt),
    ...(lastRun === undefined ? [] : problemSamples(lastRun.problems)),
    ...(lastRun?.drifted === undefined
      ? []
      : [{ name: 'gates_drift_objects', value: lastRun.drifted.count } as const]),
    ...gateSamples(status.gates ?? []),
    ...expiring.flatMap(({ name, at }) =>
      time('gates_expiry_timestamp_seconds', at, { kind: 'service-token', name }),
    ),
  ];
}

/** The most characters of a mistake's text in a label. */
const MOST_TEXT = 200;
/** The most mistakes, since each is a series of its own. */
const MOST_MISTAKES = 10;

const isError = ({ severity }: StatusMistake): boolean => severity === 'error';

function mistakeSample({ place, message, hint = '' }: StatusMistake): Sample {
  const [cause, todo] = [message, hint].map((text) => text.slice(0, MOST_TEXT)) as [string, string];
  return { name: 'gates_mistake_info', labels: { place, message: cause, hint: todo }, value: 1 };
}

function problemSamples(found: readonly StatusProblem[]): readonly Sample[] {
  return problems.map((status) => ({
    name: 'gates_problems',
    labels: { status },
    value: found.filter((problem) => problem.status === status).length,
  }));
}

function gateSamples(gates: readonly GateSeen[]): readonly Sample[] {
  const hosts = verdicts.map(
    (verdict): Sample => ({
      name: 'gates_hosts',
      labels: { verdict },
      value: gates.filter((gate) => gate.verdict === verdict).length,
    }),
  );
  return [
    ...hosts,
    ...gates.flatMap(({ host, verdict, at }): readonly Sample[] => [
      { name: 'gates_host_verdict', labels: { host, verdict }, value: 1 },
      ...time('gates_host_looked_at_timestamp_seconds', at, { host }),
    ]),
  ];
}

function time(
  name: Sample['name'],
  at: string | undefined,
  labels: Readonly<Record<string, string>> = {},
): readonly Sample[] {
  const value = at === undefined ? Number.NaN : Date.parse(at) / 1000;
  return Number.isNaN(value) ? [] : [{ name, labels, value }];
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}
