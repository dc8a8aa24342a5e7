import { harmless } from './harmless.ts';
import { hanging, laidOut } from './screen.ts';
import type {
  GateSeen,
  LastRun,
  RevisionInForce,
  RunInProgress,
  Status,
  StatusProblem,
  Upcoming,
} from './status.ts';
import { besideSections, driftSection, pausedSection, soonest } from './status-attention.ts';
import { formatAge, formatAhead, formatLocal, formatSpan } from './time-words.ts';

/** What the reader of a status knows beside it. */
export interface StatusReader {
  readonly now: Date;
  /** Whether the process that wrote it still lives; undefined where that cannot be told. */
  readonly alive?: boolean;
  /** Columns of a line. */
  readonly width: number;
}

/** For people: what is in force, what is wrong and what to do about it, in that order; no colour needed. */
export function formatStatus(status: Status, reader: StatusReader): string {
  const ago = (time: string) => formatAge(reader.now.getTime() - Date.parse(time));
  const { width } = reader;
  const facts = [
    ['Daemon', daemonText(status, reader, ago)],
    ['Repository', `${status.repository.url}, branch ${status.repository.branch}, ${status.repository.file}`],
    ['Applied', inForceText(status.inForce, ago)],
    ['Held', heldText(status, ago)],
    ['Newest', upcomingText(status, reader, ago)],
    ['Running', status.running && runningText(status.running, ago)],
    ['Pending', pendingText(status)],
    ['Waits for', status.waitingFor],
    ['Last run', status.lastRun && lastRunText(status.lastRun, ago)],
    ['Next run', nextText(status, reader)],
  ] as const;
  const rows = facts.flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact]]));
  const sections = [
    ...pausedSection(status, ago),
    ...repositorySection(status, ago),
    ...rejectedSection(status, ago),
    ...problemSection(status),
    ...driftSection(status),
    ...besideSections(status, reader.now, ago),
    ...gateSection(status, reader.now),
    ...warningSection(status),
  ].flatMap((line) => hanging(line, width));
  const top = [...hanging(headline(status, reader), width), '', ...laidOut(rows, width, 0).flat()];
  return harmless([...top, ...sections, ''].join('\n'));
}

function headline(status: Status, reader: StatusReader): string {
  if (reader.alive === false || status.phase === 'stopped') {
    return 'NOT RUNNING: no daemon runs. Start it with: gates run';
  }
  const open = (status.gates ?? []).filter(({ verdict }) => verdict === 'open');
  if (open.length > 0) return `OPEN: strangers get in at ${open.map(({ host }) => host).join(', ')}`;
  if (status.paused !== undefined) return 'PAUSED: gates writes nothing until: gates resume';
  if (status.rejected !== undefined) {
    return `MISTAKE in the newest revision ${short(status.rejected.revision)}: gates applies nothing of it`;
  }
  if (status.lastRun?.result === 'error') return 'FAILED: the last run failed';
  if (status.lastRun?.result === 'incomplete') {
    return `INCOMPLETE: ${counted(byReason(causesOf(status)).length, 'problem')} in the last run`;
  }
  if (status.repository.error !== undefined) return 'CUT OFF: gates cannot read the repository';
  if (status.lastRun?.result === 'reported')
    return 'DRIFTED: live objects differ from the file, and gates only reports it';
  if (status.lastRun === undefined) return 'STARTING: no run has ended yet';
  const unseen = (status.gates ?? []).filter(({ verdict }) => verdict !== 'guarded');
  if (unseen.length > 0) {
    return `NOT CONFIRMED: could not check ${counted(unseen.length, 'gate')}`;
  }
  const ending = soonest(status, reader.now);
  if (ending !== undefined) return `EXPIRING: ${ending}`;
  if (status.upcoming !== undefined) {
    return `WAITING: gates applies revision ${short(status.upcoming.revision)} ${openingText(status.upcoming, reader)}`;
  }
  return 'OK: everything holds as the file says';
}

function daemonText(status: Status, reader: StatusReader, ago: (time: string) => string): string {
  const place = `gates ${status.version}, process ${status.pid} on ${status.host}`;
  if (reader.alive === false || status.phase === 'stopped')
    return `${place}, last heard ${ago(status.updatedAt)}`;
  return `${place}, started ${ago(status.since)}, ${status.phase}`;
}

function inForceText(inForce: RevisionInForce | undefined, ago: (time: string) => string): string {
  if (inForce === undefined) return 'nothing yet: no revision without mistakes';
  const state = inForce.applied ? 'applied' : 'not applied completely yet';
  return `${commit(inForce)}, read ${ago(inForce.since)}, ${state}`;
}

