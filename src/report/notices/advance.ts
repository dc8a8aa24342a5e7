import { createHash } from 'node:crypto';
import type { Notice } from '../../core/record/notice.ts';
import { type Held, heldNotice, hold, rank } from './held.ts';
import { listed, type Trouble } from './trouble.ts';
import type { RunJudgment } from './troubles.ts';
import { formatTime } from './when.ts';

/** The notices that people got, kept over a restart so that nothing is reported twice. */
export interface Reported {
  readonly topics: Readonly<Record<string, Topic>>;
  /** The times of the notices in the last hour; RFC 3339. */
  readonly sent: readonly string[];
  /** Notices beyond the limit of their hour. */
  readonly held?: Held;
}

interface Topic {
  /** The state that the last run found, and since when. */
  readonly state: string;
  readonly since: string;
  /** The state that was reported, if any. */
  readonly told?: string;
  /** The time since which the reported state holds. */
  readonly toldSince?: string;
  /** The text for when it is over. */
  readonly good?: string;
}

export const nothingReported: Reported = { topics: {}, sent: [] };

/** The most notices in an hour. */
export const MOST_AN_HOUR = 12;
/** The last notices of an hour, which are reserved for alarms. */
export const FOR_ALARMS = 4;
/** The time, in milliseconds, for which a passing trouble must last before it is reported. */
export const PATIENCE = 5 * 60_000;
const HOUR = 3_600_000;

/** News about some topics, reported in one notice. */
interface News {
  readonly tone: Notice['tone'];
  readonly subjects: readonly string[];
  /** The topics after the report; undefined: over. */
  readonly after: readonly (readonly [string, Topic | undefined])[];
  readonly write: () => Omit<Notice, 'id' | 'at' | 'more'>;
}

/**
 * Compares what people know with what is wrong now: returns the notices to send, and what people know then. Notices
 * beyond the limit of their hour are held, with all later ones, and sent as one notice once there is room. Nothing is
 * omitted, even if it is over by then.
 */
export function advance(
  before: Reported,
  { troubles, absence }: RunJudgment,
  { now, timezone }: { readonly now: Date; readonly timezone: string },
): { readonly told: Reported; readonly notices: readonly Notice[] } {
  const present = new Map(troubles.map((trouble) => [trouble.topic, trouble]));
  const topics = new Map<string, Topic>();
  for (const [name, topic] of Object.entries(before.topics)) {
    const end = present.has(name) ? 'unknown' : absence(name);
    const isTold = topic.told !== undefined && topic.good !== undefined;
    if (end === 'unknown' || (end === 'good' && isTold)) topics.set(name, topic);
  }
  for (const trouble of present.values())
    topics.set(trouble.topic, seen(trouble, topics.get(trouble.topic), now));

  const write = { now, timezone };
  const news = [
    ...worse(troubles, topics, write),
    ...better(topics, (name) => !present.has(name) && absence(name) === 'good', write),
  ].sort((left, right) => rank[left.tone] - rank[right.tone]);
  for (const [name, topic] of news.flatMap(({ after }) => after)) {
    if (topic === undefined) topics.delete(name);
    else topics.set(name, topic);
  }
  const sent = before.sent.filter((at) => now.getTime() - Date.parse(at) < HOUR);
  const { notices, held } = place(news, before.held, sent, write);
  return {
    told: { topics: Object.fromEntries(topics), sent, ...(held !== undefined && { held }) },
    notices,
  };
}

/** Divides notices into those to send now and those that wait; `sent` grows by the former. */
function place(
  news: readonly News[],
  before: Held | undefined,
  sent: string[],
  { now, timezone }: Writing,
): { readonly notices: readonly Notice[]; readonly held: Held | undefined } {
  const hasRoom = (tone: Notice['tone']) => sent.length < mostOf(tone);
  const notices: Notice[] = [];
  const waiting: News[] = [];
  let held = before;
  function tell(notice: Notice): void {
    sent.push(now.toISOString());
    notices.push(notice);
  }
  if (held !== undefined && hasRoom(held.tone)) {
    tell(heldNotice(held, now, timezone));
    held = undefined;
  }
  for (const item of news) {
    const notice = { id: idOf(item, now), at: now.toISOString(), ...item.write() };
    // A notice that is no alarm queues behind those that already wait.
    if (hasRoom(item.tone) && (held === undefined || item.tone === 'alarm')) tell(notice);
    else {
      held = hold(held, notice);
      waiting.push(item);
    }
  }
  const last = notices.at(-1);
  const tone = held?.tone ?? last?.tone ?? 'good';
  const isLast = waiting.length > 0 || !hasRoom(tone);
  if (last === undefined || last.more !== undefined || !isLast) return { notices, held };
  const frees = Date.parse(sent[sent.length - mostOf(tone)] ?? last.at) + HOUR;
  const more = moreText(waiting, formatTime(new Date(frees), timezone));
  return { notices: [...notices.slice(0, -1), { ...last, more }], held };
}

