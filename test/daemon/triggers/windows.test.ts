import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen, nextOpening, type Window } from '../../../src/daemon/triggers/windows.ts';

const PARIS = 'Europe/Paris';
const HOUR = 3600;

const at = (text: string) => new Date(text);
const window = (schedule: string, duration: number): Window => ({ schedule, duration });
const nextOf = (schedule: string, after: string, timezone = PARIS) =>
  nextOpening([window(schedule, HOUR)], timezone, at(after))?.toISOString();

describe('a window', () => {
  it.each([
    {
      window: window('0 2 * * sat', 4 * HOUR),
      rows: [
        ['2026-11-28T00:59:59.999Z', false, 'a moment before 2:00 in Paris'],
        ['2026-11-28T01:00:00.000Z', true, 'it begins with its first instant'],
        ['2026-11-28T04:59:59.999Z', true, 'its last one'],
        ['2026-11-28T05:00:00.000Z', false, 'four hours later'],
        ['2026-11-27T02:00:00.000Z', false, 'a Friday'],
      ],
    },
    {
      window: window('30 23 * * *', 2 * HOUR),
      rows: [
        ['2026-11-25T23:00:00.000Z', true, 'it goes on over midnight'],
        ['2026-11-26T00:29:59.999Z', true, 'until half past one'],
        ['2026-11-26T00:30:00.000Z', false, 'and no longer'],
      ],
    },
    {
      window: window('0 23 31 12 *', 2 * HOUR),
      rows: [
        ['2026-12-31T23:30:00.000Z', true, 'over the end of the year'],
        ['2027-01-01T00:00:00.000Z', false, 'an hour into the new one'],
      ],
    },
    {
      window: window('* * * * *', 60),
      rows: [
        ['2026-11-25T12:34:56.789Z', true, 'one begins where the last one ends'],
        ['2026-03-29T00:59:59.999Z', true, 'up to the jump'],
        ['2026-03-29T01:00:00.000Z', true, 'and from it'],
        ['2026-10-25T00:30:30.000Z', true, 'in the first of two hours'],
        ['2026-10-25T01:30:30.000Z', true, 'and in the second'],
      ],
    },
    {
      window: window('* * * * *', 30),
      rows: [
        ['2026-11-25T12:34:29.999Z', true, 'half of each minute'],
        ['2026-11-25T12:34:30.000Z', false, 'and not the other half'],
      ],
    },
    {
      window: window('0 2 * * sat', 8 * 24 * HOUR),
      rows: [
        ['2026-11-27T12:00:00.000Z', true, 'it lasts longer than it is to the next one'],
        ['2026-11-28T02:00:00.000Z', true, 'the next one has begun'],
      ],
    },
    {
      window: window('0 2 29 2 *', HOUR),
      rows: [
        ['2028-02-29T01:30:00.000Z', true, 'a leap day'],
        ['2027-03-01T01:30:00.000Z', false, 'a year without one'],
      ],
    },
    { window: window('0 0 31 2 *', HOUR), rows: [['2026-03-03T00:30:00.000Z', false, 'no such day']] },
    { window: window('nonsense', HOUR), rows: [['2026-03-03T00:30:00.000Z', false, 'no such times']] },
  ])('$window.schedule', ({ window: one, rows }) => {
    for (const [instant, open, because] of rows)
      expect(isOpen([one], PARIS, at(String(instant))), `${instant}: ${because}`).toBe(open);
  });

  it('of several is open while any of them is; without windows, it is always open', () => {
    const two = [window('0 2 * * *', 3 * HOUR), window('0 4 * * *', 3 * HOUR)];
    const open = (instant: string) => isOpen(two, 'UTC', at(instant));
    expect(
      ['01:59', '02:00', '04:30', '06:59', '07:00'].map((time) => open(`2026-11-25T${time}:00Z`)),
    ).toEqual([false, true, true, true, false]);
    expect(isOpen([], 'UTC', at('2026-11-25T00:00:00Z'))).toBe(true);
  });
});

