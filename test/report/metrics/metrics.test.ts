import { describe, expect, it } from 'vitest';
import type { Change, Plan } from '../../../src/core/change.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { metrics, type Sample } from '../../../src/report/metrics/metrics.ts';
import { countChanges, countDone } from '../../../src/report/metrics/metrics-of-run.ts';
import { samplesOfStatus } from '../../../src/report/metrics/metrics-of-status.ts';
import type { StatusMistake } from '../../../src/report/status/status.ts';
import { A, B, ended, gate, NOON, rejected, type StatusParts } from '../notices/status.ts';

const noon = Date.parse(NOON) / 1000;

describe('the table of metrics', () => {
  it.each(Object.entries(metrics))(
    'follows the conventions of Prometheus: %s',
    (name, { type, help, labels }) => {
      expect(name).toMatch(/^gates_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      // Prometheus allows only base units, at the end of the name.
      expect(name).not.toMatch(/milliseconds|minutes|hours|days|percent|kilobytes/);
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      for (const label of labels) expect(label).toMatch(/^(?!le$|quantile$|__)[a-z]+$/);
      expect(help).not.toBe('');
    },
  );
});

/** The samples of one metric, by their labels. */
function of(parts: StatusParts, name: Sample['name']): Readonly<Record<string, number>> {
  const samples = samplesOfStatus(ended(parts).status).filter((sample) => sample.name === name);
  return Object.fromEntries(
    samples.map(({ labels = {}, value }) => [Object.values(labels).join(' '), value]),
  );
}

describe('gauges of the status', () => {
  it('name at most ten mistakes of the newest revision, with place and advice, and no warning', () => {
    const mistake = { place: 'gates.yaml:3:1', severity: 'error', message: 'm'.repeat(300) } as const;
    const warning = { place: 'gates.yaml:9:9', severity: 'warning', message: 'w' } as const;
    const at = (line: number) => ({
      ...mistake,
      place: `gates.yaml:${line}:1`,
      message: 'no',
      hint: 'write yes',
    });
    const of = (mistakes: readonly StatusMistake[]) =>
      samplesOfStatus(ended({ rejected: { ...rejected(), mistakes } }).status)
        .filter(({ name }) => name === 'gates_mistake_info')
        .map(({ labels }) => labels);
    expect(of([warning, mistake, at(4)])).toEqual([
      { place: 'gates.yaml:3:1', message: 'm'.repeat(200), hint: '' },
      { place: 'gates.yaml:4:1', message: 'no', hint: 'write yes' },
    ]);
    expect(of(Array.from({ length: 30 }, (_, line) => at(line)))).toHaveLength(10);
  });

  it.each([
    { name: 'gates_paused', parts: {}, value: 0, because: 'nobody paused it' },
    { name: 'gates_paused', parts: { paused: {} }, value: 1, because: 'somebody did' },
    { name: 'gates_revision_rejected', parts: {}, value: 0, because: 'the newest revision is good' },
    {
      name: 'gates_revision_rejected',
      parts: { rejected: rejected() },
      value: 1,
      because: 'it has mistakes',
    },
    { name: 'gates_revision_held', parts: {}, value: 0, because: 'the newest one is in force' },
    {
      name: 'gates_revision_held',
      parts: {
        inForce: { revision: A, since: NOON, applied: true, held: { head: B, by: 'ada', since: NOON } },
      },
      value: 1,
      because: 'somebody went back to an earlier one',
    },
    { name: 'gates_revision_applied', parts: {}, value: 1, because: 'everything was carried out' },
    { name: 'gates_repository_readable', parts: {}, value: 1, because: 'nothing is wrong with it' },
    {
      name: 'gates_repository_readable',
      parts: { repository: { url: '/r', branch: 'main', file: 'gates.yaml', error: 'no answer' } },
      value: 0,
      because: 'it does not answer',
    },
    { name: 'gates_triggers_waiting', parts: { waiting: ['push', 'signal'] }, value: 2, because: 'two ask' },
    { name: 'gates_run_in_progress', parts: {}, value: 0, because: 'none is made' },
    { name: 'gates_last_run_timestamp_seconds', parts: {}, value: noon, because: 'it ended then' },
    {
      name: 'gates_last_success_timestamp_seconds',
      parts: { succeededAt: NOON },
      value: noon,
      because: 'so it was',
    },
    { name: 'gates_revision_in_force_timestamp_seconds', parts: {}, value: noon, because: 'it came then' },
    {
      name: 'gates_drift_objects',
      parts: { lastRun: { drifted: { count: 70, objects: [] } } },
      value: 70,
      because: 'all of them count, not those that are listed',
    },
  ] as const)('$name is $value: $because', ({ name, parts, value }) => {
    expect(of(parts, name)).toEqual({ '': value });
  });

  it.each([
    'gates_last_success_timestamp_seconds',
    'gates_drift_objects',
    'gates_expiry_timestamp_seconds',
  ] as const)('%s is absent while its value is unknown', (name) => expect(of({}, name)).toEqual({}));

  it('count problems of each sort, including sorts without problems', () => {
    const problems = (['refused', 'refused', 'failed'] as const).map((status) => ({
      status,
      what: 'a',
      reason: 'b',
    }));
    expect(of({ lastRun: { problems } }, 'gates_problems')).toEqual({
      failed: 1,
      refused: 2,
      skipped: 0,
      unknown: 0,
      lost: 0,
    });
  });

  it('have the verdict on each host, and count hosts by verdict', () => {
    const gates = [gate('a', 'guarded'), gate('b', 'open'), gate('c', 'guarded')];
    expect(of({ gates }, 'gates_host_verdict')).toEqual({ 'a guarded': 1, 'b open': 1, 'c guarded': 1 });
    expect(of({ gates }, 'gates_host_looked_at_timestamp_seconds')).toEqual({ a: noon, b: noon, c: noon });
    expect(of({ gates }, 'gates_hosts')).toEqual({ guarded: 2, closed: 0, covered: 0, open: 1, unproved: 0 });
  });

  it('have the end of each token, unless its time is invalid', () => {
    const expiring = [
      { name: 'ci', at: NOON },
      { name: 'old', at: 'never' },
    ];
    expect(of({ expiring }, 'gates_expiry_timestamp_seconds')).toEqual({ 'service-token ci': noon });
  });
});

describe('changes of a run', () => {
  const change = (verb: Change['verb'], kind: Change['address']['kind'], key: string): Change => ({
    id: `${verb} ${key}`,
    verb,
    phase: 'open',
    address: { kind, key },
    drift: [],
    needs: [],
    doors: [],
  });
  const changes = [
    change('create', 'cloudflare/dns-record', 'a'),
    change('create', 'cloudflare/dns-record', 'b'),
    change('create', 'cloudflare/dns-record', 'c'),
    change('update', 'cloudflare/dns-record', 'd'),
    change('keep', 'cloudflare/dns-record', 'e'),
    change('refuse', 'cloudflare/dns-record', 'f'),
    change('refuse', 'cloudflare/tunnel', 'g'),
    change('verify', 'edge/proof', 'h'),
  ];
  const plan: Plan = {
    owner: 'home',
    changes,
    warnings: [],
    attributes: {},
    unknown: [{ kind: 'cloudflare/tunnel', reason: 'no answer' }],
  };
  const outcome = (index: number, status: Outcome['status']): Outcome => ({
    change: changes[index]?.id ?? '',
    address: { kind: 'cloudflare/dns-record', key: 'x' },
    status,
  });
  const report = {
    plan,
    outcomes: [outcome(0, 'done'), outcome(1, 'done'), outcome(2, 'failed'), outcome(7, 'done')],
  };

  it('are counted by kind, verb and outcome, without kept and unreadable objects', () => {
    const counted = countChanges(report).map(
      ({ kind, verb, outcome: came, count }) => `${kind} ${verb} ${came} ${count}`,
    );
    expect(counted).toEqual([
      'cloudflare/dns-record create done 2',
      'cloudflare/dns-record create failed 1',
      'cloudflare/dns-record update planned 1',
      'cloudflare/dns-record refuse refused 1',
      'edge/proof verify done 1',
    ]);
  });

  it('count no checks when they were made', () => {
    expect(countDone(report)).toBe(2);
    expect(countDone(undefined)).toBe(0);
  });
});
