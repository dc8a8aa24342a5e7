import { it } from 'vitest';
import { JwtMonth, judged, type Play } from './jwt-month.ts';
import { SigningKeyHome } from './signing-key-home.ts';
import { standingTime } from './tally.ts';

standingTime();

const at = (day: number, hour: number, minute: number) => (day * 24 + hour) * 60 + minute;

const events: Play['events'] = [
  { minute: at(6, 9, 2), what: 'rotate' },
  { minute: at(14, 3, 11), what: 'replace by hand' },
  { minute: at(21, 23, 58), what: 'rotate' },
];
/** A pass gives the provider its own key again: at the origin, where that one is still known, that is no news. */
const atTheEdge: Play['events'][number] = { minute: at(26, 12, 31), what: 'switch by hand' };

/**
 * Every pass of the schedule in the hours around what happens, and one in six hours elsewhere, where there is nothing to
 * do; with GATES_EVERY_PASS every one.
 */
const isMade = (minute: number) =>
  process.env.GATES_EVERY_PASS !== undefined ||
  minute % 360 === 0 ||
  [...events, atTheEdge].some((event) => minute > event.minute - 30 && minute < event.minute + 120);

it.each([
  { at: 'edge', events: [...events, atTheEdge] },
  { at: 'origin', events },
] as const)('a month of tokens that are checked at the $at', async ({ at: where, events: all }) => {
  const home = await SigningKeyHome.make(where);
  const numbers = await new JwtMonth(home).play({ events: all, days: 30, isMade });
  process.stdout.write(judged(where, { events: all }, numbers));
});
