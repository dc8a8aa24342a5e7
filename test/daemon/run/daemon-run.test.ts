import { afterEach, describe, expect, it } from 'vitest';
import { ConfigError, UnreachableError, UnsafeError } from '../../../src/core/errors.ts';
import type { LastGood } from '../../../src/daemon/run/last-good.ts';
import {
  A,
  ADDRESS,
  B,
  CANARY,
  change,
  expectStatusesOfSchema,
  GOOD,
  head,
  LATER,
  report,
  runOf,
  START,
} from '../played-run.ts';

afterEach(expectStatusesOfSchema);

describe('a revision without mistakes', () => {
  it('is stored, applied and reported as applied', async () => {
    const { pass, play, status, saved, requests, settings } = runOf();
    play.head = () => head(A, 'one', ['prune']);
    expect(await pass([{ type: 'start' }, { type: 'push', revision: A }])).toEqual({ retryAfter: undefined });
    expect(requests[0]).toMatchObject({ revision: A, apply: true, allow: ['prune'] });
    expect(saved.map(({ applied }) => applied)).toEqual([false, true]);
    expect(settings).toHaveLength(1);
    expect(status()).toMatchObject({
      phase: 'idle',
      inForce: { revision: A, subject: 'Open', author: 'Ada', applied: true },
      lastRun: { triggers: ['start', 'push aaaaaaaa'], revision: A, result: 'done' },
    });
    expect(status().running).toBeUndefined();
  });

  it('is read from git again when the copy in the state directory differs', async () => {
    const { pass, status, saved, requests } = runOf({
      good: { ...GOOD, bytes: Buffer.from('one, edited') },
    });
    await pass(START);
    expect(saved[0]).toMatchObject({ revision: A, applied: false, bytes: Buffer.from('one') });
    expect(requests[0]?.text).toEqual(Buffer.from('one'));
    expect(status().lastRun?.warnings[0]).toMatch(/^The copy of gates.yaml in the state directory differed/);
    await pass(START);
    expect(status().lastRun?.warnings).toEqual([]);
  });

  it('is checked once, however often it is read', async () => {
    const { pass, play } = runOf();
    for (let n = 0; n < 3; n += 1) await pass(START);
    expect(play.checks).toBe(1);
    play.head = () => head(B, 'mistake');
    for (let n = 0; n < 3; n += 1) await pass(START);
    expect(play.checks).toBe(2);
  });

  it('does not count as applied while something failed, and the status says what and why', async () => {
    const { pass, play, status, saved } = runOf();
    const error = new UnreachableError('No answer', { facts: { retryAfter: 7_000, detail: CANARY } });
    play.report = () =>
      report(
        [
          change('create', { because: 'services.grafana' }),
          change('keep'),
          change('refuse', { reason: 'adopt it' }),
        ],
        [
          { change: 'create', address: ADDRESS, status: 'failed', error },
          { change: 'other', address: ADDRESS, status: 'skipped', reason: 'waits for create' },
          { change: 'refuse', address: ADDRESS, status: 'skipped' },
        ],
      );
    expect(await pass(START)).toEqual({ retryAfter: 7_000 });
    expect(saved.map(({ applied }) => applied)).toEqual([false]);
    const what = 'cloudflare/tunnel:homelab';
    expect(status().lastRun).toMatchObject({
      result: 'incomplete',
      counts: { create: 1, keep: 1, refuse: 1 },
      problems: [
        { status: 'refused', what, reason: 'adopt it' },
        { status: 'failed', what, because: 'services.grafana', reason: 'No answer ([redacted])' },
        { status: 'skipped', what, reason: 'waits for create' },
      ],
    });
  });

  it('is retried soon when a kind could not be read; the status names the kind, not each object of it', async () => {
    const { pass, play, status } = runOf();
    const { plan } = report([change('refuse', { reason: 'it could not be read' })], []);
    if (plan === undefined) throw new Error('no plan');
    const unknown = [{ kind: 'cloudflare/tunnel', reason: 'it timed out' }];
    play.report = () => ({ mistakes: [], plan: { ...plan, unknown }, outcomes: [] });
    expect(await pass(START)).toEqual({ retryAfter: 0 });
    expect(status().lastRun?.problems).toEqual([
      { status: 'unknown', what: 'cloudflare/tunnel', reason: 'it timed out' },
    ]);
  });

  it('passes on the warnings of file and plan', async () => {
    const { pass, play, status } = runOf();
    const { plan } = report();
    if (plan === undefined) throw new Error('no plan');
    const place = { line: 3, column: 1, path: 'groups' };
    play.report = () => ({
      mistakes: [
        {
          ...place,
          severity: 'warning',
          rule: 'G109',
          code: 'G109',
          message: 'declared and unused',
          hint: 'Remove it',
        },
        { ...place, severity: 'warning', rule: 'wrong-value', message: 'plain' },
      ],
      plan: { ...plan, warnings: ['clients are not built yet'] },
      outcomes: [],
    });
    await pass(START);
    expect(status().lastRun).toMatchObject({
      result: 'done',
      warnings: [
        'gates.yaml:3:1 G109: declared and unused. Remove it',
        'gates.yaml:3:1 plain',
        'clients are not built yet',
      ],
    });
  });

  it('ends with a report of the state, of temporary problems, and of expiries', async () => {
    const { pass, play, ends, status } = runOf();
    const address = { kind: 'cloudflare/service-token', key: 'ci' } as const;
    const have = {
      address,
      id: '1',
      owner: 'home',
      spec: {},
      attributes: {},
      uses: [],
      expiresAt: LATER,
      rotatesAt: LATER,
    };
    play.report = () => report([change('keep', { address, have }), change('prune', { address, have })]);
    await pass(START);
    await pass(START);
    const expiring = [{ name: 'ci', at: LATER }];
    expect(status().rotations).toEqual(expiring);
    expect(ends).toMatchObject([
      { passing: false, settled: false, expiring, status: { lastRun: { result: 'done' } } },
      { passing: false, settled: true, expiring },
    ]);
    const { plan } = report();
    if (plan === undefined) throw new Error('no plan');
    const unknown = [{ kind: 'cloudflare/service-token', reason: 'it timed out' }];
    play.report = () => ({ mistakes: [], plan: { ...plan, unknown }, outcomes: [] });
    await pass(START);
    play.report = () => {
      throw new ConfigError('no');
    };
    await pass(START);
    expect(ends.slice(2)).toMatchObject([
      { passing: true, expiring: undefined },
      { passing: false, expiring: undefined, status: { lastRun: { result: 'error' } } },
    ]);
  });

  it('reports its progress', async () => {
    const { pass, play, status } = runOf();
    const steps: unknown[] = [];
    play.report = (request) => {
      steps.push(status().running);
      request.onProgress({ done: 1, total: 3 });
      steps.push(status().running);
      return report();
    };
    await pass(START);
    expect(steps).toMatchObject([
      { step: 'plan', revision: A, triggers: ['start'] },
      { step: 'apply', done: 1, total: 3 },
    ]);
  });
});

