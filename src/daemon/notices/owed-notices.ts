import type { Notice } from '../../core/record/notice.ts';
import { advance, nothingReported, type Reported } from '../../report/notices/advance.ts';
import type { RunEnd } from '../../report/notices/trouble.ts';
import { judgeRun } from '../../report/notices/troubles.ts';
import { redactDeep } from '../log/redact-deep.ts';

/** A notice, and the receivers that have not accepted it yet. */
interface OwedNotice {
  readonly notice: Notice;
  readonly to: readonly string[];
}

/** The reports of a notifier, sent and still to be sent. */
export interface KeptNotices {
  readonly told: Reported;
  readonly owed: readonly OwedNotice[];
}

/** Milliseconds after which a notice is no longer news. */
const STALE = 24 * 3_600_000;
/** The most notices that wait for a receiver that does not answer. */
const MOST_OWED = 50;

export const NO_NOTICES: KeptNotices = { told: nothingReported, owed: [] };

/** @throws SyntaxError if the text is damaged, or not from gates. */
export function keptNoticesIn(text: string): KeptNotices {
  const { told, owed } = (JSON.parse(text) ?? {}) as Partial<KeptNotices>;
  const isKept =
    Array.isArray(owed) &&
    Array.isArray(told?.sent) &&
    typeof told.topics === 'object' &&
    told.topics !== null &&
    (told.held === undefined || Array.isArray(told.held?.last));
  if (told === undefined || owed === undefined || !isKept) throw new SyntaxError('not what was noted');
  return { told, owed };
}

/** The facts besides the end of a run from which notices are made. */
interface NoticeGround {
  /** The ids of the receivers. */
  readonly receivers: readonly string[];
  readonly now: Date;
  readonly timezone: string;
  readonly redact: (text: string) => string;
}

/** After a run has ended: the notices about it are owed to every receiver. */
export function withNotices(kept: KeptNotices, end: RunEnd, ground: NoticeGround): KeptNotices {
  const { receivers, now, timezone, redact } = ground;
  const { told: known, notices } = advance(kept.told, judgeRun(end, now), { now, timezone });
  // A notice that is held back will be sent later, so neither it nor the note may contain a secret.
  const told = { ...known, ...(known.held && { held: redactDeep(known.held, redact) }) };
  const fresh = redactDeep(notices, redact).map((notice) => ({ notice, to: receivers }));
  return { told, owed: [...stillOwed(kept.owed, receivers, now), ...fresh].slice(-MOST_OWED) };
}

/** The oldest notice that a receiver has not accepted yet. */
export function nextNotice({ owed }: KeptNotices, receiver: string): Notice | undefined {
  return owed.find(({ to }) => to.includes(receiver))?.notice;
}

/** Without one receiver of a notice. */
export function withoutReceiver(kept: KeptNotices, { id }: Notice, receiver: string): KeptNotices {
  const owed = kept.owed
    .map((item) =>
      item.notice.id === id ? { ...item, to: item.to.filter((other) => other !== receiver) } : item,
    )
    .filter(({ to }) => to.length > 0);
  return { ...kept, owed };
}

function stillOwed(
  owed: readonly OwedNotice[],
  receivers: readonly string[],
  now: Date,
): readonly OwedNotice[] {
  return owed
    .filter(({ notice }) => now.getTime() - Date.parse(notice.at) < STALE)
    .map(({ notice, to }) => ({ notice, to: to.filter((id) => receivers.includes(id)) }))
    .filter(({ to }) => to.length > 0);
}
