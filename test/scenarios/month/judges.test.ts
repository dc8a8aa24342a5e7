import { describe, expect, it } from 'vitest';
import type { HistoryRun } from '../../../src/core/history.ts';
import { judgeAlerts } from './alerts.ts';
import { judgeMemory, MOST_GROWTH } from './memory.ts';
import { lostPushes } from './pushes.ts';
import type { Heard } from './receiver.ts';

/** What judges a month has to find what is planted, or a month without findings says nothing. */
const minute = (of: number) => Date.parse('2026-03-01T12:00:00.000Z') + of * 60_000;
const at = (of: number) => new Date(minute(of)).toISOString();

const run = (of: number, parts: Partial<HistoryRun> = {}): HistoryRun => ({
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
const notice = (of: number, title: string, tone: Heard['tone'] = 'trouble'): Heard => ({
  id: `${of} ${title}`,
  at: at(of),
  tone,
  title,
  details: [],
});
const mistake = (of: number) =>
  notice(of, 'Mistake in gates.yaml: nothing of revision bbbbbbbb by Ada is done');
const mended = (of: number) => notice(of, 'Good again: gates.yaml has no mistakes', 'good');
const drift = (of: number) => notice(of, 'Drift: what is live was not as the file says, and was put right');

const rejected = { rejected: 'bbbbbbbb' };
const drifted = { counts: { update: 1 } };
const night = [run(1), run(2, rejected), run(3, rejected), run(4), run(5, drifted), run(6)];
const told = [mistake(2), mended(4), drift(5)];

const unread = { unread: [{ kind: 'authentik/group', reason: 'refused' }], result: 'incomplete' as const };
const outage = [run(1), run(2, unread), run(3, unread), run(8, unread), run(9, unread), run(10)];
const cannotRead = notice(8, 'gates cannot read authentik/group: what leans on it waits');
const canRead = notice(10, 'Good again: authentik/group can be read', 'good');

interface Row {
  readonly because: string;
  readonly runs?: readonly HistoryRun[];
  readonly heard: readonly Heard[];
  readonly ntfy?: readonly string[];
  readonly kills?: readonly number[];
  readonly found: readonly string[];
}

const rows: readonly Row[] = [
  { because: 'each change of state was told once', heard: told, found: [] },
  { because: 'nobody was told of the mistake', heard: told.slice(1), found: ['not told'] },
  { because: 'nobody was told that it is over', heard: [mistake(2), drift(5)], found: ['not told'] },
  { because: 'nobody was told of the drift', heard: told.slice(0, 2), found: ['not told'] },
  {
    because: 'the mistake was told with the next run, too',
    heard: [...told, mistake(3)],
    found: ['told, and not in the history', 'told again before it was good'],
  },
  {
    because: 'a drift was told that no run met',
    heard: [...told, drift(6)],
    found: ['told, and not in the history'],
  },
  { because: 'one notice came twice', heard: [...told, drift(5)], found: ['told twice'] },
  {
    because: 'it came twice since the daemon was killed while it sent it',
    heard: [...told, drift(5)],
    kills: [minute(5.05)],
    found: [],
  },
  {
    because: 'the killed run is in no history, and what it told is',
    runs: night.slice(0, 4),
    heard: told,
    kills: [minute(5.05)],
    found: [],
  },
  {
    because: 'ntfy was left out once',
    heard: told,
    ntfy: told.slice(1).map(({ title }) => title),
    found: ['ntfy heard less often'],
  },
  {
    because: 'what failed was told again before it was good',
    heard: [
      ...told,
      notice(5, 'Failed: services.a could not be made as the file asks'),
      notice(6, 'Failed: services.a could not be made as the file asks'),
    ],
    found: ['told again before it was good'],
  },
  {
    because: 'what failed, was good and failed again is news again',
    heard: [
      ...told,
      notice(5, 'Failed: services.a could not be made as the file asks'),
      notice(5.5, 'Good again: services.a is as the file says', 'good'),
      notice(6, 'Failed: services.a could not be made as the file asks'),
    ],
    found: [],
  },
  { because: 'an outage was told once it had stayed', runs: outage, heard: [cannotRead, canRead], found: [] },
  { because: 'nobody was told of the outage', runs: outage, heard: [], found: ['not told', 'not told'] },
  {
    because: 'it was over in two minutes, and is no news',
    runs: [...outage.slice(0, 3), run(4)],
    heard: [],
    found: [],
  },
  {
    because: 'the outage was told with each run',
    runs: outage,
    heard: [cannotRead, { ...cannotRead, id: 'again', at: at(9) }, canRead],
    found: ['told again before it was good'],
  },
  {
    because: 'something else that is good again is no end of it',
    heard: [
      ...told,
      notice(5, 'Failed: services.a could not be made as the file asks'),
      notice(5.5, 'Good again: services.b is as the file says', 'good'),
      notice(6, 'Failed: services.a could not be made as the file asks'),
    ],
    found: ['told again before it was good'],
  },
];

describe('what judges the alerts of a month', () => {
  it.each(rows)('$because', ({ runs = night, heard, ntfy, kills = [], found }) => {
    const once = new Map(heard.map(({ id, title }) => [id, title]));
    const { findings } = judgeAlerts(runs, heard, ntfy ?? [...once.values()], kills);
    expect(findings).toEqual(found.map((words) => expect.stringMatching(new RegExp(`^${words}`))));
  });
});

describe('what judges the pushes of a month', () => {
  const pushed = (revision: string, of: number) => ({ revision, at: minute(of), told: minute(of) });
  const none = () => false;
  it.each([
    { because: 'each is in a run', pushes: [pushed('aaaaaaaa', 0), pushed('bbbbbbbb', 1.5)], lost: [] },
    { because: 'the last is in none', pushes: [pushed('cccccccc', 0)], lost: ['cccccccc'] },
    {
      because: 'the next came before a run began',
      pushes: [pushed('cccccccc', 0.1), pushed('aaaaaaaa', 0.2)],
      lost: [],
    },
    {
      because: 'runs began before the next came, and did not take it',
      pushes: [pushed('aaaaaaaa', 0), pushed('cccccccc', 2.5), pushed('bbbbbbbb', 9)],
      lost: ['cccccccc'],
    },
  ])('$because', ({ pushes, lost }) => {
    const found = lostPushes(pushes, night, none);
    expect(found.map((finding) => finding.slice(0, 8))).toEqual(lost);
  });

  it('takes no run for a witness that could not read the branch', () => {
    const pushes = [pushed('aaaaaaaa', 0), pushed('cccccccc', 2.5), pushed('bbbbbbbb', 9)];
    expect(lostPushes(pushes, night, () => true)).toEqual([]);
  });
});

describe('what judges the memory of a month', () => {
  const samples = (grow: (day: number) => number) =>
    Array.from({ length: 40 }, (_, day) => ({ day, rss: grow(day) }));
  it.each([
    { because: 'memory that goes up and down is flat', grow: (day: number) => 100 + (day % 5), isFlat: true },
    {
      because: 'what is taken once at the start is no leak',
      grow: (day: number) => (day < 5 ? 50 : 100),
      isFlat: true,
    },
    {
      because: 'memory that grows by as much every day is not',
      grow: (day: number) => 100 + 2 * day,
      isFlat: false,
    },
  ])('$because', ({ grow, isFlat }) => {
    expect(judgeMemory(samples(grow)).growth <= MOST_GROWTH).toBe(isFlat);
  });
});
