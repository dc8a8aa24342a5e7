import type { HistoryRun } from '../../../src/core/record/history.ts';

/** Runs for tests of the judges; each ends at its minute. */
export const minute = (of: number) => Date.parse('2026-03-01T12:00:00.000Z') + of * 60_000;
export const at = (of: number) => new Date(minute(of)).toISOString();

export const run = (of: number, parts: Partial<HistoryRun> = {}): HistoryRun => ({
  id: `run${of}`,
  command: 'gates run',
  triggers: ['signal'],
  revision: 'aaaaaaaa',
  startedAt: at(of - 0.01),
  finishedAt: at(of),
  milliseconds: 600,
  result: 'done',
  counts: {},
  changes: [],
  unread: [],
  warnings: [],
  ...parts,
});

export const rejected = { rejected: 'bbbbbbbb' };
export const drifted = { counts: { update: 1 } };
export const night = [run(1), run(2, rejected), run(3, rejected), run(4), run(5, drifted), run(6)];