describe('a head that does not descend from the one before it', () => {
  it('is applied, and reported by that one run', async () => {
    const { pass, play, status, applied, log, recorded } = runOf({ good: GOOD });
    play.head = () => ({ ...head(B, 'two'), replaced: A });
    await pass(START);
    const said = 'The branch was rewritten: its head bbbbbbbb does not descend from aaaaaaaa';
    expect(status().lastRun?.warnings).toEqual([expect.stringContaining(said)]);
    expect(recorded[0]?.run.warnings).toEqual(status().lastRun?.warnings);
    expect(log.lines.filter(({ message }) => message === 'history rewritten')).toHaveLength(1);
    expect(applied()).toEqual(['two']);
    play.head = () => head(B, 'two');
    await pass(START);
    expect(status().lastRun?.warnings).toEqual([]);
  });
});

it('the applied revision is judged as of the time when it was applied', async () => {
  const { pass, play } = runOf({ good: GOOD });
  await pass(START);
  expect(play.accepted).toMatchObject({ revision: A, since: GOOD.since });
});

describe('a revision with mistakes', () => {
  it('changes nothing: gates repairs from the last good one, and reports the place', async () => {
    const { pass, play, status, applied, saved, log } = runOf();
    await pass(START);
    play.head = () => head(B, 'mistake');
    await pass([{ type: 'push', revision: B }]);
    expect(applied()).toEqual(['one', 'one']);
    expect(saved.at(-1)?.revision).toBe(A);
    const mistake = {
      place: 'gates.yaml:31:11',
      severity: 'error',
      code: 'G106',
      message: 'unknown key [redacted]',
      hint: 'remove it',
    };
    expect(status()).toMatchObject({
      inForce: { revision: A },
      rejected: { revision: B, author: 'Ada', mistakes: [mistake] },
      lastRun: { result: 'done', revision: A },
    });
    const logged = log.lines.filter(({ message }) => message === 'mistake');
    expect(logged).toHaveLength(1);
    expect(logged[0]?.fields).toMatchObject({ place: 'gates.yaml:31:11', hint: 'remove it' });
    expect(logged[0]?.fields).toHaveProperty('said');
    expect(logged[0]?.fields).not.toHaveProperty('message');
  });

  it('keeps the time of its arrival, and is over when a good one arrives', async () => {
    const { pass, play, status, clock, applied } = runOf({ good: GOOD });
    play.head = () => head(B, 'mistake');
    await pass(START);
    const at = status().rejected?.at;
    await clock.advance(60_000);
    await pass(START);
    expect(status().rejected?.at).toBe(at);
    play.head = () => head('c'.repeat(40), 'two');
    await pass(START);
    expect(status().rejected).toBeUndefined();
    expect(applied()).toEqual(['one', 'one', 'two']);
  });

  it('is reported anew when another mistake appears, since allowed signers can change without a push', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    for (const message of ['The commit is not signed', 'The commit is signed by a foreign key']) {
      play.head = () => ({ ...head(B, ''), file: { error: new ConfigError(message) } });
      await pass(START);
      expect(status().rejected?.mistakes).toEqual([{ place: 'gates.yaml', severity: 'error', message }]);
    }
  });

  it('that is reverted leaves the applied revision applied, with its time', async () => {
    const { pass, play, status, saved } = runOf({ good: GOOD });
    play.head = () => head(B, 'mistake');
    await pass(START);
    play.head = () => head(A, 'one');
    await pass(START);
    expect(status().rejected).toBeUndefined();
    expect(saved).toEqual([]);
  });

  it('that is the first leaves nothing to do', async () => {
    const { pass, play, status, requests } = runOf();
    play.head = () => head(B, 'mistake');
    expect(await pass(START)).toEqual({ retryAfter: undefined });
    expect(requests).toEqual([]);
    expect(status().lastRun).toMatchObject({
      result: 'error',
      error: expect.stringContaining('push one without'),
    });
  });

  it('may be one without the file', async () => {
    const { pass, play, status, applied } = runOf({ good: GOOD });
    const error = new ConfigError('gates.yaml is not in branch main', { hint: 'Commit the file' });
    play.head = () => ({ ...head(B, ''), file: { error } });
    await pass(START);
    expect(status().rejected?.mistakes).toEqual([
      {
        place: 'gates.yaml',
        severity: 'error',
        message: 'gates.yaml is not in branch main',
        hint: 'Commit the file',
      },
    ]);
    expect(applied()).toEqual(['one']);
  });

  it('may be the applied one, after an update of gates', async () => {
    const { pass, play, status, requests } = runOf({ good: { ...GOOD, bytes: Buffer.from('mistake') } });
    play.head = () => head(B, 'also a mistake');
    await pass(START);
    expect(requests).toEqual([]);
    expect(status().lastRun?.error).toContain('gates.yaml:31:11');
  });
});

