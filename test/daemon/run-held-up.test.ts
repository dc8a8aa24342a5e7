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
/** A nightly window; the clock of the run begins on a Sunday at noon. */
const NIGHT = [{ schedule: '0 2 * * *', duration: 3600 }];
const NOON = [{ schedule: '0 12 * * *', duration: 3600 }];

describe('while gates is paused', () => {
  it('a new revision is read, checked, and waits; the applied one is planned and not applied', async () => {
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

  it('an incompletely applied revision is planned and not applied', async () => {
    const { pass, play, requests, saved } = runOf({ good: { ...GOOD, applied: false } });
    play.paused = PAUSED;
    await pass(START);
    expect(requests.map(({ apply }) => apply)).toEqual([false]);
    expect(saved).toEqual([]);
  });

  it('the log says once that a revision waits, and since when', async () => {
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

  it('the first run after the pause applies the waiting revision', async () => {
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

  it('a mistake is reported as usual, and nothing waits then', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    play.paused = PAUSED;
    play.head = () => head(B, 'two');
    await pass(START);
    play.head = () => head(C, 'mistake');
    await pass(START);
    expect(status()).toMatchObject({ rejected: { revision: C } });
    expect(status().upcoming).toBeUndefined();
  });

  it('a run reads and checks everything and changes nothing: the write is refused, the run continues', async () => {
    const { pass, play, requests, status } = runOf({ good: GOOD });
    play.paused = PAUSED;
    play.report = async ({ turn }) => {
      await expect(turn.mayChange()).rejects.toThrow('gates is paused');
      // Notes of checks are on this machine, and the run still writes them.
      await turn.mayWrite();
      expect(turn.signal.aborted).toBe(false);
      return report();
    };
    await pass([{ type: 'probe' }]);
    expect(requests[0]).toMatchObject({ watch: true, apply: false });
    expect(status().lastRun?.result).toBe('done');
  });

  it('the run reports the pause, without secrets, to the notices and to the history', async () => {
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

  it('nothing is done if no revision has been applied yet', async () => {
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

  it('a revision that a person applies explicitly is applied, and no longer waits', async () => {
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

  it('the head does not wait while a person holds another revision against it', async () => {
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

describe('a pause in the middle of a run', () => {
  it('ends the run after the current call: the rest is skipped, and the next run after the pause continues', async () => {
    const { pass, play, status, saved, requests, ends } = runOf();
    play.report = async ({ turn }) => {
      await turn.mayChange();
      play.paused = PAUSED;
      const refused = await turn.mayChange().catch((error: unknown) => error);
      expect(refused).toBe(turn.signal.reason);
      // Resuming at once does not continue this run.
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

  it('that begins while the branch is read keeps its head from being applied', async () => {
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

  it('is reported when a run breaks off because of it', async () => {
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
  it('a new revision waits for the next window; the applied one stays, and so does drift', async () => {
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

  it('the first run inside applies it', async () => {
    const { pass, play, status, applied, clock } = runOf({ good: GOOD });
    play.windows = NIGHT;
    play.head = () => head(B, 'two');
    await pass(START);
    await clock.advance(14 * 3_600_000);
    await pass([{ type: 'window' }]);
    expect(applied()).toEqual(['one', 'two']);
    expect(status().upcoming).toBeUndefined();
  });

  it('the windows of the applied revision count', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    play.windowsOf = (text) => (text === 'one' ? NIGHT : []);
    play.head = () => head(B, 'two');
    await pass(START);
    expect(status().upcoming?.for).toBe('window');
  });

  it('the very first revision is applied at once, and so is one that replaces an invalid file', async () => {
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

  it('a commit may ask for an immediate run, and the history says whose commit it was', async () => {
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

  it('no commit lifts a pause', async () => {
    const { pass, play, status } = runOf({ good: GOOD });
    play.windows = NIGHT;
    play.paused = PAUSED;
    play.head = () => head(B, 'two', ['window']);
    await pass(START);
    expect(status().upcoming?.for).toBe('pause');
  });

  it('a revision that a pause held up still waits for its window', async () => {
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

it('a new revision inside a window is applied as usual, without a word about windows', async () => {
  const { pass, play, applied, recorded } = runOf({ good: GOOD });
  play.windows = NOON;
  play.head = () => head(B, 'two', ['window']);
  await pass(START);
  expect(applied()).toEqual(['two']);
  expect(recorded.map(historyRun)[0]?.allowed).toBeUndefined();
});

it('a run that began inside a window continues past its end', async () => {
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
