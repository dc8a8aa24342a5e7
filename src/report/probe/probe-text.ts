import { makePaint, type Paint } from '../screen/paint.ts';
import { laidOut, paragraph } from '../screen/screen.ts';
import { isRightVerdict, type ProbeDocument, type ProbedService, type ProbeVerdict } from './probe.ts';

const words: Readonly<Record<ProbeVerdict, string>> = {
  guarded: 'guarded',
  public: 'public',
  login: 'login page',
  answers: 'answers',
  open: 'open!',
  closed: 'closed',
  covered: "hidden: so far, only gates' own probe can reach it",
  unproved: 'not confirmed',
  absent: 'not there yet',
  asks: 'asks for a login',
  silent: 'does not ask',
};

export interface ProbeTextOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** Only the hosts that are not as the file says. */
  readonly quiet: boolean;
}

/** One row for each host, with the faults and the actions to take below it. */
export function formatProbe(document: ProbeDocument, { color, width, quiet }: ProbeTextOptions): string {
  const paint = makePaint(color);
  const { asked, unknown } = document;
  const services = document.services.filter(({ verdict }) => !quiet || !isRightVerdict(verdict));
  const rows = laidOut(
    services.map((service) => cells(service, paint)),
    width,
    0,
  );
  const lines = services.flatMap((service, index) => [
    ...(rows[index] ?? []),
    ...(isRightVerdict(service.verdict) ? [] : below(service, width)),
  ]);
  const notes = [
    ...unknown.map((what) => paint.bad(`unknown: ${what}`)),
    ...(services.some(({ verdict }) => verdict === 'absent') ? [absentNote] : []),
    ...(asked === 'inside' ? [paint.quiet(insideNote)] : []),
  ];
  const end = [...notes, summary(document, paint)].flatMap((note) => paragraph(note, width));
  return `${[...lines, ...(lines.length === 0 ? [] : ['']), ...end].join('\n')}\n`;
}

const absentNote = '`gates plan` shows what is missing, and `gates apply` creates it.';
const insideNote =
  'Checked from inside, without Cloudflare: this says nothing about what the internet reaches.';

function cells(service: ProbedService, paint: Paint): readonly string[] {
  const { host, gate } = service;
  return [`${signOf(service, paint)} ${paint.strong(host)}`, paint.quiet(gate), verdictOf(service, paint)];
}

/** `public: answers 200`; faults have lines of their own. */
function verdictOf({ verdict, seen }: ProbedService, paint: Paint): string {
  const word = tintOf(verdict, paint)(words[verdict]);
  if (seen === undefined || !isRightVerdict(verdict)) return word;
  return verdict === 'answers' ? tintOf(verdict, paint)(seen) : `${word}: ${seen}`;
}

function signOf({ verdict }: ProbedService, paint: Paint): string {
  if (isRightVerdict(verdict)) return paint.good('✓');
  return tintOf(verdict, paint)(verdict === 'open' ? '✗' : '!');
}

function tintOf(verdict: ProbeVerdict, paint: Paint): (text: string) => string {
  if (isRightVerdict(verdict)) return paint.good;
  return verdict === 'open' || verdict === 'silent' ? paint.bad : paint.warn;
}

/** The event, and below it the action to take. */
function below({ seen, advice }: ProbedService, width: number): readonly string[] {
  return [
    ...(seen === undefined ? [] : paragraph(seen, width, '    ')),
    ...(advice === undefined ? [] : paragraph(advice, width, '    → ')),
  ];
}

/** `3 of 4 hosts are as the file says.` */
function summary({ services, asked }: ProbeDocument, paint: Paint): string {
  const good = services.filter(({ verdict }) => isRightVerdict(verdict)).length;
  const of = `${good} of ${services.length} ${services.length === 1 ? 'host' : 'hosts'}`;
  const are = asked === 'inside' ? 'answered from inside as they should' : 'answered as the file says';
  return (good === services.length ? paint.good : paint.warn)(`${of} ${are}.`);
}
