import { makePaint, type Paint } from './paint.ts';
import { isRightVerdict, type ProbeDocument, type ProbedService, type ProbeVerdict } from './probe.ts';
import { wrapped } from './wrapped-text.ts';

const words: Readonly<Record<ProbeVerdict, string>> = {
  guarded: 'guarded',
  public: 'public',
  login: 'login page',
  answers: 'answers',
  open: 'open!',
  closed: 'closed',
  covered: 'waits under cover',
  unproved: 'unproved',
  absent: 'not there yet',
  asks: 'asks for a login',
  silent: 'does not ask',
};

export interface ProbeTextOptions {
  readonly color: boolean;
  /** Characters of a line of the terminal; undefined: lines are as long as they are, for other programs. */
  readonly width: number | undefined;
  /** Only the hosts that are not as the file says. */
  readonly quiet: boolean;
}

/** One line a host, and below it what is wrong and what to do. */
export function formatProbe(document: ProbeDocument, { color, width, quiet }: ProbeTextOptions): string {
  const paint = makePaint(color);
  const { asked, unknown } = document;
  const services = document.services.filter(({ verdict }) => !quiet || !isRightVerdict(verdict));
  const wide = (part: (service: ProbedService) => string) =>
    Math.max(0, ...services.map((one) => part(one).length));
  const columns = { host: wide(({ host }) => host), gate: wide(({ gate }) => gate) };
  const lines = services.flatMap((service) => [
    row(service, columns, paint),
    ...(isRightVerdict(service.verdict) ? [] : below(service, width)),
  ]);
  const notes = [
    ...unknown.map((what) => paint.bad(`unknown: ${what}`)),
    ...(services.some(({ verdict }) => verdict === 'absent') ? [absentNote] : []),
    ...(asked === 'inside' ? [paint.quiet(insideNote)] : []),
  ];
  return `${[...lines, ...(lines.length === 0 ? [] : ['']), ...notes, summary(document, paint)].join('\n')}\n`;
}

const absentNote = '`gates plan` shows what is not there yet, and `gates apply` makes it.';
const insideNote = 'Asked from inside, without Cloudflare: this proves nothing of what the internet gets.';

function row(
  service: ProbedService,
  columns: { readonly host: number; readonly gate: number },
  paint: Paint,
): string {
  const { host, gate, verdict } = service;
  const name = paint.strong(host.padEnd(columns.host));
  return `${signOf(verdict, paint)} ${name}  ${paint.quiet(gate.padEnd(columns.gate))}  ${verdictOf(service, paint)}`;
}

/** `public: answers 200`; what is wrong has lines of its own. */
function verdictOf({ verdict, seen }: ProbedService, paint: Paint): string {
  const word = tintOf(verdict, paint)(words[verdict]);
  if (seen === undefined || !isRightVerdict(verdict)) return word;
  return verdict === 'answers' ? tintOf(verdict, paint)(seen) : `${word}: ${seen}`;
}

function signOf(verdict: ProbeVerdict, paint: Paint): string {
  if (isRightVerdict(verdict)) return paint.good('✓');
  return tintOf(verdict, paint)(verdict === 'open' ? '✗' : '!');
}

function tintOf(verdict: ProbeVerdict, paint: Paint): (text: string) => string {
  if (isRightVerdict(verdict)) return paint.good;
  return verdict === 'open' || verdict === 'silent' ? paint.bad : paint.warn;
}

/** What happened on one line, what to do on the next; each in as many as the terminal needs. */
function below({ seen, advice }: ProbedService, width: number | undefined): readonly string[] {
  return [
    ...(seen === undefined ? [] : wrapped(seen, '    ', width)),
    ...(advice === undefined ? [] : wrapped(advice, '    → ', width)),
  ];
}

/** `3 of 4 hosts are as the file says.` */
function summary({ services, asked }: ProbeDocument, paint: Paint): string {
  const good = services.filter(({ verdict }) => isRightVerdict(verdict)).length;
  const of = `${good} of ${services.length} ${services.length === 1 ? 'host' : 'hosts'}`;
  const are = asked === 'inside' ? 'answered from inside as they should' : 'answered as the file says';
  return (good === services.length ? paint.good : paint.warn)(`${of} ${are}.`);
}
