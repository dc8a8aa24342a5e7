import { stepNumbers, waiting } from '../../apply/turns.ts';
import { type Change, type Plan, phases } from '../../core/change.ts';
import type { Attribution } from '../../core/record/change-log.ts';
import { MOST_OF_A_COMMENT, planMarker } from '../../core/record/plan-comment.ts';
import { isBad, isSafe, type Rehearsal } from '../rehearsal/rehearsal.ts';
import { formatRehearsal } from '../rehearsal/rehearsal-text.ts';
import { bytesOf, fitting, type Item, item, renderSection, type Section } from '../screen/fenced-section.ts';
import { gapLines, outsideWords } from '../screen/outside-words.ts';
import { paragraph } from '../screen/screen.ts';
import { kindName, stepName } from '../screen/step-name.ts';
import { fieldLines, namesById, phaseTitles, refusedChanges, signs, unknownLines } from './change-lines.ts';
import { momentTexts, pathPrefix } from './doors-text.ts';
import { type HostStory, hostsThatWait } from './host-stories.ts';
import { summaryLine } from './plan-text.ts';
import { watchedTitle, watchedWords } from './watched-text.ts';

export interface PlanMarkdownOptions {
  /** The doors that change over the plan. */
  readonly doors: readonly HostStory[];
  /** Removes secrets from a text. */
  readonly redact: (text: string) => string;
  /** Without the steps. */
  readonly quiet: boolean;
  readonly rehearsal?: Rehearsal;
  /** The changes that were made outside gates. */
  readonly attribution?: Attribution | undefined;
}

/** Less than a forge accepts, since the text may grow when it is redacted again before it is sent. */
const MOST_BYTES = MOST_OF_A_COMMENT - 4_096;

/** Bytes reserved for the line that says what was cut. */
const CUT_LINE = 512;

/** The most characters of a line, and of a line that can be read without scrolling. */
const LONGEST_LINE = 400;
const WIDTH = 100;

/** The most characters of a text that is broken into lines. */
const LONGEST_TEXT = 2_000;

/**
 * The plan as a comment under a pull request: the summary, the decisions for a person, the states of each host, and the
 * steps in a folded section. It fits the smallest limit of the forges, and says what was cut.
 */
export function formatPlanMarkdown(plan: Plan, options: PlanMarkdownOptions): string {
  const head = [
    planMarker(plan.owner),
    `### Plan of gates for \`${plan.owner}\``,
    '',
    `**${summaryLine(plan)}**`,
  ].join('\n');
  const sections = sectionsOf(plan, options).filter(({ items }) => items.length > 0);
  let room = MOST_BYTES - bytesOf(head) - CUT_LINE;
  const parts: string[] = [];
  const cut: string[] = [];
  for (const [index, section] of sections.entries()) {
    // Each section but the last gets half of the rest: a thousand warnings must not hide the changes of doors.
    const share = index === sections.length - 1 ? room : Math.floor(room / 2);
    const shown = fitting(section, share);
    if (shown < section.items.length)
      cut.push(`${section.items.length - shown} of ${section.items.length} ${section.noun}`);
    const part = renderSection(section, shown);
    room -= bytesOf(part) + 2;
    parts.push(part);
  }
  const cutLine =
    cut.length === 0
      ? []
      : [`**Cut to fit a comment**: ${cut.join(', ')} are not shown. \`gates plan\` shows all of it.`];
  return `${[head, ...cutLine, ...parts].join('\n\n')}\n`;
}

function sectionsOf(plan: Plan, options: PlanMarkdownOptions): readonly Section[] {
  const { doors, redact, quiet, rehearsal, attribution } = options;
  const line = (text: string) => clipped(oneLine(redact(text)), LONGEST_LINE);
  const text = (indent: string, words: string) =>
    paragraph(clipped(oneLine(redact(words)), LONGEST_TEXT), WIDTH, indent);
  const steps = quiet ? [] : stepItems(plan, attribution, line, text);
  return [
    {
      title: 'Refused: a person has to decide',
      language: 'diff',
      items: refusedItems(plan, attribution, line, text),
      noun: 'refused',
    },
    {
      title: 'Not read: everything that depends on it waits',
      language: 'text',
      items: unknownLines(plan).map((words) => item(() => text('  ', words))),
      noun: 'not read',
    },
    {
      title: watchedTitle,
      language: 'text',
      items: (plan.watched ?? []).map((each) =>
        item(() =>
          watchedWords(each, namesById(plan)).flatMap(({ indent, text: words }) => text(indent, words)),
        ),
      ),
      noun: 'watched hosts',
    },
    {
      title: 'Warnings',
      language: 'text',
      items: plan.warnings.map((warning) => item(() => text('  ', warning))),
      noun: 'warnings',
    },
    {
      title: 'Who changed it',
      language: 'text',
      items: outsideItems(plan, attribution, text),
      noun: 'changes outside gates',
    },
    ...(rehearsal === undefined ? [] : [rehearsalSection(rehearsal, text)]),
    {
      title: 'Doors: who gets in now, and after each step that changes this',
      language: 'text',
      items: doorItems(plan, doors, text),
      noun: 'doors',
    },
    {
      title: `Steps, in the order in which they are done (${steps.length})`,
      language: 'diff',
      items: steps,
      noun: 'steps',
      folded: true,
    },
  ];
}

