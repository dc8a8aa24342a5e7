import { afterEach, describe, expect, it } from 'vitest';
import { historyRun } from '../../src/report/history/history.ts';
import { formatHistory } from '../../src/report/history/history-text.ts';
import type { Paused } from '../../src/report/status/status.ts';
import {
  A,
  ADDRESS,
  B,
  CANARY,
  change,
  expectStatusesOfSchema,
  GOOD,
  head,
  report,
  runOf,
  START,
} from './played-run.ts';

afterEach(expectStatusesOfSchema);

const C = 'c'.repeat(40);
const PAUSED: Paused = { reason: `moving house ${CANARY}`, by: 'ada@vm', since: '2026-03-01T11:00:00.000Z' };
/** The clock of the pass begins on a Sunday at noon. */
const NIGHT = [{ schedule: '0 2 * * *', duration: 3600 }];
const NOON = [{ schedule: '0 12 * * *', duration: 3600 }];

describe('while gates is paused', () => {
  it('a new revision is read and judged, and waits; the one in force is planned and not applied', async () => {
    const { pass, play, status, saved, requests, applied, log } = runOf({ good: GOOD });
    play.paused = PAUSED;
    play.head = () => head(B, 'two', ['prune']);
    play.report = () => report([change('update')]);
    await pass([{ type: 'push', revision: B }]);
    expect(saved).toEqual([]);
    expect(applied()).toEqual(['one']);
    expect(requests[0]).toMatchObject({ apply: false, revision: A });
    expect(status()).toMatchObject({
      upcoming: { revision: B, author: 'Ada', subject: 'Open', for: 'pause' },
      lastRun: { result: 'reported', drifted: { count: 1 } },
    });
    const waits = log.lines.filter(({ message }) => message === 'revision waits');
    expect(waits.map(({ fields }) => fields)).toMatchObject([{ revision: B, for: 'pause' }]);
  });

  it('a revision that was not applied to its end is planned and not applied', async () => {
    const { pass, play, requests, saved } = runOf({ good: { ...GOOD, applied: false } });
    play.paused = PAUSED;
    await pass(START);
    expect(requests.map(({ apply }) => apply)).toEqual([false]);
    expect(saved).toEqual([]);
  });

  it('says once that a revision waits, and since when it does', async () => {
    const { pass, play, status, log, clock } = runOf({ good: GOOD });
    play.paused = PAUSED;
    play.head = () => head(B, 'two');
    await pass(START);
    const since = status().upcoming?.since;
    await clock.advance(60_000);
    await pass(START);
    expect(status().upcoming?.since).toBe(since);
    expect(log.lines.filter(({ message }) => message === 'revision waits')).toHaveLength(1);
    play.head = () => head(C, 'three');
    await pass(START);
    expect(status().upcoming).toMatchObject({ revision: C });
    expect(status().upcoming?.since).not.toBe(since);
  });

  it('what waits is put in force and applied by the first pass after it', async () => {
    const { pass, play, status, saved, applied } = runOf({ good: GOOD });
    play.paused = PAUSED;
    play.head = () => head(B, 'two', ['change']);
    await pass(START);
    play.paused = undefined;
    await pass([{ type: 'resume' }]);
    expect(applied()).toEqual(['one', 'two']);
    expect(saved).toMatchObject([
      { revision: B, allow: ['change'], applied: false },
      { revision: B, applied: true },
    ]);
    expect(status().upcoming).toBeUndefined();
    expect(status().inForce).toMatchObject({ revision: B, applied: true });
  });

  it('a mistake is told as ever, and nothing waits then', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    play.paused = PAUSED;
    play.head = () => head(B, 'two');
    await pass(START);
    play.head = () => head(C, 'mistake');
    await pass(START);
    expect(status()).toMatchObject({ rejected: { revision: C } });
    expect(status().upcoming).toBeUndefined();
  });

  it('nothing is changed, and everything is looked at: the write is refused, the pass goes on', async () => {
    const { pass, play, requests, status } = runOf({ good: GOOD });
    play.paused = PAUSED;
    play.report = async ({ turn }) => {
      await expect(turn.mayChange()).rejects.toThrow('gates is paused');
      // Notes of what was seen are on this machine, and kept.
      await turn.mayWrite();
      expect(turn.signal.aborted).toBe(false);
      return report();
    };
    await pass([{ type: 'probe' }]);
    expect(requests[0]).toMatchObject({ watch: true, apply: false });
    expect(status().lastRun?.result).toBe('done');
  });

  it('is said by the run, without secrets, to those who tell people and to the history', async () => {
    const { pass, play, ends, recorded } = runOf({ good: GOOD });
    play.paused = PAUSED;
    play.report = () => report([change('update')]);
    await pass(START);
    const said = { ...PAUSED, reason: 'moving house [redacted]' };
    expect(ends).toMatchObject([{ paused: said }]);
    expect(recorded[0]?.run).toMatchObject({ paused: said });
    const kept = recorded.map(historyRun);
    expect(formatHistory(kept, { color: false, width: 300 })).toContain(
      '    paused by ada@vm: moving house [redacted]\n',
    );
  });

  it('where nothing was in force before, nothing is done', async () => {
    const { pass, play, status, requests } = runOf();
    play.paused = PAUSED;
    expect(await pass(START)).toEqual({ retryAfter: undefined });
    expect(requests).toEqual([]);
    expect(status()).toMatchObject({
      upcoming: { revision: A, for: 'pause' },
      lastRun: { result: 'stopped', error: 'gates is paused: nothing more is written' },
    });
    play.paused = undefined;
    await pass([{ type: 'resume' }]);
    expect(status()).toMatchObject({ inForce: { revision: A, applied: true }, lastRun: { result: 'done' } });
  });

  it('what a person puts in force by hand is, and no longer waits', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    play.paused = PAUSED;
    play.head = () => head(B, 'two');
    await pass(START);
    play.kept = { ...GOOD, revision: B, bytes: Buffer.from('two') };
    play.head = () => {
      throw new Error('not now');
    };
    await pass(START);
    expect(status()).toMatchObject({ inForce: { revision: B } });
    expect(status().upcoming).toBeUndefined();
  });

  it('a revision that is held keeps the head that it is held against from waiting', async () => {
    const { pass, play, status, applied } = runOf({ good: GOOD });
    play.kept = { ...GOOD, held: { head: B, by: 'ada on vm', since: GOOD.since } };
    play.paused = PAUSED;
    play.head = () => head(B, 'two');
    await pass(START);
    expect(status().upcoming).toBeUndefined();
    play.paused = undefined;
    await pass([{ type: 'resume' }]);
    expect(applied()).toEqual(['one', 'one']);
    play.paused = PAUSED;
    play.head = () => head(C, 'three');
    await pass(START);
    expect(status().upcoming).toMatchObject({ revision: C, for: 'pause' });
  });
});

