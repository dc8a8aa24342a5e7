import { it } from 'vitest';
import { SigningKeyHome } from '../homes/signing-key-home.ts';
import { standingTime } from '../stage/tally.ts';
import { JwtMonth, judged, type Play } from './jwt-month.ts';

standingTime();

const events: Play['events'] = [
  { minute: 61, what: 'rotate' },
  { minute: 243, what: 'replace by hand' },
];

/** Seven hours of the month in jwt-month.exhaustive.test.ts, with every run. */
it.each(['edge', 'origin'] as const)(
  'tokens that are checked at the %s are accepted over a rotation, and soon after an unexpected change',
  async (at) => {
    const home = await SigningKeyHome.make(at);
    const numbers = await new JwtMonth(home).play({
      events,
      days: 7 / 24,
      isMade: () => true,
      isRequested: () => true,
    });
    process.stdout.write(judged(at, { events }, numbers));
  },
);
