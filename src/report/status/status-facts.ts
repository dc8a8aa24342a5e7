import { revisionText, shortRevision } from '../screen/revision-words.ts';
import { formatAge, formatAhead, formatLocal, formatSpan } from '../screen/time-words.ts';
import type { AppliedRevision, LastRun, RunInProgress, Status } from './status.ts';
import { openingText, type StatusReader } from './status-headline.ts';

/** One line of facts about the daemon: `['Next run', 'in 2 min 30 s, 0 4 * * * UTC']`. */
export type StatusFact = readonly [name: string, text: string];

/** The process, the repository, the applied revision, and the next run. */
export function statusFacts(status: Status, reader: StatusReader): readonly StatusFact[] {
  const ago = (time: string) => formatAge(reader.now.getTime() - Date.parse(time));
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
    ['Accounts', accountsText(status.lastRun)],
    ['Next run', nextText(status, reader)],
  ] as const;
  return facts.flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact]]));
}

function daemonText(status: Status, reader: StatusReader, ago: (time: string) => string): string {
  const place = `gates ${status.version}, process ${status.pid} on ${status.host}`;
  if (reader.alive === false || status.phase === 'stopped')
    return `${place}, last heard ${ago(status.updatedAt)}`;
  return `${place}, started ${ago(status.since)}, ${status.phase}`;
}

function inForceText(inForce: AppliedRevision | undefined, ago: (time: string) => string): string {
  if (inForce === undefined) return 'nothing yet: no revision without mistakes';
  const state = inForce.applied ? 'applied' : 'not applied completely yet';
  return `${revisionText(inForce)}, read ${ago(inForce.since)}, ${state}`;
}

function heldText({ inForce, repository }: Status, ago: (time: string) => string): string | undefined {
  if (inForce?.held === undefined) return undefined;
  const { head, by, since } = inForce.held;
  return `at ${shortRevision(inForce.revision)} by ${by}, ${ago(since)}, until ${repository.branch} moves on from ${shortRevision(head)}`;
}

function upcomingText(
  { upcoming, schedule }: Status,
  reader: StatusReader,
  ago: (time: string) => string,
): string | undefined {
  if (upcoming === undefined) return undefined;
  const { since, until } = upcoming;
  const local = until === undefined ? '' : ` (${formatLocal(until, schedule?.timezone)})`;
  return `${revisionText(upcoming)}, read ${ago(since)}, applies ${openingText(upcoming, reader)}${local}`;
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

/** The result of the last run in each of several accounts: one that is down does not stop the others. */
function accountsText({ accounts = [] }: Partial<LastRun> = {}): string | undefined {
  const results = accounts.map(({ name, result }) => `${name} ${result}`);
  return results.length === 0 ? undefined : results.join(', ');
}

function nextText(status: Status, reader: StatusReader): string | undefined {
  if (status.schedule === undefined || reader.alive === false || status.phase === 'stopped') return undefined;
  const { cron, timezone, next, jitter } = status.schedule;
  const when = next === undefined ? '' : `${formatAhead(Date.parse(next) - reader.now.getTime())}, `;
  const later = jitter === undefined ? '' : `, up to ${formatSpan(jitter * 1000)} later`;
  return `${when}${cron} ${timezone}${later}`;
}