describe('a pause in the middle of a pass', () => {
  it('ends it with the call under way: the rest is skipped, and the next pass after it goes on', async () => {
    const { pass, play, status, saved, requests, ends } = runOf();
    play.report = async ({ turn }) => {
      await turn.mayChange();
      play.paused = PAUSED;
      const refused = await turn.mayChange().catch((error: unknown) => error);
      expect(refused).toBe(turn.signal.reason);
      // A person who resumes at once does not make it go on.
      play.paused = undefined;
      await expect(turn.mayChange()).rejects.toBe(refused);
      return report([change('create')], [{ change: 'create', address: ADDRESS, status: 'skipped' }]);
    };
    expect(await pass(START)).toEqual({ retryAfter: undefined });
    expect(status().lastRun).toMatchObject({
      result: 'stopped',
      error: 'gates is paused: nothing more is written',
    });
    expect(saved.map(({ applied }) => applied)).toEqual([false]);
    expect(ends).toMatchObject([{ paused: { by: 'ada@vm' } }]);
    play.report = () => report();
    await pass([{ type: 'resume' }]);
    expect(requests.map(({ apply }) => apply)).toEqual([true, true]);
    expect(status().inForce?.applied).toBe(true);
  });

  it('that comes while the branch is read keeps its head from being put in force', async () => {
    const { pass, play, status, saved, requests } = runOf({ good: GOOD });
    play.head = () => {
      play.paused = PAUSED;
      return head(B, 'two');
    };
    await pass(START);
    expect(saved).toEqual([]);
    expect(requests).toMatchObject([{ revision: A, apply: false }]);
    expect(status().upcoming).toMatchObject({ revision: B, for: 'pause' });
  });

  it('is told where a reconcile breaks off because of it', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    play.report = async ({ turn }) => {
      play.paused = PAUSED;
      await turn.mayChange();
      return report();
    };
    expect(await pass(START)).toEqual({ retryAfter: undefined });
    expect(status().lastRun).toMatchObject({ result: 'stopped', error: expect.stringContaining('paused') });
  });
});