function heldText({ inForce, repository }: Status, ago: (time: string) => string): string | undefined {
  if (inForce?.held === undefined) return undefined;
  const { head, by, since } = inForce.held;
  return `at ${short(inForce.revision)} by ${by}, ${ago(since)}, until ${repository.branch} moves on from ${short(head)}`;
}

function upcomingText(
  { upcoming, schedule }: Status,
  reader: StatusReader,
  ago: (time: string) => string,
): string | undefined {
  if (upcoming === undefined) return undefined;
  const { since, until } = upcoming;
  const local = until === undefined ? '' : ` (${formatLocal(until, schedule?.timezone)})`;
  return `${commit(upcoming)}, read ${ago(since)}, applies ${openingText(upcoming, reader)}${local}`;
}

/** When what waits is put in force. */
function openingText({ for: what, until }: Upcoming, { now }: StatusReader): string {
  if (what === 'pause') return 'after: gates resume';
  if (until === undefined) return 'when a window opens';
  const left = Date.parse(until) - now.getTime();
  return left < 1000 ? 'with the next run' : `when a window opens, ${formatAhead(left)}`;
}

function runningText(run: RunInProgress, ago: (time: string) => string): string {
  const progress = run.total === undefined ? '' : ` ${run.done ?? 0} of ${run.total}`;
  return `${run.step}${progress}, started ${ago(run.startedAt)} by ${run.triggers.join(', ')}`;
}

function pendingText({ waiting = [] }: Status): string | undefined {
  return waiting.length === 0 ? undefined : `a run, asked for by ${waiting.join(', ')}`;
}

function lastRunText(run: LastRun, ago: (time: string) => string): string {
  const seconds = (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000;
  const counts = Object.entries(run.counts).map(([verb, count]) => `${count} ${verb}`);
  const changes = counts.length === 0 ? '' : `: ${counts.join(', ')}`;
  return `${ago(run.finishedAt)} by ${run.triggers.join(', ')}, ${run.result} in ${seconds.toFixed(1)} s${changes}`;
}

function nextText(status: Status, reader: StatusReader): string | undefined {
  if (status.schedule === undefined || reader.alive === false || status.phase === 'stopped') return undefined;
  const { cron, timezone, next, jitter } = status.schedule;
  const when = next === undefined ? '' : `${formatAhead(Date.parse(next) - reader.now.getTime())}, `;
  const later = jitter === undefined ? '' : `, up to ${formatSpan(jitter * 1000)} later`;
  return `${when}${cron} ${timezone}${later}`;
}

function repositorySection(status: Status, ago: (time: string) => string): readonly string[] {
  const { error, readAt } = status.repository;
  if (error === undefined) return [];
  const last = readAt === undefined ? 'It was never read.' : `It was last read ${ago(readAt)}.`;
  return ['', 'gates cannot read the repository', `  ${error}`, `  ${last} ${stillInForce(status)}`];
}

function rejectedSection(status: Status, ago: (time: string) => string): readonly string[] {
  const { rejected } = status;
  if (rejected === undefined) return [];
  return [
    '',
    `Revision ${commit(rejected)}, read ${ago(rejected.at)}, has mistakes`,
    ...rejected.mistakes.flatMap((mistake) => [
      `  ${mistake.place} ${mistake.severity}${mistake.code === undefined ? '' : ` ${mistake.code}`}: ${mistake.message}`,
      ...(mistake.hint === undefined ? [] : [`    ${mistake.hint}`]),
    ]),
    `  ${stillInForce(status)} Push a commit that fixes it.`,
  ];
}

function stillInForce(status: Status): string {
  return status.inForce === undefined
    ? 'No revision has been applied yet; gates changes nothing.'
    : `gates keeps revision ${short(status.inForce.revision)}.`;
}

function problemsOf(status: Status): readonly StatusProblem[] {
  return status.lastRun?.problems ?? [];
}

function problemSection(status: Status): readonly string[] {
  const error = status.lastRun?.error;
  const problems = problemsOf(status);
  if (error === undefined && problems.length === 0) return [];
  const causes = causesOf(status);
  const waiting = problems.length - causes.length;
  return [
    '',
    'Problems of the last run',
    ...(error === undefined ? [] : [`  ${error}`]),
    ...byReason(causes).flatMap(([reason, whats]) => [...whats.map((what) => `  ${what}`), `    ${reason}`]),
    ...(waiting === 0
      ? []
      : [`  ${counted(waiting, 'change')} ${waiting === 1 ? 'waits' : 'wait'} for that`]),
  ];
}

/** What went wrong; what only waits is among it where nothing else explains it. */
function causesOf(status: Status): readonly StatusProblem[] {
  const problems = problemsOf(status);
  const causes = problems.filter(({ status: sort }) => sort !== 'skipped');
  return causes.length === 0 ? problems : causes;
}

/** Problems with one reason share its line: an API that does not answer, and a login that fails at three hosts, is told once. */
function byReason(problems: readonly StatusProblem[]): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const { status, what, because, reason } of problems) {
    const text = `${status} ${what}${because === undefined ? '' : ` (${because})`}`;
    // The host is named by what failed already.
    const key = reason.replace(` (${what.slice(what.indexOf(':') + 1)})`, '');
    groups.set(key, [...(groups.get(key) ?? []), text]);
  }
  return [...groups];
}