describe('a window on the day on which clocks go forward', () => {
  it('opens at the jump if its start is skipped', () => {
    expect(nextOf('30 2 * * *', '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    expect(nextOf('30 2 * * *', '2026-03-29T01:00:00Z')).toBe('2026-03-30T00:30:00.000Z');
    const one = [window('30 2 * * *', HOUR)];
    expect(isOpen(one, PARIS, at('2026-03-29T00:59:59.999Z'))).toBe(false);
    expect(isOpen(one, PARIS, at('2026-03-29T01:00:00Z'))).toBe(true);
    expect(isOpen(one, PARIS, at('2026-03-29T01:59:59.999Z'))).toBe(true);
    expect(isOpen(one, PARIS, at('2026-03-29T02:00:00Z'))).toBe(false);
  });

  it('lasts as long as usual, whatever clocks show', () => {
    const one = [window('0 1 * * *', 2 * HOUR)];
    expect(isOpen(one, PARIS, at('2026-03-29T01:59:59.999Z'))).toBe(true);
    expect(isOpen(one, PARIS, at('2026-03-29T02:00:00Z'))).toBe(false);
  });

  it('that opens every hour does not open once more at the jump', () => {
    expect(nextOf('30 * * * *', '2026-03-29T00:30:00Z')).toBe('2026-03-29T01:30:00.000Z');
  });
});

describe('a window on the day on which clocks go back', () => {
  it('opens at the first of two times that look the same', () => {
    expect(nextOf('30 2 * * *', '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(nextOf('30 2 * * *', '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
    const one = [window('30 2 * * *', 600)];
    expect(isOpen(one, PARIS, at('2026-10-25T00:35:00Z'))).toBe(true);
    expect(isOpen(one, PARIS, at('2026-10-25T01:35:00Z'))).toBe(false);
  });

  it('lasts as long as usual, whatever clocks show', () => {
    const one = [window('0 2 * * *', 2 * HOUR)];
    expect(isOpen(one, PARIS, at('2026-10-25T01:59:59.999Z'))).toBe(true);
    expect(isOpen(one, PARIS, at('2026-10-25T02:00:00Z'))).toBe(false);
  });

  it('that opens every hour opens in both hours', () => {
    expect(nextOf('30 * * * *', '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:30:00.000Z');
  });

  it('has begun when clocks go back over midnight', () => {
    // In the Azores, on 2026-10-25 at 1:00, clocks go back to 0:00.
    expect(nextOf('30 0 * * *', '2026-10-25T00:00:00Z', 'Atlantic/Azores')).toBe('2026-10-25T00:30:00.000Z');
    // In St John's, on 2010-11-07 at 0:01, clocks go back to 23:01 of the day before.
    const one = [window('0 0 * * *', 600)];
    const open = (instant: string) => isOpen(one, 'America/St_Johns', at(instant));
    const times = ['02:29', '02:30', '02:39', '02:40', '03:35'].map((time) => `2010-11-07T${time}:00Z`);
    expect(times.map(open)).toEqual([false, true, true, false, false]);
  });
});

it.each(['UTC', PARIS, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'])(
  'a window in %s opens exactly at the predicted instant',
  (timezone) => {
    const first = Date.parse('2026-01-01T00:00:00Z');
    const schedules = ['30 2 * * *', '*/7 * * * *', '0 0 * * sun', '15 1,3 * 3,4,10,11 *', '59 23 31 * *'];
    fc.assert(
      fc.property(
        fc.integer({ min: first, max: first + 366 * 24 * HOUR * 1000 }),
        fc.constantFrom(...schedules),
        (instant, schedule) => {
          const one = [window(schedule, 1)];
          const next = nextOpening(one, timezone, new Date(instant));
          if (next === undefined) throw new Error('it opens some day');
          expect(next.getTime()).toBeGreaterThan(instant);
          expect(isOpen(one, timezone, next)).toBe(true);
          expect(isOpen(one, timezone, new Date(next.getTime() + 1000))).toBe(false);
        },
      ),
    );
  },
);

it('the next opening is the first of several windows, and undefined when none ever opens', () => {
  const two = [window('0 4 * * *', HOUR), window('0 2 * * *', HOUR)];
  expect(nextOpening(two, 'UTC', at('2026-11-25T03:00:00Z'))).toEqual(at('2026-11-25T04:00:00Z'));
  expect(nextOpening([window('0 0 31 2 *', HOUR)], 'UTC', at('2026-11-25T03:00:00Z'))).toBeUndefined();
  expect(nextOpening([], 'UTC', at('2026-11-25T03:00:00Z'))).toBeUndefined();
});