describe('a repository that cannot be read', () => {
  it('keeps drift repaired from the last good one, and is tried again', async () => {
    const { pass, play, status, applied } = runOf({ good: GOOD });
    play.head = () => {
      throw new UnreachableError('The repository cannot be reached', { facts: { detail: CANARY } });
    };
    expect(await pass(START)).toEqual({ retryAfter: 0 });
    expect(applied()).toEqual(['one']);
    expect(status().repository.error).toBe('The repository cannot be reached ([redacted])');
    expect(status().lastRun?.result).toBe('done');
    play.head = () => head(A, 'one');
    expect(await pass(START)).toEqual({ retryAfter: undefined });
    expect(status().repository.error).toBeUndefined();
  });

  it('is the error of a run without another error', async () => {
    const { pass, play, status } = runOf();
    play.head = () => {
      throw new ConfigError('There is no repository', { hint: 'Look at GATES_REPOSITORY' });
    };
    expect(await pass(START)).toEqual({ retryAfter: undefined });
    expect(status().lastRun?.error).toBe('There is no repository. Look at GATES_REPOSITORY');
  });
});

describe('drift: report', () => {
  it('applies a revision once, then only says what differs', async () => {
    const { pass, play, requests, status } = runOf();
    play.drift = 'report';
    await pass(START);
    play.report = () => report([change('update')]);
    await pass(START);
    expect(requests.map(({ apply }) => apply)).toEqual([true, false]);
    expect(status().lastRun).toMatchObject({ result: 'reported', counts: { update: 1 } });
    expect(status().inForce?.applied).toBe(true);
  });

  it('applies it again until everything was done', async () => {
    const { pass, play, requests } = runOf();
    play.drift = 'report';
    play.report = () =>
      report([change('create')], [{ change: 'create', address: ADDRESS, status: 'skipped' }]);
    await pass(START);
    await pass(START);
    expect(requests.map(({ apply }) => apply)).toEqual([true, true]);
  });
});

