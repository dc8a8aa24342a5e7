import { createHash } from 'node:crypto';
import type { Notice } from '../../core/record/notice.ts';
import { LOOK } from './trouble.ts';
import { formatTime } from './when.ts';

/** News beyond the limit of its hour, oldest first, for one notice. */
export interface Held {
  readonly count: number;
  /** The time of the first; RFC 3339. */
  readonly since: string;
  /** The worst tone of all. */
  readonly tone: Notice['tone'];
  /** The last of the notices; all of them if they are few. */
  readonly last: readonly Notice[];
}

/** The most lines that somebody reads. */
const MOST_LINES = 50;

/** The order of tones, the worst first. */
export const rank: Readonly<Record<Notice['tone'], number>> = { alarm: 0, trouble: 1, good: 2 };

/** The held news with one more notice. */
export function hold(held: Held | undefined, notice: Notice): Held {
  const { count, since, tone, last } = held ?? { count: 0, since: notice.at, tone: notice.tone, last: [] };
  return {
    count: count + 1,
    since,
    tone: rank[notice.tone] < rank[tone] ? notice.tone : tone,
    last: [...last, notice].slice(-MOST_LINES),
  };
}

/** All held notices as one, with a line and a time for each; a single notice stays as it was. */
export function heldNotice({ count, since, tone, last }: Held, now: Date, timezone: string): Notice {
  const at = now.toISOString();
  const begin = formatTime(new Date(since), timezone);
  const [only] = last;
  if (count === 1 && only !== undefined)
    return { ...only, at, more: `Held back since ${begin}: because of the hourly limit.` };
  const more = count - last.length;
  return {
    id: createHash('sha256')
      .update(`${at}\n${last.map(({ id }) => id)}`)
      .digest('hex')
      .slice(0, 16),
    at,
    tone,
    title: `${count} more since ${begin}`,
    details: [
      ...(more > 0 ? [`The first ${more} are not shown: \`gates history\` has what led to them`] : []),
      ...last.map((notice) => `${formatTime(new Date(notice.at), timezone)}: ${lineOf(notice)}`),
    ],
    since: 'gates held them back because of the hourly limit',
    advice: `Some may be over by now. ${LOOK}`,
  };
}

function lineOf({ tone, title, details }: Notice): string {
  return tone === 'good' && details.length > 0 ? `${title}: ${details.join(', ')}` : title;
}
