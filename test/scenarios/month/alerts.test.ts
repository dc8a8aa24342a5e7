import { describe, expect, it } from 'vitest';
import type { HistoryRun } from '../../../src/core/record/history.ts';
import { judgeAlerts } from './alerts.ts';
import { at, drifted, minute, night, run } from './judged-runs.ts';
import type { Heard } from './receiver.ts';

/** The judges of a month must find planted mistakes, or a month without findings proves nothing. */
const notice = (of: number, title: string, tone: Heard['tone'] = 'trouble'): Heard => ({
  id: `${of} ${title}`,
  at: at(of),
  tone,
  title,
  details: [],
});
const mistake = (of: number) =>
  notice(of, 'Mistake in gates.yaml: gates applies nothing of revision bbbbbbbb by Ada');
const mended = (of: number) => notice(of, 'Good again: gates.yaml has no mistakes', 'good');
const drift = (of: number) =>
  notice(of, 'Drift: live objects differed from the file, and gates reverted them');

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
      notice(5, 'Failed: services.a could not be applied'),
      notice(6, 'Failed: services.a could not be applied'),
    ],
    found: ['told again before it was good'],
  },
  {
    because: 'what failed, was good and failed again is news again',
    heard: [
      ...told,
      notice(5, 'Failed: services.a could not be applied'),
      notice(5.5, 'Good again: services.a is as the file says', 'good'),
      notice(6, 'Failed: services.a could not be applied'),
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
      notice(5, 'Failed: services.a could not be applied'),
      notice(5.5, 'Good again: services.b is as the file says', 'good'),
      notice(6, 'Failed: services.a could not be applied'),
    ],
    found: ['told again before it was good'],
  },
];

/** Eight reported mistakes, each in a run; then the hour has no room for the findings of three more runs. */
const names = Array.from({ length: 8 }, (_, n) => `${n}`.repeat(8));
const many = [
  ...names.map((name, n) => run(n, { rejected: name })),
  run(10),
  run(11, drifted),
  run(12),
  run(30),
  run(61),
  run(62),
];
const eight = names.map((name, n) =>
  notice(n, `Mistake in gates.yaml: gates applies nothing of revision ${name} by Ada`),
);
const later = (of: number, ...lines: readonly string[]): Heard => ({
  ...notice(of, `${lines.length} more since 2026-03-01 12:10 UTC`),
  details: lines,
});
const overAt = '2026-03-01 12:10 UTC: Good again: gates.yaml has no mistakes';
const driftAt = '2026-03-01 12:11 UTC: Drift: live objects differed from the file, and gates reverted them';
const alone = (of: number): Heard => ({
  ...drift(of),
  more: 'Held back since 2026-03-01 12:11 UTC: because of the hourly limit.',
});

const heldBack: readonly Row[] = [
  {
    because: 'what the hour had no room for was told in one notice when there was room again',
    heard: [...eight, later(61, overAt, driftAt)],
    found: [],
  },
  {
    because: 'a single one was told as it was',
    runs: [...many.slice(0, 7), run(7), ...many.slice(9)],
    heard: [...eight.slice(0, 7), mended(7), alone(61)],
    found: [],
  },
  {
    because: 'some of it was swallowed',
    heard: [...eight, later(61, overAt)],
    found: ['not told'],
  },
  {
    because: 'it was told twice',
    heard: [...eight, later(61, overAt, driftAt, driftAt)],
    found: ['told, and not in the history'],
  },
  {
    because: 'it was told at once all the same',
    heard: [...eight, mended(10), drift(11)],
    found: ['more than 8 in an hour', 'more than 8 in an hour'],
  },
  {
    because: 'the hour had room',
    heard: [...eight.slice(1), later(61, overAt, driftAt)],
    found: ['not told', 'held back, and the hour had room', 'held back for longer'],
  },
  {
    because: 'the hour had room again long before it was told',
    runs: [...many, run(90)],
    heard: [...eight, later(90, overAt, driftAt)],
    found: ['held back for longer'],
  },
  {
    because: 'it says that there are more than it tells',
    heard: [...eight, { ...later(61, overAt, driftAt), title: '3 more since 2026-03-01 12:10 UTC' }],
    found: ['held back 3, and tells 2'],
  },
];

describe('the judge of a month’s alerts', () => {
  const inAnHour = heldBack.map((row) => ({ runs: many, ...row }));
  it.each([...rows, ...inAnHour])('$because', ({ runs = night, heard, ntfy, kills = [], found }) => {
    const once = new Map(heard.map(({ id, title }) => [id, title]));
    const { findings } = judgeAlerts(runs, heard, ntfy ?? [...once.values()], kills);
    expect(findings).toEqual(found.map((words) => expect.stringMatching(new RegExp(`^${words}`))));
  });
});