function mostOf(tone: Notice['tone']): number {
  return tone === 'alarm' ? MOST_AN_HOUR : MOST_AN_HOUR - FOR_ALARMS;
}

/** The topic as it is now, with what was reported before. */
function seen({ state, since, good }: Trouble, before: Topic | undefined, now: Date): Topic {
  const { told, toldSince } = before ?? {};
  return {
    state,
    since: since ?? (before?.state === state ? before.since : now.toISOString()),
    ...(told !== undefined && { told }),
    ...(toldSince !== undefined && { toldSince }),
    ...(good !== undefined && { good }),
  };
}

interface Writing {
  readonly now: Date;
  readonly timezone: string;
}

function worse(
  troubles: readonly Trouble[],
  topics: ReadonlyMap<string, Topic>,
  { now, timezone }: Writing,
): readonly News[] {
  const groups = new Map<string, { readonly trouble: Trouble; readonly topic: Topic }[]>();
  for (const trouble of troubles) {
    const topic = topics.get(trouble.topic);
    if (topic === undefined || topic.told === topic.state) continue;
    if (trouble.passing && now.getTime() - Date.parse(topic.since) < PATIENCE) continue;
    groups.set(trouble.group, [...(groups.get(trouble.group) ?? []), { trouble, topic }]);
  }
  return [...groups.values()].flatMap((group): readonly News[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { tone, title, details, advice } = first.trouble;
    const subjects = group.map(({ trouble }) => trouble.subject);
    const oldest = group.map(({ topic }) => topic.since).sort()[0] ?? now.toISOString();
    return [
      {
        tone,
        subjects,
        after: group.map(({ trouble, topic }) => [
          trouble.topic,
          { ...topic, told: topic.state, toldSince: topic.since },
        ]),
        write: () => ({
          tone,
          title: title(subjects),
          details: subjects.length > 3 ? [...details, `All of them: ${subjects.join(', ')}`] : details,
          since: `Since ${formatTime(new Date(oldest), timezone)}`,
          advice,
        }),
      },
    ];
  });
}

function better(
  topics: ReadonlyMap<string, Topic>,
  isGood: (name: string) => boolean,
  { now }: Writing,
): readonly News[] {
  const over = [...topics].flatMap(([name, { good, toldSince, since }]) =>
    good === undefined || !isGood(name) ? [] : [{ name, good, since: toldSince ?? since }],
  );
  if (over.length === 0) return [];
  const titles = over.map(({ good }) => good);
  const oldest = over.map(({ since }) => since).sort()[0] ?? now.toISOString();
  const [only] = titles;
  return [
    {
      tone: 'good',
      subjects: titles,
      after: over.map(({ name }) => [name, undefined]),
      write: () => ({
        tone: 'good',
        title: titles.length === 1 && only !== undefined ? only : `Good again: ${titles.length} things`,
        details: titles.length === 1 ? [] : titles.map((title) => title.replace(/^Good again: /, '')),
        since: `It was wrong for ${formatSpan(now.getTime() - Date.parse(oldest))}`,
      }),
    },
  ];
}

function moreText(waiting: readonly News[], until: string): string {
  const rest = `gates sends further news in one notice after ${until}. \`gates status\` has it now.`;
  if (waiting.length === 0) return `Hourly limit reached: ${rest}`;
  const subjects = waiting.flatMap((news) => news.subjects);
  return `And ${subjects.length} more (${listed(subjects)}): ${rest}`;
}

function idOf({ after }: News, now: Date): string {
  const what = after.map(([name, topic]) => `${name} ${topic?.state ?? 'over'}`).join('\n');
  return createHash('sha256').update(`${now.toISOString()}\n${what}`).digest('hex').slice(0, 16);
}

/** The one or two largest units: `2 h 5 min`. */
function formatSpan(milliseconds: number): string {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60) % 24;
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes % 60 > 0 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${minutes} min`;
}