/** Hosts that are guarded, and whose origin is as it should be: more than these are only counted. */
const MOST_GUARDED = 20;

/** One line a gate, and below it what is wrong; what needs a look comes first. */
function gateSection(status: Status, now: Date): readonly string[] {
  const all = status.gates ?? [];
  if (all.length === 0) return [];
  const isWell = ({ verdict, origin }: GateSeen) =>
    verdict === 'guarded' &&
    (origin === undefined || origin.verdict === 'asks' || origin.verdict === 'unreachable');
  const well = all.filter(isWell);
  const shown = well.length > MOST_GUARDED ? [] : well;
  const gates = [...all.filter((gate) => !isWell(gate)), ...shown];
  const width = Math.max(...gates.map(({ host }) => host.length));
  return [
    '',
    'Gates, checked from outside',
    ...gates.flatMap((gate) => [
      `  ${gate.host.padEnd(width)}  ${gateText(gate, now)}`,
      ...(gate.reason === undefined || isToldAsProblem(gate.reason, status) ? [] : [`    ${gate.reason}`]),
      ...originText(gate, now),
    ]),
    ...(shown.length < well.length
      ? [`  ${gates.length > 0 ? 'and ' : ''}${counted(well.length, 'host')}, guarded`]
      : []),
  ];
}

function isToldAsProblem(reason: string, status: Status): boolean {
  return problemsOf(status).some((problem) => problem.reason.includes(reason));
}

const verdictTexts: Readonly<Record<GateSeen['verdict'], string>> = {
  guarded: 'guarded',
  closed: 'CLOSED, answers 503,',
  covered: 'HIDDEN, gate not confirmed,',
  open: 'OPEN to strangers, gates could not close it,',
  unproved: 'NOT CHECKED, unchanged,',
};

function gateText({ verdict, since, at, milliseconds }: GateSeen, now: Date): string {
  const span = (time: string) => formatSpan(now.getTime() - Date.parse(time));
  const looked = milliseconds === undefined ? 'checked' : `answered in ${milliseconds} ms`;
  return `${verdictTexts[verdict]} for ${span(since)}; ${looked} ${span(at)} ago`;
}

/** Of an origin that asks, and of one that cannot be asked from here, nothing is wrong. */
function originText({ origin }: GateSeen, now: Date): readonly string[] {
  if (origin === undefined) return [];
  const { verdict, since, reason } = origin;
  const span = formatSpan(now.getTime() - Date.parse(since));
  const text = {
    asks: 'its origin asks for a login as well',
    silent: `checked from inside, its origin admits strangers, for ${span}`,
    unproved: `checked from inside, its origin does something else, for ${span}`,
    unreachable: 'its origin is not reachable from inside',
  }[verdict];
  const detail = reason === undefined || verdict === 'unreachable' ? '' : `: ${reason}`;
  return [`    ${text}${detail}`];
}

function warningSection(status: Status): readonly string[] {
  const warnings = status.lastRun?.warnings ?? [];
  if (warnings.length === 0) return [];
  return ['', 'Warnings', ...warnings.map((warning) => `  ${warning}`)];
}

function commit(revision: {
  readonly revision: string;
  readonly subject?: string;
  readonly author?: string;
}): string {
  const subject = revision.subject === undefined ? '' : ` "${revision.subject}"`;
  const author = revision.author === undefined ? '' : ` by ${revision.author}`;
  return `${short(revision.revision)}${subject}${author}`;
}

function short(revision: string): string {
  return revision.slice(0, 8);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
