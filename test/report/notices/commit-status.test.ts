import { describe, expect, it } from 'vitest';
import { commitNews, pickedUp, superseded } from '../../../src/report/notices/commit-status.ts';
import type { LastRun, Status, StatusMistake, StatusProblem } from '../../../src/report/status/status.ts';

const revision = '1a2b3c4d'.repeat(5);
const other = '9f8e7d6c'.repeat(5);
const at = '2026-03-01T12:00:00.000Z';

const run: LastRun = {
  id: 'r',
  triggers: ['push 1a2b3c4d'],
  revision,
  startedAt: at,
  finishedAt: at,
  result: 'done',
  counts: {},
  problems: [],
  warnings: [],
};

const status: Status = {
  version: '0.1.0',
  pid: 1,
  host: 'nas',
  since: at,
  updatedAt: at,
  phase: 'idle',
  repository: { url: 'https://forge.example/home.git', branch: 'main', file: 'gates.yaml' },
  inForce: { revision, since: at, applied: true },
  lastRun: run,
};

const news = (change: Partial<Status>, passing = false, of = revision) =>
  commitNews({ status: { ...status, ...change }, passing }, of);

const mistake = (line: number, more: Partial<StatusMistake> = {}): StatusMistake => ({
  place: `gates.yaml:${line}:27`,
  severity: 'error',
  message: 'unknown key "emials"',
  ...more,
});
const rejected = (...mistakes: readonly StatusMistake[]) => ({ rejected: { revision: other, at, mistakes } });

const problem = (what: string): StatusProblem => ({ status: 'failed', what, reason: 'the API said no' });

describe('the outcome of a commit', () => {
  it.each([
    {
      because: 'everything holds',
      change: { lastRun: { ...run, counts: { create: 5, update: 1, prune: 2, keep: 14, verify: 3 } } },
      state: 'success',
      description: 'Applied: 5 created, 1 updated, 2 removed, 14 as they were',
    },
    {
      because: 'there was nothing to do',
      change: { lastRun: { ...run, counts: { keep: 14 } } },
      state: 'success',
      description: 'Applied: nothing to change, 14 as they were',
    },
    {
      because: 'drift was reported, and the commit had been applied before',
      change: { lastRun: { ...run, result: 'reported' as const } },
      state: 'success',
      description: 'Applied: nothing to change',
    },
    {
      because: 'something of it was not done',
      change: { lastRun: { ...run, result: 'incomplete' as const, problems: [problem('a:1')] } },
      state: 'failure',
      description: 'failed a:1: the API said no',
    },
    {
      because: 'more than one thing was not done',
      change: {
        lastRun: { ...run, result: 'incomplete' as const, problems: ['a:1', 'a:2', 'a:3'].map(problem) },
      },
      state: 'failure',
      description: 'failed a:1: the API said no',
      more: 'and 2 more problems',
    },
    {
      because: 'the run could not be made',
      change: { lastRun: { ...run, result: 'error' as const, error: 'No token for Authentik' } },
      state: 'failure',
      description: 'No token for Authentik',
    },
  ])('is $state when $because', ({ change, state, description, more }) => {
    const { key: _, ...said } = news(change) ?? {};
    expect(said).toEqual({ state, description, ...(more !== undefined && { more }) });
  });

  it('is pending if the trouble may be temporary', () => {
    const incomplete = { lastRun: { ...run, result: 'incomplete' as const, problems: [problem('a:1')] } };
    expect(news(incomplete, true)).toMatchObject({
      state: 'pending',
      description: 'Tried again soon: failed a:1: the API said no',
    });
    const failed = { lastRun: { ...run, result: 'error' as const, error: 'no answer' } };
    expect(news(failed, true)).toMatchObject({
      state: 'pending',
      description: 'Tried again soon: no answer',
    });
  });

  it('names the place of the first mistake, how many more there are, and what stays applied', () => {
    const warning = mistake(1, { severity: 'warning' });
    const first = mistake(40, { code: 'G106', hint: 'did you mean "emails"?' });
    expect(news(rejected(warning, first), false, other)).toEqual({
      key: 'mistaken unknown key "emials"',
      state: 'failure',
      description:
        'gates.yaml:40:27 G106: unknown key "emials" (did you mean "emails"?). 1a2b3c4d stays applied',
    });
    expect(news(rejected(first, mistake(41)), false, other)?.more).toBe('and 1 more mistake');
    expect(news(rejected(first, mistake(41), mistake(42)), false, other)?.more).toBe('and 2 more mistakes');
    const { inForce: _, ...nothing } = status;
    const alone = { ...nothing, ...rejected(mistake(3)) };
    expect(commitNews({ status: alone, passing: false }, other)?.description).toBe(
      'gates.yaml:3:27 unknown key "emials"',
    );
  });

  it.each([
    { because: 'the run was about another', change: {}, of: other },
    {
      because: 'the daemon was told to stop',
      change: { lastRun: { ...run, result: 'stopped' as const } },
      of: revision,
    },
  ])('is unchanged when $because', ({ change, of }) => {
    expect(news(change, false, of)).toBeUndefined();
  });

  it('is unchanged if only the words of an error differ', () => {
    const said = (reason: string) => ({
      lastRun: { ...run, result: 'incomplete' as const, problems: [{ ...problem('a:1'), reason }] },
    });
    expect(news(said('[request 1]'))?.key).toBe(news(said('[request 2]'))?.key);
    expect(news(said('no'))?.key).not.toBe(news(said('no'), true)?.key);
  });

  it('is set when a run picks up the commit, and when no run ever will', () => {
    expect(pickedUp('gates.yaml')).toMatchObject({
      state: 'pending',
      description: expect.stringContaining('gates.yaml'),
    });
    expect(superseded(other)).toMatchObject({
      state: 'superseded',
      description: expect.stringContaining('Superseded by 9f8e7d6c'),
    });
  });
});
