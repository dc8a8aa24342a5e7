import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../src/core/record/notice.ts';
import {
  advance,
  FOR_ALARMS,
  MOST_AN_HOUR,
  nothingReported,
  PATIENCE,
  type Reported,
} from '../../../src/report/notices/advance.ts';
import type { RunEnd } from '../../../src/report/notices/trouble.ts';
import { judgeRun } from '../../../src/report/notices/troubles.ts';
import { A, ended, gate, NOON, rejected } from './status.ts';

const HOUR = 3_600_000;

/** A person who gets the notices of run after run; the memory goes through JSON, as in a restart. */
function people() {
  let told: Reported = nothingReported;
  let now = Date.parse(NOON);
  return {
    hear(end: RunEnd, minutes = 1): readonly Notice[] {
      now += minutes * 60_000;
      const time = new Date(now);
      const next = advance(told, judgeRun(end, time), { now: time, timezone: 'Europe/Paris' });
      told = JSON.parse(JSON.stringify(next.told)) as Reported;
      return next.notices;
    },
    told: () => told,
  };
}

const titles = (notices: readonly Notice[]) => notices.map(({ title }) => title);
const shut = (...hosts: readonly string[]) =>
  ended({ gates: hosts.map((host) => gate(host, 'closed', { reason: `seen at ${host}` })) });

describe('a change of state', () => {
  it('is reported once, and once when it is good again', () => {
    const { hear } = people();
    const bad = ended({ rejected: rejected() });
    expect(hear(ended())).toEqual([]);
    expect(hear(bad)).toMatchObject([
      {
        tone: 'trouble',
        title: 'Mistake in gates.yaml: gates applies nothing of revision bbbbbbbb by Ada',
        since: 'Since 2026-03-01 13:00 Europe/Paris',
      },
    ]);
    for (let n = 0; n < 20; n += 1) expect(hear(bad)).toEqual([]);
    expect(hear(ended(), 120)).toMatchObject([
      { tone: 'good', title: 'Good again: gates.yaml has no mistakes', since: 'It was wrong for 2 h 22 min' },
    ]);
    expect(hear(ended())).toEqual([]);
  });

  it('is reported again in another state: another revision with mistakes, a closed host that is now open', () => {
    const { hear } = people();
    expect(hear(ended({ rejected: rejected(), gates: [gate('a', 'covered')] }))).toHaveLength(2);
    expect(hear(ended({ rejected: rejected(), gates: [gate('a', 'closed')] }))).toEqual([]);
    const worse = hear(ended({ rejected: rejected(A), gates: [gate('a', 'open')] }));
    expect(worse.map(({ tone }) => tone)).toEqual(['alarm', 'trouble']);
  });

  it('is reported in one notice for all that share a reason', () => {
    const { hear } = people();
    const reason = 'the outpost does not answer';
    const hosts = ['a', 'b', 'c', 'd'].map((host) => gate(host, 'covered', { reason }));
    expect(hear(ended({ gates: hosts }))).toMatchObject([
      {
        title: 'a, b and 2 more stay closed: could not confirm that the gate works',
        details: [reason, 'All of them: a, b, c, d'],
      },
    ]);
    const good = hear(ended({ gates: ['a', 'b', 'c', 'd'].map((host) => gate(host, 'guarded')) }));
    expect(good).toMatchObject([
      {
        title: 'Good again: 4 things',
        details: ['a', 'b', 'c', 'd'].map((h) => `the gate of ${h} works`),
      },
    ]);
  });

  it('that may be temporary is reported only when it has stayed', () => {
    const cut = ended({ repository: { url: 'u', branch: 'main', file: 'gates.yaml', error: 'no answer' } });
    const { hear } = people();
    expect(hear(cut)).toEqual([]);
    expect(hear(ended())).toEqual([]);
    expect(hear(cut)).toEqual([]);
    expect(hear(cut, PATIENCE / 60_000 - 1)).toEqual([]);
    expect(titles(hear(cut))).toEqual(['Cannot read the repository: gates misses new pushes']);
    expect(titles(hear(ended()))).toEqual(['Good again: the repository is readable']);
  });

  it('is not good again because a run did not check it', () => {
    const { hear } = people();
    const problems = [{ status: 'refused' as const, what: 'x', because: 'services.a', reason: 'no' }];
    expect(hear(ended({ lastRun: { result: 'incomplete', problems } }))).toHaveLength(1);
    expect(titles(hear(ended({ lastRun: { result: 'error', error: 'x' } })))).toEqual([
      'The run failed: gates applied nothing',
    ]);
    expect(titles(hear(ended()))).toEqual(['Good again: 2 things']);
  });

  it('is not reported for a removed host', () => {
    const { hear, told } = people();
    expect(hear(shut('a'))).toHaveLength(1);
    expect(hear(ended({ gates: [] }))).toEqual([]);
    expect(told().topics).toEqual({});
  });

  it('from repaired drift has no end to report, and is new the next time', () => {
    const { hear } = people();
    const drifted = ended({ lastRun: { counts: { update: 1 } } });
    expect(hear(drifted)).toHaveLength(1);
    expect(hear(drifted)).toEqual([]);
    expect(hear(ended())).toEqual([]);
    expect(hear(drifted)).toHaveLength(1);
  });

  it('has a unique id, the same in every computation', () => {
    const end = shut('a', 'b');
    const ids = people()
      .hear(end)
      .map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(
      people()
        .hear(end)
        .map(({ id }) => id),
    ).toEqual(ids);
  });
});

