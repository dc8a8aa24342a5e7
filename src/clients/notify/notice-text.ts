import type { Notice } from '../../core/record/notice.ts';

/**
 * A notice as a chat shows it: the title with a sign that people recognize at a glance, then a line for everything
 * else.
 */
export interface TextForm {
  /** Takes away the meaning that the receiver gives to characters. */
  readonly literal: (text: string) => string;
  /** How the receiver counts what it takes. */
  readonly size: (text: string) => number;
  readonly most: number;
  /** Without it the title is its own line, as plain as the rest. */
  readonly title?: (text: string) => string;
  /** False: the receiver shows the title elsewhere. */
  readonly withTitle: boolean;
}

const signs: Readonly<Record<Notice['tone'], string>> = { alarm: '🚨', trouble: '⚠️', good: '✅' };

/** Characters of a detail, and details, in the longest form that is tried first; the last one fits anywhere. */
const forms = [
  { length: 1_000, count: 20 },
  { length: 400, count: 10 },
  { length: 160, count: 5 },
  { length: 80, count: 2 },
] as const;

/** The longest text that the receiver takes: details give way, what to do stays. */
export function noticeText(notice: Notice, form: TextForm): string {
  for (const { length, count } of forms) {
    const details = notice.details.slice(0, count).map((detail) => cut(oneLine(detail), length));
    const left = notice.details.length - details.length;
    const text = written({ ...notice, details: left > 0 ? [...details, `and ${left} more`] : details }, form);
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

/** Foreign text in one line, with nothing in it that acts on a screen. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\s]+/gu, ' ').trim();
}

/** At most so many UTF-16 units, none of them half a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function cutTo(text: string, { size, most }: TextForm): string {
  let kept = text;
  while (size(kept) > most) kept = cut(kept, Math.floor(kept.length * 0.9));
  return kept;
}

/** UTF-16 units: the strictest way in which anybody counts characters. */
export const units = (text: string): number => text.length;

export const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');
