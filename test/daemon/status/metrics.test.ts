import { describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../../src/daemon/status/metrics.ts';
import { metrics as table } from '../../../src/report/metrics/metrics.ts';

const made = () => createMetrics({ version: '0.1.0', revision: 'abc' });

/** The lines of one metric, without the comments. */
async function lines(metrics: Metrics, name: string, ...samples: Parameters<Metrics['text']>[0]) {
  const text = await metrics.text(samples);
  return text.split('\n').filter((line) => new RegExp(`^${name}(_bucket|_sum|_count)?[{ ]`).test(line));
}

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 1, 12, 0, seconds)).toISOString();
const run = (result: 'done' | 'error', seconds = 3) => ({
  run: {
    id: 'r',
    command: 'gates run',
    triggers: ['schedule'],
    startedAt: at(0),
    finishedAt: at(seconds),
    result,
  },
});

describe('the counters', () => {
  it('begin at 0, so that the first failure is a rise', async () => {
    const metrics = made();
    expect(await lines(metrics, 'gates_runs_total')).toEqual([
      'gates_runs_total{result="done"} 0',
      'gates_runs_total{result="incomplete"} 0',
      'gates_runs_total{result="reported"} 0',
      'gates_runs_total{result="stopped"} 0',
      'gates_runs_total{result="error"} 0',
    ]);
    expect(await lines(metrics, 'gates_api_requests_total')).toHaveLength(12);
    expect(await lines(metrics, 'gates_drift_repaired_total')).toEqual(['gates_drift_repaired_total 0']);
  });

  it('have runs, their durations, and repairs', async () => {
    const metrics = made();
    metrics.ended(run('done'));
    metrics.ended(run('error', 40));
    metrics.repaired(2);
    expect(await lines(metrics, 'gates_runs_total')).toContain('gates_runs_total{result="error"} 1');
    const took = await lines(metrics, 'gates_run_duration_seconds');
    expect(took).toContain('gates_run_duration_seconds_bucket{le="5"} 1');
    expect(took).toContain('gates_run_duration_seconds_bucket{le="60"} 2');
    expect(took).toContain('gates_run_duration_seconds_sum 43');
    expect(await lines(metrics, 'gates_drift_repaired_total')).toEqual(['gates_drift_repaired_total 2']);
  });

  it.each([
    [200, '2xx'],
    [304, '3xx'],
    [404, '4xx'],
    [429, '429'],
    [503, '5xx'],
    [undefined, 'none'],
    [999, 'none'],
  ])('have requests by the class of their status: %s is %s', async (status, name) => {
    const metrics = made();
    metrics.called('cloudflare', status);
    const risen = (await lines(metrics, 'gates_api_requests_total')).filter((line) => line.endsWith(' 1'));
    expect(risen).toEqual([`gates_api_requests_total{system="cloudflare",status="${name}"} 1`]);
  });

  it('have the triggers of runs, and commit statuses', async () => {
    const metrics = made();
    metrics.requested('push');
    metrics.commitStatus('refused');
    expect(await lines(metrics, 'gates_triggers_total')).toContain('gates_triggers_total{type="push"} 1');
    expect(await lines(metrics, 'gates_commit_statuses_total')).toContain(
      'gates_commit_statuses_total{outcome="refused"} 1',
    );
  });
});

describe('the current values', () => {
  it('are what is known now: unknown values are absent, and old ones are gone', async () => {
    const metrics = made();
    const open = { name: 'gates_host_verdict', labels: { host: 'a', verdict: 'open' }, value: 1 } as const;
    const last = { name: 'gates_last_run_timestamp_seconds', value: 17 } as const;
    expect(await lines(metrics, 'gates_host_verdict', open)).toEqual([
      'gates_host_verdict{host="a",verdict="open"} 1',
    ]);
    expect(await lines(metrics, 'gates_host_verdict')).toEqual([]);
    expect(await lines(metrics, 'gates_last_run_timestamp_seconds', last)).toEqual([
      'gates_last_run_timestamp_seconds 17',
    ]);
    expect(await lines(metrics, 'gates_last_run_timestamp_seconds')).toEqual([]);
  });

  it('have version, revision and Node', async () => {
    expect(await lines(made(), 'gates_build_info')).toEqual([
      `gates_build_info{version="0.1.0",revision="abc",node="${process.versions.node}"} 1`,
    ]);
  });

  it('have the budget of an API while it is known, and never below 0', async () => {
    const metrics = made();
    expect(await lines(metrics, 'gates_api_budget_remaining')).toEqual([]);
    let left: number | undefined = 50;
    metrics.budget('cloudflare', () =>
      left === undefined ? undefined : { remaining: left, resetsAt: 0, quota: 1200 },
    );
    expect(await lines(metrics, 'gates_api_budget_remaining')).toEqual([
      'gates_api_budget_remaining{system="cloudflare"} 50',
    ]);
    expect(await lines(metrics, 'gates_api_budget_limit')).toEqual([
      'gates_api_budget_limit{system="cloudflare"} 1200',
    ]);
    left = -3;
    expect(await lines(metrics, 'gates_api_budget_remaining')).toEqual([
      'gates_api_budget_remaining{system="cloudflare"} 0',
    ]);
    left = undefined;
    expect(await lines(metrics, 'gates_api_budget_remaining')).toEqual([]);
  });

  it('have the budget of each account, of the token with the fewest calls left', async () => {
    const metrics = made();
    const budget = (remaining: number) => () => ({ remaining, resetsAt: 0, quota: 1200 });
    metrics.budget('cloudflare', budget(900), 'home');
    metrics.budget('cloudflare', budget(70), 'home');
    metrics.budget('cloudflare', budget(300), 'home');
    metrics.budget('cloudflare', budget(1100), 'work');
    expect(await lines(metrics, 'gates_api_budget_remaining')).toEqual([
      'gates_api_budget_remaining{system="cloudflare",account="home"} 70',
      'gates_api_budget_remaining{system="cloudflare",account="work"} 1100',
    ]);
    expect((await lines(metrics, 'gates_api_budget_limit')).length).toBe(2);
  });

  it('escape special characters in labels', async () => {
    const strange = {
      name: 'gates_host_verdict',
      labels: { host: 'a"\n}', verdict: 'open' },
      value: 1,
    } as const;
    expect(await lines(made(), 'gates_host_verdict', strange)).toEqual([
      'gates_host_verdict{host="a\\"\\n}",verdict="open"} 1',
    ]);
  });

  it('include every metric of the table, with its labels', async () => {
    const names = await made().names();
    for (const [name, { labels }] of Object.entries(table))
      expect([name, names.get(name)]).toEqual([name, labels]);
  });
});
