import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createNotes } from '../../src/clients/state/notes.ts';
import { RejectedError, UnreachableError } from '../../src/core/errors.ts';
import type { CommitStatus } from '../../src/core/record/commit-status.ts';
import { openCommitReporter } from '../../src/daemon/commit-status.ts';
import type { Status } from '../../src/report/status/status.ts';
import { quietLog } from './quiet-log.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { virtualClock } from './virtual-clock.ts';

const at = '2026-03-01T12:00:00.000Z';
const commit = (digit: string) => digit.repeat(40);
const A = commit('a');
const B = commit('b');
const C = commit('c');

/** The state of the daemon after a run on this revision. */
function ended(revision: string, result: 'done' | 'incomplete' | 'stopped' = 'done', passing = false) {
  const problems = result === 'incomplete' ? [{ status: 'failed' as const, what: 'a:1', reason: 'no' }] : [];
  const status: Status = {
    version: '0.1.0',
    pid: 1,
    host: 'nas',
    since: at,
    updatedAt: at,
    phase: 'idle',
    repository: { url: 'https://forge.example/home.git', branch: 'main', file: 'gates.yaml' },
    inForce: { revision, since: at, applied: result === 'done' },
    lastRun: {
      id: 'r',
      triggers: ['push'],
      startedAt: at,
      finishedAt: at,
      result,
      counts: {},
      problems,
      warnings: [],
    },
  };
  return { status, passing };
}

async function scene(directory = temporaryDirectory()) {
  const set: string[] = [];
  const troubles: (string | undefined)[] = [];
  const outcomes: string[] = [];
  const play = { answer: async (_revision: string): Promise<void> => {} };
  const clock = virtualClock(at);
  const log = quietLog();
  const stop = new AbortController();
  const statuses = {
    async set(revision: string, { state }: CommitStatus) {
      await play.answer(revision);
      set.push(`${revision[0]} ${state}`);
    },
  };
  const reporter = await openCommitReporter({
    statuses,
    notes: createNotes(directory),
    clock,
    log,
    file: 'gates.yaml',
    onTrouble: (reason) => void troubles.push(reason),
    onSettled: (outcome) => void outcomes.push(outcome),
    signal: stop.signal,
  });
  /** Plays a run that reads this head and ends with this result. */
  const run = async (head: string, result: 'done' | 'incomplete' | 'stopped' = 'done', passing = false) => {
    reporter.reading();
    reporter.read(head);
    await reporter.settled();
    reporter.ended(ended(head, result, passing));
    await reporter.settled();
  };
  const heard = () => set.splice(0);
  return { reporter, run, heard, play, clock, log, stop, troubles, outcomes, directory };
}

const busy = () => Promise.reject(new UnreachableError('The forge has trouble of its own'));

describe('the status of a commit', () => {
  it('is pending when it is picked up, and success when it is applied; once', async () => {
    const { run, heard, outcomes } = await scene();
    await run(A);
    expect(heard()).toEqual(['a pending', 'a success']);
    await run(A);
    await run(A, 'incomplete');
    expect(heard()).toEqual([]);
    expect(outcomes).toEqual(['set', 'set']);
  });

  it('is failure until everything has been done', async () => {
    const { run, heard } = await scene();
    await run(A, 'incomplete');
    await run(A, 'incomplete');
    await run(A, 'incomplete', true);
    await run(A);
    expect(heard()).toEqual(['a pending', 'a failure', 'a pending', 'a success']);
  });

  it('stays pending when the daemon is stopped, and continues with the next one', async () => {
    const first = await scene();
    await first.run(A, 'stopped');
    expect(first.heard()).toEqual(['a pending']);
    const second = await scene(first.directory);
    await second.run(A);
    expect(second.heard()).toEqual(['a success']);
  });

  it('is superseded when a later commit is already there, however many there are', async () => {
    const { reporter, run, heard } = await scene();
    const burst = Array.from({ length: 500 }, (_, index) => index.toString(16).padStart(40, '0'));
    for (const revision of burst) reporter.pushed(revision);
    reporter.pushed(B);
    await run(B);
    const said = heard();
    expect(said.filter((line) => line.endsWith('superseded'))).toHaveLength(500);
    // The newest commit does not wait for the reports on the others.
    expect(said[0]).toBe('b pending');
    expect(said.at(-1)).toBe('b success');
    await run(B);
    expect(heard()).toEqual([]);
  });

  it('is not superseded if the commit arrived while the branch was read', async () => {
    const { reporter, heard } = await scene();
    reporter.reading();
    reporter.pushed(B);
    reporter.read(A);
    await reporter.settled();
    expect(heard()).toEqual(['a pending']);
    reporter.reading();
    reporter.read(C);
    await reporter.settled();
    expect(heard()).toEqual(['c pending', 'b superseded']);
  });

  it('is not set again by a late webhook', async () => {
    const { reporter, run, heard } = await scene();
    await run(A);
    await run(B);
    heard();
    reporter.pushed(A);
    reporter.pushed(B);
    await run(B);
    expect(heard()).toEqual([]);
  });

  it('is set anew when the branch goes back to it', async () => {
    const { run, heard } = await scene();
    await run(A);
    await run(B);
    heard();
    await run(A);
    expect(heard()).toEqual(['a pending', 'a success']);
  });

  it('ignores a hash of no commit', async () => {
    const { reporter, run, heard } = await scene();
    reporter.pushed('../../user');
    await run(A);
    expect(heard()).toEqual(['a pending', 'a success']);
  });
});