describe('a revision that a person holds', () => {
  const held = { head: B, by: 'ada on vm', since: '2026-02-02T00:00:00.000Z' };
  const HELD: LastGood = { ...GOOD, allow: ['prune'], held };

  it('stays applied while the branch does not move, and status and history say who holds it', async () => {
    const { pass, play, applied, status, saved, recorded } = runOf({
      good: { ...GOOD, revision: B, bytes: Buffer.from('two') },
    });
    play.head = () => head(B, 'two');
    play.kept = HELD;
    await pass(START);
    await pass(START);
    expect(applied()).toEqual(['one', 'one']);
    expect(saved).toEqual([]);
    expect(status().inForce).toEqual({
      revision: A,
      author: 'Ada',
      subject: 'Open',
      since: GOOD.since,
      applied: true,
      held,
    });
    const allowed = { limits: ['prune'], by: 'ada on vm', why: 'held at aaaaaaaa "Open"' };
    expect(recorded[0]?.run).toMatchObject({ revision: A, held, allowed });
  });

  it('is released when the branch moves on', async () => {
    const { pass, play, applied, saved } = runOf({ good: HELD });
    play.kept = HELD;
    play.head = () => head('c'.repeat(40), 'three');
    await pass(START);
    expect(applied()).toEqual(['three']);
    expect(saved[0]).toMatchObject({ revision: 'c'.repeat(40), applied: false });
    expect(saved[0]?.held).toBeUndefined();
  });

  it('is released when the branch moves to that very revision', async () => {
    const { pass, play, saved } = runOf({ good: HELD });
    play.kept = HELD;
    play.head = () => head(A, 'one');
    await pass(START);
    expect(saved[0]?.held).toBeUndefined();
  });

  it('stays applied, like any last good one, when the branch moves on to a mistake', async () => {
    const { pass, play, applied, status } = runOf({ good: HELD });
    play.kept = HELD;
    play.head = () => head('c'.repeat(40), 'mistake');
    await pass(START);
    expect(applied()).toEqual(['one']);
    expect(status()).toMatchObject({
      inForce: { revision: A, held },
      rejected: { revision: 'c'.repeat(40) },
    });
  });
});

describe('a run', () => {
  it('writes nothing once the lease is lost', async () => {
    const { pass, play, requests, status } = runOf({ good: GOOD });
    play.lease = false;
    await pass(START);
    expect(requests).toEqual([]);
    expect(status()).toMatchObject({ phase: 'idle', lastRun: { result: 'error' } });
    expect(status().lastRun?.error).toContain('The turn is lost');
  });

  it('that loses its turn reports that, records nothing, notifies nobody, and is repeated', async () => {
    const { play, pass, lose, status, saved, recorded, ends } = runOf();
    play.report = () => {
      lose(new UnsafeError('The lease was lost'));
      return report([change('create')]);
    };
    expect(await pass(START)).toEqual({ retryAfter: 0 });
    expect(status().lastRun).toMatchObject({ result: 'error', error: 'The lease was lost' });
    expect(saved.map(({ applied }) => applied)).toEqual([false]);
    expect(recorded).toEqual([]);
    expect(ends).toEqual([]);
  });

  it('applies no revision if it lost its turn while it read the repository', async () => {
    const { play, pass, saved, requests, status } = runOf({ good: GOOD });
    play.head = () => {
      play.lease = false;
      return head(B, 'two');
    };
    await pass(START);
    expect(saved).toEqual([]);
    expect(requests).toEqual([]);
    expect(status().inForce).toBeUndefined();
  });

  it('that was stopped reports that, and does not count as applied', async () => {
    const { pass, play, stop, status, saved } = runOf();
    play.report = () => {
      stop.abort(new Error('SIGTERM'));
      return report([change('create')]);
    };
    expect(await pass(START)).toEqual({ retryAfter: undefined });
    expect(status().lastRun?.result).toBe('stopped');
    expect(saved.map(({ applied }) => applied)).toEqual([false]);
  });

  it('survives a bug, and logs where it was', async () => {
    const { pass, play, status, log } = runOf();
    play.report = () => {
      throw new TypeError(`undefined is not a function ${CANARY}`);
    };
    expect(await pass(START)).toEqual({ retryAfter: undefined });
    expect(status().lastRun).toMatchObject({
      result: 'error',
      error: 'undefined is not a function [redacted]',
    });
    expect(log.lines.find(({ message }) => message === 'unexpected error')?.fields.stack).toContain(
      'daemon-run.test.ts',
    );
    play.report = () => report();
    await pass(START);
    expect(status().lastRun?.result).toBe('done');
  });

  it('begins every line of its log with its id', async () => {
    const { pass, log, status } = runOf();
    await pass(START);
    expect(new Set(log.lines.map(({ fields }) => fields.run))).toEqual(new Set([status().lastRun?.id]));
  });
});