describe('many changes in an hour', () => {
  const hosts = Array.from({ length: 30 }, (_, n) => `h${n}`);
  const ordinary = MOST_AN_HOUR - FOR_ALARMS;

  it('are reported up to a limit, the last with how many more there are and where', () => {
    const { hear } = people();
    const notices = hear(shut(...hosts));
    expect(notices).toHaveLength(ordinary);
    expect(notices.slice(0, -1).every(({ more }) => more === undefined)).toBe(true);
    expect(notices.at(-1)?.more).toBe(
      'And 22 more (h8, h9 and 20 more): gates sends further news in one notice after 2026-03-01 14:01 Europe/Paris. `gates status` has it now.',
    );
    expect(hear(shut(...hosts))).toEqual([]);
  });

  it('are reported in one notice once the hour has room, in order, including those already over, and never again', () => {
    const { hear } = people();
    const { gates = [] } = shut(...hosts.slice(0, 10)).status;
    hear(ended({ gates }));
    expect(hear(ended({ gates, lastRun: { counts: { update: 1 } } }))).toEqual([]);
    expect(hear(ended({ gates: [gate('h8', 'guarded'), ...gates.slice(9)] }))).toEqual([]);
    expect(hear(shut('h9'), HOUR / 60_000 - 3)).toEqual([]);
    expect(hear(shut('h9'))).toMatchObject([
      {
        at: '2026-03-01T13:01:00.000Z',
        tone: 'trouble',
        title: '4 more since 2026-03-01 13:01 Europe/Paris',
        details: [
          '2026-03-01 13:01 Europe/Paris: h8 stays closed: could not confirm that the gate works',
          '2026-03-01 13:01 Europe/Paris: h9 stays closed: could not confirm that the gate works',
          '2026-03-01 13:02 Europe/Paris: Drift: live objects differed from the file, and gates reverted them',
          '2026-03-01 13:03 Europe/Paris: Good again: the gate of h8 works',
        ],
        since: 'gates held them back because of the hourly limit',
        advice: expect.stringContaining('`gates status`'),
      },
    ]);
    expect(hear(shut('h9'))).toEqual([]);
    expect(titles(hear(ended({ gates: [gate('h9', 'guarded')] })))).toEqual([
      'Good again: the gate of h9 works',
    ]);
  });

  it('are reported unchanged if only one was held back, with its beginning', () => {
    const { hear } = people();
    hear(shut(...hosts.slice(0, ordinary)));
    expect(hear(ended({ rejected: rejected() }))).toEqual([]);
    const [late, ...others] = hear(ended({ rejected: rejected() }), HOUR / 60_000);
    expect(others).toEqual([]);
    expect(late).toMatchObject({
      at: '2026-03-01T13:02:00.000Z',
      title: 'Mistake in gates.yaml: gates applies nothing of revision bbbbbbbb by Ada',
      details: [expect.stringMatching(/^gates\.yaml:/)],
      more: 'Held back since 2026-03-01 13:02 Europe/Paris: because of the hourly limit.',
    });
  });

  it('leave a new change its own notice, as far as there is room', () => {
    const { hear } = people();
    hear(shut(...hosts.slice(0, 10)));
    expect(titles(hear(shut(...hosts.slice(0, 11)), HOUR / 60_000))).toEqual([
      '2 more since 2026-03-01 13:01 Europe/Paris',
      'h10 stays closed: could not confirm that the gate works',
    ]);
  });

  it('are counted if they are too many to read', () => {
    const { hear } = people();
    hear(shut(...hosts.slice(0, ordinary)));
    for (let n = 0; n < 55; n += 1) hear(ended({ rejected: rejected(String(n).padStart(8, '0')) }));
    const [digest] = hear(ended({ rejected: rejected('00000054') }), 10);
    expect(digest?.title).toBe('55 more since 2026-03-01 13:02 Europe/Paris');
    expect(digest?.details).toHaveLength(51);
    expect(digest?.details[0]).toBe('The first 5 are not shown: `gates history` has what led to them');
    expect(digest?.details.at(-1)).toContain('revision 00000054');
  });

  it('leave room for an alarm', () => {
    const { hear } = people();
    hear(shut(...hosts));
    const open = (count: number) =>
      ended({
        gates: hosts.map((host, n) =>
          gate(host, n < count ? 'open' : 'closed', { reason: `seen at ${host}` }),
        ),
      });
    expect(hear(open(1)).map(({ tone }) => tone)).toEqual(['alarm']);
    expect(hear(open(9)).map(({ tone }) => tone)).toEqual(['alarm', 'alarm', 'alarm']);
    expect(hear(open(9))).toEqual([]);
  });

  it('of one unstable gate never exceed the limit', () => {
    const { hear } = people();
    let count = 0;
    for (let n = 0; n < 59; n += 1)
      count += hear(n % 2 === 0 ? shut('a') : ended({ gates: [gate('a', 'guarded')] })).length;
    expect(count).toBe(ordinary);
    expect(titles(hear(shut('a'), HOUR / 60_000))).toEqual([expect.stringMatching(/^51 more since/)]);
  });

  it('come with an alarm if only alarms have room', () => {
    const { hear } = people();
    hear(shut(...hosts.slice(0, ordinary - 1)));
    const both = ended({
      gates: [gate('h40', 'open'), gate('h41', 'closed', { reason: 'x' })],
    });
    expect(hear(both)).toMatchObject([
      { tone: 'alarm', more: expect.stringMatching(/^And 1 more \(h41\): .* 14:01 /) },
    ]);
  });
});
