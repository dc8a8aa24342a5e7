/** A titled part of a status: what is wrong or needs attention, and the action to take. */
export interface StatusSection {
  readonly about: SectionTopic;
  readonly title: string;
  readonly items: readonly SectionItem[];
  /** The action to take, or what gates does meanwhile. */
  readonly next?: string;
}

export type SectionTopic =
  | 'pause'
  | 'repository'
  | 'mistakes'
  | 'problems'
  | 'drift'
  | 'expiring'
  | 'rotations'
  | 'commits'
  | 'actions'
  | 'gates'
  | 'warnings';

/** One finding of a section. */
export interface SectionItem {
  /** The subject: one object, or every object that shares the details. */
  readonly lines: readonly string[];
  /** The reason, and the action to take. */
  readonly details?: readonly string[];
}

/** A section for a terminal, indented and not wrapped yet. */
export function sectionLines({ title, items, next }: StatusSection): readonly string[] {
  return [
    '',
    title,
    ...items.flatMap(({ lines, details = [] }) => [
      ...lines.map((line) => `  ${line}`),
      ...details.map((detail) => `    ${detail}`),
    ]),
    ...(next === undefined ? [] : [`  ${next}`]),
  ];
}
