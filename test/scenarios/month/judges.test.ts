import { describe, expect, it } from 'vitest';
import { minute, night, run } from './judged-runs.ts';
import { judgeMemory, MOST_GROWTH } from './memory.ts';
import { judgePushes } from './pushes.ts';

describe('the judge of a month’s pushes', () => {
  const pushed = (revision: string, of: number, isGood = true) => ({
    revision,
    at: minute(of),
    told: minute(of),
    isGood,
  });
  const none = () => false;
  const wrong = (of: number) => pushed('bbbbbbbb', of, false);
  it.each([
    {
      because: 'each is in a run',
      pushes: [pushed('aaaaaaaa', 0), wrong(1.5)],
      came: { taken: 2 },
    },
    { because: 'the last is in none', pushes: [pushed('cccccccc', 7)], came: {}, lost: ['cccccccc'] },
    {
      because: 'a later good one came before the look, which put it in force',
      pushes: [pushed('cccccccc', 0.1), pushed('aaaaaaaa', 0.2)],
      came: { taken: 1, withLater: 1 },
    },
    {
      because: 'a mistake came over it before the look, and a later good one was put in force',
      pushes: [pushed('cccccccc', 1.2), wrong(1.3), pushed('aaaaaaaa', 3.5)],
      came: { taken: 2, superseded: 1 },
    },
    {
      because: 'a mistake came over it before the look, and nothing came after',
      pushes: [pushed('aaaaaaaa', 0), pushed('cccccccc', 1.2), wrong(1.3)],
      came: { taken: 2 },
      lost: ['cccccccc'],
    },
    {
      because: 'a mistake came over it after a look had passed it by',
      pushes: [pushed('aaaaaaaa', 0), pushed('cccccccc', 0.5), wrong(1.3)],
      came: { taken: 2 },
      lost: ['cccccccc'],
    },
    {
      because: 'a good one came over a mistake before the look',
      pushes: [pushed('dddddddd', 0.1, false), pushed('aaaaaaaa', 0.2)],
      came: { taken: 1, superseded: 1 },
    },
    {
      because: 'runs began before the next came, and did not take it',
      pushes: [pushed('aaaaaaaa', 0), pushed('cccccccc', 2.5), wrong(9)],
      came: { taken: 2 },
      lost: ['cccccccc'],
    },
  ])('$because', ({ pushes, came, lost = [] }) => {
    const { findings, ...counts } = judgePushes(pushes, night, none);
    expect(findings.map((finding) => finding.slice(0, 8))).toEqual(lost);
    expect(counts).toEqual({ taken: 0, withLater: 0, superseded: 0, ...came });
  });

  it('does not count a run as a read if it was interrupted or could not read the branch', () => {
    const pushes = [pushed('cccccccc', 0.5), pushed('aaaaaaaa', 1.5)];
    const runs = [run(1, { revision: 'ffffffff' }), run(2)];
    expect(judgePushes(pushes, runs, none).findings).toHaveLength(1);
    expect(judgePushes(pushes, runs, ({ id }) => id === 'run1')).toMatchObject({
      withLater: 1,
      findings: [],
    });
    const stopped = [run(1, { revision: 'ffffffff', result: 'stopped' }), run(2)];
    expect(judgePushes(pushes, stopped, none)).toMatchObject({ withLater: 1, findings: [] });
  });
});

describe('the judge of a month’s memory', () => {
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
