import fc from 'fast-check';
import { parse, validate } from 'node-cron';
import { describe, expect, it } from 'vitest';
import schema from '../../schema/gates.schema.json' with { type: 'json' };
import { everComes, parseCron } from '../../src/core/cron.ts';

const form = new RegExp(schema.$defs.cron.pattern);

/** A cron expression such as people write, and some that nobody should. */
function expression(): fc.Arbitrary<string> {
  const value = (first: number, last: number, ...names: readonly string[]) =>
    fc.oneof(fc.integer({ min: first, max: last }).map(String), ...names.map((name) => fc.constant(name)));
  const part = (item: fc.Arbitrary<string>) => {
    const step = fc.oneof(
      fc.constant(''),
      fc.integer({ min: 1, max: 40 }).map((by) => `/${by}`),
    );
    const range = fc.oneof(
      fc.constant('*'),
      item,
      fc.tuple(item, item).map(([first, last]) => `${first}-${last}`),
    );
    return fc.tuple(range, step).map((both) => both.join(''));
  };
  const field = (item: fc.Arbitrary<string>) =>
    fc.array(part(item), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
  return fc
    .tuple(
      field(value(0, 59)),
      field(value(0, 23)),
      field(value(1, 31)),
      field(value(1, 12, 'jan', 'dec')),
      field(value(0, 7, 'sun', 'sat')),
    )
    .map((fields) => fields.join(' '));
}

const sorted = (values: readonly (number | string)[]) =>
  [...new Set(values.map(Number))].sort((a, b) => a - b);

describe('a cron expression', () => {
  it('means what it means to node-cron, which schedules the runs', () => {
    fc.assert(
      fc.property(expression(), (text) => {
        expect(text).toMatch(form);
        const times = parseCron(text);
        expect(times !== undefined && everComes(times)).toBe(validate(text));
        if (times === undefined || !everComes(times)) return;
        const { minute, hour, dayOfMonth, month, dayOfWeek } = parse(text);
        expect(times).toEqual({
          minutes: sorted(minute),
          hours: sorted(hour),
          days: sorted(dayOfMonth),
          months: sorted(month),
          weekdays: sorted(dayOfWeek),
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    { text: '0 0 * *', because: 'it has four fields' },
    { text: '0 0 * * * *', because: 'it has six' },
    { text: '60 0 * * *', because: 'no hour has that minute' },
    { text: '5-60 0 * * *', because: 'nor a range up to it' },
    { text: '0 0 0 * *', because: 'no month has a day 0' },
    { text: '0 0 * * 8', because: 'no week has that day' },
    { text: '*/0 * * * *', because: 'a step of nothing leads nowhere' },
    { text: '*-5 * * * *', because: 'a range has two ends' },
    { text: 'x * * * *', because: 'it is no number' },
  ])('is invalid: $text', ({ text, because }) => {
    expect(parseCron(text), because).toBeUndefined();
  });
});
