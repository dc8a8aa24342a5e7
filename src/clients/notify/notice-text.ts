import type { Notice } from '../../core/record/notice.ts';

/**
 * A notice as a chat shows it: the title with a sign that people recognize at a glance, then a line for everything
 * else.
 */
export interface TextForm {
  /** Escapes characters to which the receiver gives a meaning. */
  readonly literal: (text: string) => string;
  /** The size of a text as the receiver counts it. */
  readonly size: (text: string) => number;
  readonly most: number;
  /** Absent: the title is a line of its own, as plain as the rest. */
  readonly title?: (text: string) => string;
  /** False: the receiver shows the title elsewhere. */
  readonly withTitle: boolean;
}

const signs: Readonly<Record<Notice['tone'], string>> = { alarm: '🚨', trouble: '⚠️', good: '✅' };

/** The most characters of a detail, and the most details: the longest form comes first, and the last fits anywhere. */
const forms = [
  { length: 1_000, count: 20 },
  { length: 400, count: 10 },
  { length: 160, count: 5 },
  { length: 80, count: 2 },
] as const;

/** The longest text that the receiver accepts: details are shortened, advice stays. */
export function noticeText(notice: Notice, form: TextForm): string {
  for (const { length, count } of forms) {
    const details = notice.details.slice(0, count).map((detail) => cut(oneLine(detail), length));
    const rest = notice.details.length - details.length;
    const text = written({ ...notice, details: rest > 0 ? [...details, `and ${rest} more`] : details }, form);
    if (form.size(text) <= form.most) return text;
  }
  return cutTo(written({ ...notice, details: [] }, form), form);
}

function written({ tone, title, details, since, advice, more }: Notice, form: TextForm): string {
  const { literal, title: titled = (text) => text, withTitle } = form;
  const body = [...details, `${since}.`, advice, more].flatMap((line) =>
    line === undefined || line === '' ? [] : [literal(oneLine(line))],
  );
  return [...(withTitle ? [`${signs[tone]} ${titled(literal(oneLine(title)))}`] : []), ...body].join('\n');
}

/** Foreign text in one line, without anything that acts on a screen. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\s]+/gu, ' ').trim();
}

/** At most so many UTF-16 units, without half a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function cutTo(text: string, { size, most }: TextForm): string {
  let shortened = text;
  while (size(shortened) > most) shortened = cut(shortened, Math.floor(shortened.length * 0.9));
  return shortened;
}

/** UTF-16 units: the strictest way to count characters. */
export const units = (text: string): number => text.length;

export const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');
