/** A part of a comment. Foreign text occurs only in its items, which are always in a fenced block. */
export interface Section {
  /** Only words of gates. */
  readonly title: string;
  /** The coloring of the block. */
  readonly language: 'diff' | 'text';
  /** Each is shown or cut as one. */
  readonly items: readonly Item[];
  /** The noun for an item, for the line that reports how many were cut. */
  readonly noun: string;
  /** Folded until a reader opens it. */
  readonly folded?: boolean;
}

/**
 * The lines of an item, laid out when they are first needed. Measuring a line of emoji takes a thousand times as long
 * as copying it, so of hundreds of long texts, only those that may fit are laid out.
 */
export type Item = () => readonly string[];

export function item(layOut: Item): Item {
  let lines: readonly string[] | undefined;
  return () => {
    lines ??= layOut();
    return lines;
  };
}

/** UTF-8 bytes, which are at least the characters that a forge counts. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * The section with its first so many items. In a fenced block no forge reads markup, HTML, links, mentions,
 * references or commands; the fence is longer than any run of backticks within it, so that none of them ends it.
 */
export function renderSection({ title, language, items, folded }: Section, count: number): string {
  const lines = items.slice(0, count).flatMap((lay) => lay());
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length);
  const fence = '`'.repeat(runs.reduce((most, run) => Math.max(most, run + 1), 3));
  const block = lines.length === 0 ? [] : ['', `${fence}${language}`, ...lines, fence];
  return folded === true
    ? ['<details>', `<summary>${title}</summary>`, ...block, '', '</details>'].join('\n')
    : [`**${title}**`, ...block].join('\n');
}

/** The number of items of the section that fit into so many bytes. */
export function fitting(section: Section, bytes: number): number {
  const fits = (count: number) => bytesOf(renderSection(section, count)) <= bytes;
  const all = section.items.length;
  // The number doubles each time, so that at most twice the fitting items are laid out.
  let [least, most] = [0, Math.min(1, all)];
  while (least < most && fits(most)) [least, most] = [most, Math.min(2 * most, all)];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(middle)) least = middle;
    else most = middle - 1;
  }
  return least;
}
