import { expect, it } from 'vitest';
import { type Event, JwtMonth } from './jwt-month.ts';
import { SigningKeyHome } from './signing-key-home.ts';
import { standingTime } from './tally.ts';

standingTime();

const at = (day: number, hour: number, minute: number) => (day * 24 + hour) * 60 + minute;
const rotations = [at(6, 9, 2), at(21, 23, 58)];
const byHand: Event = { minute: at(14, 3, 11), what: 'replace by hand' };
const events: readonly Event[] = [...rotations.map((minute): Event => ({ minute, what: 'rotate' })), byHand];

/** Every pass of the schedule in the hours around what happens, and one in three hours elsewhere, or all where asked. */
const isMade = (minute: number) =>
  process.env.GATES_EVERY_PASS !== undefined ||
  minute % 180 === 0 ||
  events.some((event) => minute > event.minute - 30 && minute < event.minute + 120);

it('a month of tokens that API Shield checks: two rotations, and a key changed behind our back', async () => {
  const home = await SigningKeyHome.make();
  const month = await new JwtMonth(home).play({ events, days: 30, isMade });
  const refused = month.refused.map(({ minute }) => minute);
  const notices = month.notices.map(({ minute, title }) => `${minute - byHand.minute} min: ${title}`);
  process.stdout.write(
    [
      `a month at the edge: ${month.requests.toLocaleString('en')} requests, ${month.passes.toLocaleString('en')} passes,`,
      `${month.rotations} rotations of ${month.calls} calls, ${month.mostKeys} keys at most, configurations: ${month.configurations.size},`,
      `valid tokens refused: ${refused.length} (minutes after the change by hand: ${refused.map((minute) => minute - byHand.minute).join(', ')}),`,
      `changes after ${month.changed.map((minute) => minute - byHand.minute).join(', ')} min, notices: ${notices.join('; ')}\n`,
    ].join(' '),
  );
  expect(month.admitted).toEqual([]);
  expect(refused.every((minute) => minute >= byHand.minute && minute < byHand.minute + 5)).toBe(true);
  expect(month.configurations.size).toBe(1);
});