describe('a forge in trouble', () => {
  it('is called again after a while, and delays nothing', async () => {
    const { reporter, heard, play, clock, troubles } = await scene();
    let left = 2;
    play.answer = () => (left-- > 0 ? busy() : Promise.resolve());
    reporter.reading();
    reporter.read(A);
    expect(reporter.owed()).toBe(1);
    await clock.advance(4_999);
    expect(heard()).toEqual([]);
    await clock.advance(30_001);
    expect(heard()).toEqual(['a pending']);
    expect(troubles).toEqual([undefined]);
  });

  it('that does not answer gets the newest status of each commit after the next run', async () => {
    const { reporter, heard, play, clock, log, troubles } = await scene();
    play.answer = busy;
    reporter.pushed(B);
    reporter.reading();
    reporter.read(A);
    reporter.ended(ended(A));
    await clock.advance(60_000);
    expect(troubles.at(-1)).toContain('trouble of its own');
    expect(log.lines.filter(({ message }) => message === 'commit status not set')).toHaveLength(1);
    play.answer = async () => {};
    reporter.reading();
    reporter.read(A);
    await clock.advance(0);
    expect(heard()).toEqual(['a success', 'b superseded']);
    expect([troubles.at(-1), reporter.owed()]).toEqual([undefined, 0]);
  });

  it('gets missed statuses even after a restart', async () => {
    const first = await scene();
    first.play.answer = busy;
    first.reporter.pushed(B);
    first.reporter.reading();
    first.reporter.read(A);
    first.reporter.pushed(C);
    await first.clock.advance(60_000);
    await first.reporter.settled();
    const second = await scene(first.directory);
    second.reporter.reading();
    second.reporter.read(A);
    await second.reporter.settled();
    expect(second.heard()).toEqual(['a pending', 'b superseded', 'c superseded']);
  });

  it('that rejects one status for good is not asked for that one again', async () => {
    const { run, reporter, heard, play, log, outcomes, troubles } = await scene();
    play.answer = async () => {
      throw new RejectedError('GitHub shows this token no such commit');
    };
    await run(A);
    expect([heard(), reporter.owed(), outcomes]).toEqual([[], 0, ['refused', 'refused']]);
    expect(troubles.at(-1)).toContain('no such commit');
    expect(
      log.lines.some(({ level, message }) => level === 'error' && message === 'commit status not set'),
    ).toBe(true);
  });

  it('that rejects the token gets the missed statuses once, with a better token', async () => {
    const first = await scene();
    first.play.answer = async () => {
      throw new RejectedError('GitHub does not let this token', { facts: { status: 403 } });
    };
    await first.run(A);
    await first.run(A);
    const lines = first.log.lines.filter(({ message }) => message === 'commit status not set');
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'debug', 'debug', 'debug']);
    expect([first.outcomes, first.reporter.owed()]).toEqual([[], 1]);
    const second = await scene(first.directory);
    await second.run(A);
    expect(second.heard()).toEqual(['a success']);
  });

  it('does not get statuses of yesterday', async () => {
    const { reporter, heard, play, clock } = await scene();
    play.answer = busy;
    reporter.reading();
    reporter.read(A);
    await clock.advance(25 * 3_600_000);
    play.answer = async () => {};
    reporter.ended(ended(B));
    await reporter.settled();
    expect([heard(), reporter.owed()]).toEqual([[], 0]);
  });

  it('does not delay a stop', async () => {
    const { reporter, play, stop, heard } = await scene();
    play.answer = busy;
    reporter.reading();
    reporter.read(A);
    stop.abort(new Error('stopped by SIGTERM'));
    await reporter.settled();
    expect(heard()).toEqual([]);
  });
});

it('reporting continues when the notes cannot be read or written', async () => {
  const directory = temporaryDirectory();
  const folder = path.join(directory, 'commit-status');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'kept'), '{"pushes":');
  const first = await scene(directory);
  await first.run(A);
  expect(first.heard()).toEqual(['a pending', 'a success']);
  expect(JSON.parse(readFileSync(path.join(folder, 'kept'), 'utf8'))).toMatchObject({ owed: [], pushes: [] });
  writeFileSync(path.join(directory, 'not-a-folder'), '');
  const second = await scene(path.join(directory, 'not-a-folder'));
  await second.run(B);
  expect(second.heard()).toEqual(['b pending', 'b success']);
});