type ToLine = (text: string) => string;
type ToLines = (indent: string, text: string) => readonly string[];

/** Each host, with the states of its doors, one on each line. */
function doorItems(plan: Plan, stories: readonly HostStory[], text: ToLines): readonly Item[] {
  const waits = hostsThatWait(plan);
  return stories.map(({ host, doors }) =>
    item(() => [
      ...text('  ', host),
      ...doors.flatMap((door) => {
        const place = pathPrefix(door);
        const states = momentTexts(door);
        return [
          ...(place === '' ? [] : text('    ', place.trimEnd())),
          ...door.moments.flatMap(({ step }, index) =>
            text(step === 0 ? '      now      ' : `      step ${`${step}`.padEnd(3)} `, states[index] ?? ''),
          ),
        ];
      }),
      ...(waits.has(host) ? ['      then waits for what is refused'] : []),
    ]),
  );
}

/** Adjacent changes that are refused for one reason share its lines, at the first of them: the others may be cut. */
function refusedItems(
  plan: Plan,
  attribution: Attribution | undefined,
  line: ToLine,
  text: ToLines,
): readonly Item[] {
  return refusedChanges(plan).map((change, index, all) => {
    const isRepeated = change.reason === undefined || change.reason === all[index - 1]?.reason;
    const outside = outsideWords(change, attribution);
    return item(() => [
      line(`${signs.refuse} ${nameOf(change)}`),
      ...(outside === undefined ? [] : text('    ', outside)),
      ...(isRepeated ? [] : text('    ', `because ${change.reason}`)),
    ]);
  });
}

/** Each object that others changed, and the logs that could not be read. */
function outsideItems(plan: Plan, attribution: Attribution | undefined, text: ToLines): readonly Item[] {
  const wordsByChange = new Map(
    plan.changes.flatMap((change) => {
      const words = outsideWords(change, attribution);
      return words === undefined ? [] : [[nameOf(change), words] as const];
    }),
  );
  const lines = [...[...wordsByChange].map(([name, words]) => `${name}: ${words}`), ...gapLines(attribution)];
  return lines.map((words) => item(() => text('  ', words)));
}

function verdictOf(rehearsal: Rehearsal): string {
  if (isSafe(rehearsal)) return 'nobody is exposed';
  return isBad(rehearsal) ? 'do not apply this plan' : 'not known who gets through';
}

function rehearsalSection(rehearsal: Rehearsal, text: ToLines): Section {
  const [, ...lines] = formatRehearsal(rehearsal, { color: false, width: WIDTH }).trimEnd().split('\n');
  return {
    title: `Rehearsed on a copy of what is there now: ${verdictOf(rehearsal)}`,
    language: 'text',
    items: lines.map((words) => item(() => text('  ', words))),
    noun: 'lines of the rehearsal',
  };
}

/** Each step with its fields; the first of a phase begins with the purpose of the phase. Waiting steps come last. */
function stepItems(
  plan: Plan,
  attribution: Attribution | undefined,
  line: ToLine,
  text: ToLines,
): readonly Item[] {
  const numbers = stepNumbers(plan);
  const waits = waiting(plan);
  const names = namesById(plan);
  const numberOf = ({ id }: Change) => numbers.get(id) ?? numbers.size + 1;
  return phases.flatMap((phase) =>
    plan.changes
      .filter(({ verb, phase: its }) => its === phase && verb !== 'keep' && verb !== 'refuse')
      .sort((one, other) => numberOf(one) - numberOf(other))
      .map((change, index) => {
        const wait = waits.get(change.id);
        const outside = outsideWords(change, attribution);
        const place = numbers.has(change.id) ? `${numberOf(change)} ` : '';
        return item(() => [
          ...(index === 0 ? [`# ${phaseTitles[phase]}`] : []),
          line(`${signs[change.verb]} ${place}${change.verb} ${nameOf(change)}`),
          ...fieldLines(change, names).map(({ sign, text: field }) => line(`${sign}     ${field}`)),
          ...(change.reason === undefined ? [] : text('      ', `because ${change.reason}`)),
          ...(outside === undefined ? [] : text('      ', outside)),
          ...(wait === undefined ? [] : [line(`      waits for: ${stepName(plan, wait)}`)]),
        ]);
      }),
  );
}

function nameOf({ address, because }: Change): string {
  return `${kindName(address.kind)} ${address.key}${because === undefined ? '' : `  (${because})`}`;
}

/** The text on one line, without invisible characters, so that it cannot look like another text. */
function oneLine(text: string): string {
  return text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/gu, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\uFFFD');
}

function clipped(text: string, most: number): string {
  const letters = [...text];
  if (letters.length <= most) return text;
  return `${letters.slice(0, most).join('')}… (${letters.length - most} more characters)`;
}