describe('outside of the windows', () => {
  it('a new revision waits for the next one; what is in force is kept, drift and all', async () => {
    const { pass, play, status, saved, requests } = runOf({ good: GOOD });
    play.windows = NIGHT;
    play.head = () => head(B, 'two');
    await pass([{ type: 'push', revision: B }]);
    expect(saved).toEqual([]);
    expect(requests).toMatchObject([{ revision: A, apply: true }]);
    expect(status().upcoming).toMatchObject({
      revision: B,
      for: 'window',
      until: '2026-03-02T02:00:00.000Z',
    });
  });

  it('it is taken with the first pass inside', async () => {
    const { pass, play, status, applied, clock } = runOf({ good: GOOD });
    play.windows = NIGHT;
    play.head = () => head(B, 'two');
    await pass(START);
    await clock.advance(14 * 3_600_000);
    await pass([{ type: 'window' }]);
    expect(applied()).toEqual(['one', 'two']);
    expect(status().upcoming).toBeUndefined();
  });

  it('the windows that count are those of the revision in force', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    play.windowsOf = (text) => (text === 'one' ? NIGHT : []);
    play.head = () => head(B, 'two');
    await pass(START);
    expect(status().upcoming?.for).toBe('window');
  });

  it('the first revision of all is taken at once, and so is one over a file that is no longer valid', async () => {
    const first = runOf();
    first.play.windows = NIGHT;
    await first.pass(START);
    expect(first.applied()).toEqual(['one']);
    const outlived = runOf({ good: { ...GOOD, bytes: Buffer.from('mistake') } });
    outlived.play.windows = NIGHT;
    outlived.play.head = () => head(B, 'two');
    await outlived.pass(START);
    expect(outlived.applied()).toEqual(['two']);
  });

  it('a commit may ask to be let through, and the history says who did', async () => {
    const { pass, play, saved, recorded, applied } = runOf({ good: GOOD });
    play.windows = NIGHT;
    play.head = () => head(B, 'two', ['prune', 'window']);
    await pass(START);
    await pass(START);
    expect(applied()).toEqual(['two', 'two']);
    expect(saved[0]).toMatchObject({ revision: B, allow: ['prune'] });
    const [first, second] = recorded.map(historyRun);
    expect(first?.allowed).toEqual({
      limits: ['window'],
      by: 'Ada',
      why: 'Gates-Allow in bbbbbbbb "Open"',
    });
    expect(second?.allowed).toBeUndefined();
    expect(formatHistory(first ? [first] : [], { color: false, width: 300 })).toContain(
      'applied outside of the windows, allowed by Ada: Gates-Allow in bbbbbbbb "Open"',
    );
  });

  it('a pause is not lifted by a commit', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    play.windows = NIGHT;
    play.paused = PAUSED;
    play.head = () => head(B, 'two', ['window']);
    await pass(START);
    expect(status().upcoming?.for).toBe('pause');
  });

  it('what a pause kept waits on for its window', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    play.windows = NIGHT;
    play.paused = PAUSED;
    play.head = () => head(B, 'two');
    await pass(START);
    const since = status().upcoming?.since;
    play.paused = undefined;
    await pass([{ type: 'resume' }]);
    expect(status().upcoming).toMatchObject({ for: 'window', since });
  });
});

it('inside of a window a new revision is taken as ever, with nothing said of windows', async () => {
  const { pass, play, applied, recorded } = runOf({ good: GOOD });
  play.windows = NOON;
  play.head = () => head(B, 'two', ['window']);
  await pass(START);
  expect(applied()).toEqual(['two']);
  expect(recorded.map(historyRun)[0]?.allowed).toBeUndefined();
});

it('a pass that has begun inside of a window is not stopped at its end', async () => {
  const { pass, play, status, clock } = runOf({ good: GOOD });
  play.windows = NOON;
  play.head = () => head(B, 'two');
  play.report = async ({ turn }) => {
    await clock.advance(2 * 3_600_000);
    await turn.mayChange();
    return report();
  };
  await pass(START);
  expect(status().inForce).toMatchObject({ revision: B, applied: true });
});
