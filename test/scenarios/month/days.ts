import fc from 'fast-check';
import { deed } from '../random-files/drift.ts';
import { disturbance } from '../random-files/trouble.ts';
import { mistakes, nextFile } from './house.ts';

/** The possible events of a day. */
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('push' as const),
      files: fc.array(nextFile, { minLength: 1, maxLength: 4 }),
      waits: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('mistake' as const),
      of: fc.constantFrom(...Object.keys(mistakes)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('hand' as const),
      deeds: fc.array(deed, { minLength: 1, maxLength: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('faults' as const),
      faults: disturbance.map(({ faults }) => faults),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('restart' as const),
      signal: fc.constantFrom('SIGKILL' as const, 'SIGKILL' as const, 'SIGTERM' as const),
      file: fc.option(nextFile),
      after: fc.nat(800),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('repository' as const), restarts: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('receiver' as const), times: fc.integer({ min: 1, max: 3 }) }),
  },
);
/** One day and the night after it. */
export const day = fc.record({
  events: fc.array(event, { minLength: 3, maxLength: 6, size: 'max' }),
  /** The times before each push, in tenths of the day. */
  pauses: fc.array(fc.nat(100), { minLength: 6, maxLength: 6 }),
  /** The morning finds what the night left: a mistake, or an API that does not answer. */
  staysWrong: fc.boolean(),
  outage: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom('cloudflare', 'authentik') },
  ),
});

export type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;
export type Day = typeof day extends fc.Arbitrary<infer T> ? T : never;
