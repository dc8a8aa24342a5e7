import { it } from 'vitest';
import { SigningKeyHome } from '../homes/signing-key-home.ts';
import { standingTime } from '../stage/tally.ts';
import { JwtMonth, judged, type Play } from './jwt-month.ts';

standingTime();

const at = (day: number, hour: number, minute: number) => (day * 24 + hour) * 60 + minute;

const events: Play['events'] = [
  { minute: at(6, 9, 2), what: 'rotate' },
  { minute: at(14, 3, 11), what: 'replace by hand' },
  { minute: at(21, 23, 58), what: 'rotate' },
];
/** An event for the edge alone. The next run restores the provider's own key, which changes nothing at the origin. */
const atTheEdge: Play['events'][number] = { minute: at(26, 12, 31), what: 'switch by hand' };

const isWhole = process.env.GATES_EVERY_PASS !== undefined;
const isNear = (minute: number) =>
  [...events, atTheEdge].some((event) => minute > event.minute - 30 && minute < event.minute + 120);

/**
 * The minutes that are played: every run of the schedule and every request in the hours around an event. Elsewhere
 * nothing changes, so that one run in six hours and the requests of every seventh minute suffice; GATES_EVERY_PASS
 * plays all. Seven has no factor in common with the number of sorts of invalid tokens, which change every minute, so
 * that each sort is sent.
 */
const isMade = (minute: number) => isWhole || minute % 360 === 0 || isNear(minute);
const isRequested = (minute: number) => isWhole || minute % 7 === 0 || isNear(minute);

const places = [
  { at: 'edge', events: [...events, atTheEdge] },
  { at: 'origin', events },
] as const;

it.each(places)('a month of tokens that are checked at the $at', async ({ at: where, events: all }) => {
  const home = await SigningKeyHome.make(where);
  const numbers = await new JwtMonth(home).play({ events: all, days: 30, isMade, isRequested });
  process.stdout.write(judged(where, { events: all }, numbers));
});
