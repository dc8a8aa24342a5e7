import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../src/daemon/status/metrics.ts';
import { type MetricDefinition, metrics } from '../../src/report/metrics/metrics.ts';
import { readPromql } from './promql.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const { groups } = parse(readFileSync('docs/alerts.yaml', 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync('docs/dashboards/gates.json', 'utf8')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
};
const known = await createMetrics({ version: '0', revision: 'unknown' }).names();

/** Labels that Prometheus adds to every target, and the label of a bucket. */
const ADDED = ['instance', 'job'];

/** The metric of a series, with its labels: a histogram has three series. */
function metricOf(series: string): { readonly name: string; readonly labels: readonly string[] } | undefined {
  const [, base, bucket] = /^(.+?)(_bucket|_sum|_count)?$/.exec(series) ?? [];
  const isHistogram =
    base !== undefined && (metrics as Readonly<Record<string, MetricDefinition>>)[base]?.type === 'histogram';
  const labels = known.get(series) ?? (isHistogram ? known.get(base) : undefined);
  if (labels === undefined) return undefined;
  return { name: series, labels: [...labels, ...ADDED, ...(bucket === '_bucket' ? ['le'] : [])] };
}

/** The faults of an expression, and of the labels that a text about its result uses. */
function faults(expression: string, used: readonly string[] = []): readonly string[] {
  const { metrics: named, groupings } = readPromql(expression);
  const found = named.map(({ metric, labels }) => ({ metric, labels, known: metricOf(metric) }));
  const all = found.flatMap((it) => it.known?.labels ?? []);
  return [
    ...(named.length === 0 ? ['it names no metric'] : []),
    ...found.flatMap(({ metric, labels, known: it }) =>
      it === undefined
        ? [`there is no metric ${metric}`]
        : labels
            .filter((label) => !it.labels.includes(label))
            .map((label) => `${metric} has no label ${label}`),
    ),
    ...[...groupings, ...used]
      .filter((label) => !all.includes(label))
      .map((label) => `no metric has ${label}`),
  ];
}

/** The anchors of a page, as GitHub derives them from its headings. */
function anchorsOf(page: string): readonly string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('an alert', () => {
  it.each(rules)('$alert names existing metrics', ({ expr, annotations }) => {
    const used = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
    expect(faults(expr, used)).toEqual([]);
  });

  it.each(rules)('$alert says what it means, and links to what to do', ({ alert, annotations, labels }) => {
    expect(annotations.summary).toMatch(/^.{10,120}$/);
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    const [page = '', anchor] = annotations.runbook_url.split('#');
    expect([page, anchor]).toEqual(['docs/when-it-goes-wrong.md', alert.toLowerCase()]);
    expect(anchorsOf(page)).toContain(anchor);
  });

  it('has a unique name', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

describe('the dashboard', () => {
  const panels = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map((target) => ({ title, ...target })),
  );

  it.each(panels)('shows existing metrics in "$title": $expr', ({ expr, legendFormat }) => {
    const used = [...legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label);
    expect(faults(expr, used)).toEqual([]);
  });

  it('offers a choice of daemons by an existing metric', () => {
    const queries = dashboard.templating.list.filter(({ query }) => query.startsWith('label_values('));
    expect(queries.map(({ name }) => name)).toEqual(['job', 'instance']);
    for (const { query } of queries) {
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
      expect(faults(series, [label])).toEqual([]);
    }
  });

  it('has no panel that overlaps another or leaves the page', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const taken = new Set<string>();
    for (const {
      title,
      gridPos: { x, y, w, h },
    } of dashboard.panels) {
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          expect(taken, `${title} at ${column}, ${line}`).not.toContain(`${column} ${line}`);
          taken.add(`${column} ${line}`);
        }
      }
    }
  });
});

describe('the checks of this file', () => {
  it.each([
    { expr: 'gates_run_total', fault: 'there is no metric gates_run_total', because: 'a name is wrong' },
    { expr: 'gates_ready{host="a"}', fault: 'gates_ready has no label host', because: 'a label is' },
    { expr: 'sum by (kind) (gates_runs_total)', fault: 'no metric has kind', because: 'a grouping is' },
    {
      expr: 'rate(gates_run_duration_seconds_buckets[5m])',
      fault: 'there is no metric',
      because: 'a series is',
    },
    { expr: 'time() - 5', fault: 'it names no metric', because: 'nothing is measured' },
  ])('fail when $because: $expr', ({ expr, fault }) => {
    expect(faults(expr).join()).toContain(fault);
  });

  it.each([
    'histogram_quantile(0.95, sum by (le) (rate(gates_run_duration_seconds_bucket{job=~"$job"}[$__rate_interval])))',
    'sum(rate(gates_api_requests_total{status=~"5xx|none"}[15m])) / 2 > 0.2',
    'gates_triggers_waiting > 0 unless on (instance, job) gates_paused == 1',
  ])('accept a correct expression: %s', (expr) => {
    expect(faults(expr)).toEqual([]);
  });
});

it('the page describes every metric, as the table does', () => {
  const page = readFileSync('docs/observability.md', 'utf8');
  const rows = Object.entries(metrics).map(([name, { type, help, labels }]) => {
    const named = labels.length === 0 ? '' : labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${named} | ${help} |`;
  });
  const told = page.split('\n').filter((line) => line.startsWith('| `gates_'));
  expect(told).toEqual(rows);
});
