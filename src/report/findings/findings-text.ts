import { makePaint, type Paint } from '../screen/paint.ts';
import { paragraph } from '../screen/screen.ts';
import { type FindingHarm, findingHarms } from './finding-rules.ts';
import type { FindingsDocument, LiveFinding } from './findings.ts';
import { countsOf, groundOf, harmTitles, unansweredLine } from './harm-words.ts';

interface FindingsTextOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** Only what exposes or breaks something. */
  readonly quiet: boolean;
}

const signs: Readonly<Record<FindingHarm, string>> = { exposed: '✗', weak: '!', broken: '✗', unused: '·' };

/** The findings by harm, each with the action to take, and what the reading could not answer. */
export function formatFindings(
  document: FindingsDocument,
  { color, width, quiet }: FindingsTextOptions,
): string {
  const paint = makePaint(color);
  const shown = quiet ? (['exposed', 'broken'] as const) : findingHarms;
  const sections = shown.flatMap((harm) => {
    const found = document.findings.filter((finding) => finding.harm === harm);
    if (found.length === 0) return [];
    return [
      paint.strong(harmTitles[harm]),
      ...found.flatMap((finding) => findingLines(finding, width, paint)),
      '',
    ];
  });
  const open = document.unanswered.map((each) => unansweredLine(each));
  const unanswered =
    open.length === 0
      ? []
      : [
          paint.strong('Not answered'),
          ...open.flatMap((line) => paragraph(line, width, `  ${paint.quiet('?')} `)),
          '',
        ];
  const ground = quiet ? [] : groundOf(document).flatMap((line) => paragraph(line, width));
  const end = paragraph(`${countsOf(document)}.`, width);
  return `${[...sections, ...unanswered, ...ground, ...end].join('\n')}\n`;
}

function findingLines(
  { harm, rule, says, todo }: LiveFinding,
  width: number,
  paint: Paint,
): readonly string[] {
  const tint = harm === 'weak' ? paint.warn : harm === 'unused' ? paint.quiet : paint.bad;
  return [
    ...paragraph(`${says} (${rule})`, width, `  ${tint(signs[harm])} `),
    ...paragraph(todo, width, '    → '),
  ];
}

/** The number of findings that an import prints. */
const first = 3;

/** The count of findings and the worst of them, for the end of an import. Nothing if there are none. */
export function findingsInShort(document: FindingsDocument, width: number): readonly string[] {
  const { findings, unanswered } = document;
  if (findings.length + unanswered.length === 0) return [];
  const counts = `Findings: ${countsOf(document)}. \`gates doctor --live\` shows all, with what to do`;
  return [
    ...paragraph(counts, width),
    ...findings.slice(0, first).flatMap(({ harm, says, rule }) => {
      return paragraph(`${says} (${rule})`, width, `  ${signs[harm]} `);
    }),
  ];
}
