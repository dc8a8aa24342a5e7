import { renderSection } from '../screen/fenced-section.ts';
import { harmlessLine } from '../screen/harmless.ts';
import { paragraph } from '../screen/screen.ts';
import { findingHarms } from './finding-rules.ts';
import type { FindingsDocument, LiveFinding } from './findings.ts';
import { countsOf, groundOf, harmTitles, unansweredLine } from './harm-words.ts';

/** Columns that a reader sees without scrolling. */
const width = 100;

/** The findings for an issue or a page. The names of live objects are always in a fenced block. */
export function formatFindingsMarkdown(document: FindingsDocument): string {
  const sections = findingHarms.map((harm) => ({
    title: harmTitles[harm],
    lines: document.findings.filter((each) => each.harm === harm).map(itemOf),
  }));
  const open = document.unanswered.map((each) => paragraph(harmlessLine(unansweredLine(each)), width, '? '));
  const parts = [...sections, { title: 'Not answered', lines: open }].flatMap(({ title, lines }) => {
    if (lines.length === 0) return [];
    const items = lines.map((each) => () => each);
    return [renderSection({ title, language: 'text', items, noun: 'findings' }, items.length)];
  });
  return `${['### Findings of gates', `**${countsOf(document)}**`, ...groundOf(document), ...parts].join('\n\n')}\n`;
}

function itemOf({ rule, says, todo }: LiveFinding): readonly string[] {
  return [
    ...paragraph(harmlessLine(`${says} (${rule})`), width, '- '),
    ...paragraph(harmlessLine(todo), width, '  → '),
  ];
}
