import { formatAge, formatAhead, formatSpan } from '../report/screen/time-words.ts';

/** An instant, for a machine and for people. */
export interface Moment {
  /** RFC 3339. */
  readonly at: string;
  /** `3 min 2 s ago`, `in 12 d` */
  readonly words: string;
}

/** The span since then: `3 min 2 s`. */
export function spanSince(at: string, now: Date): Moment {
  return { at, words: formatSpan(now.getTime() - Date.parse(at)) };
}

export function momentAt(at: string, now: Date): Moment {
  const ahead = Date.parse(at) - now.getTime();
  return { at, words: ahead > 0 ? formatAhead(ahead) : formatAge(-ahead) };
}
