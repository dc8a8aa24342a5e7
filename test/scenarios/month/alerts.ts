import type { HistoryRun } from '../../../src/core/record/history.ts';
import { judgeHeldBack, unfolded } from './held-back.ts';
import { hasChanges } from './kept-runs.ts';
import type { Heard } from './receiver.ts';

/** A notice that the history requires. */
interface Expected {
  readonly at: number;
  readonly title: RegExp;
}

/** Milliseconds between the end of a run and its notice, and around a kill at which either may be missing. */
const NEAR = 3_000;
const UNSURE = 10_000;

const GOOD_FILE = 'gates.yaml has no mistakes';
const DRIFT = 'Drift: live objects differed from the file, and gates reverted them';

const UNREAD = /^gates cannot read /;
const READ = /can be read$/;
/** The time for which a temporary trouble is not reported, in milliseconds. */
const PATIENCE = 5 * 60_000;

/** The result about the alerts. */
export interface AlertsJudged {
  readonly expected: number;
  readonly heard: number;
  /** Notices that came again because the daemon was killed while it sent them. */
  readonly againByKill: number;
  /** Notices that came later, because the hour had no room. */
  readonly heldBack: number;
  readonly findings: readonly string[];
}

/**
 * Checks that each change of state in the history was reported once, at once or later, and nothing else. Mistakes,
 * drift and unreadable kinds are compared with the history run by run; failures and closed hosts must only never be
 * reported again before they were good. `ends`: the times when the daemon was killed, on its own calendar; a notice
 * from such a time may come twice, or with the next run.
 */
export function judgeAlerts(
  runs: readonly HistoryRun[],
  heard: readonly Heard[],
  ntfy: readonly string[],
  ends: readonly number[],
): AlertsJudged {
  const findings: string[] = [];
  const isNearEnd = (at: number) => ends.some((end) => Math.abs(end - at) < UNSURE);
  const distinct = new Map<string, Heard>();
  let againByKill = 0;
  for (const notice of heard) {
    if (!distinct.has(notice.id)) distinct.set(notice.id, notice);
    else if (isNearEnd(Date.parse(notice.at))) againByKill += 1;
    else findings.push(`told twice: ${notice.title}`);
  }
  const notices = [...distinct.values()].toSorted((left, right) => left.at.localeCompare(right.at));
  const extra = countsOf(ntfy);
  for (const { title } of notices) extra.set(title, (extra.get(title) ?? 0) - 1);
  for (const [title, count] of extra) {
    const times = notices.filter((notice) => notice.title === title);
    const isExcused = count > 0 && times.some(({ at }) => isNearEnd(Date.parse(at)));
    if (count !== 0 && !isExcused) findings.push(`ntfy heard ${count > 0 ? 'more' : 'less'} often: ${title}`);
  }

  const expected = expectedOf(runs);
  const all = notices.flatMap(unfolded).toSorted((left, right) => left.until - right.until);
  const left = new Set(all.filter(({ notice }) => isOfHistory(notice)));
  for (const { at, title } of expected) {
    // Kinds that are unreadable for different reasons have separate notices, so there may be several.
    const told = [...(title === UNREAD || title === READ ? all : left)].find(
      ({ notice, from, until }) =>
        from - NEAR < at && at < until + NEAR && textsOf(notice).some((text) => title.test(text)),
    );
    if (told !== undefined) left.delete(told);
    else if (!isNearEnd(at)) findings.push(`not told: ${title} at ${new Date(at).toISOString()}`);
  }
  for (const { notice, from } of left) {
    if (!isNearEnd(from))
      findings.push(`told, and not in the history: ${notice.title} at ${new Date(from).toISOString()}`);
  }
  findings.push(...repeated(all.map(({ notice }) => notice)), ...judgeHeldBack(notices, runs, isNearEnd));
  return {
    expected: expected.length,
    heard: notices.length,
    againByKill,
    heldBack: all.filter(({ from, until }) => from < until).length,
    findings,
  };
}

/** The states of the file, of drift, and of unreadable kinds, from run to run. */
function expectedOf(runs: readonly HistoryRun[]): readonly Expected[] {
  const expected: Expected[] = [];
  let rejected: string | undefined;
  let applied: string | undefined;
  let isDrifted = false;
  const unread = new Map<string, { readonly since: number; told: boolean }>();
  for (const run of runs) {
    const at = Date.parse(run.finishedAt);
    if (run.rejected !== undefined && run.rejected !== rejected)
      expected.push({ at, title: new RegExp(`^Mistake in .*${run.rejected.slice(0, 8)}`) });
    if (run.rejected === undefined && rejected !== undefined)
      expected.push({ at, title: new RegExp(`${GOOD_FILE}$`) });
    rejected = run.rejected;

    const isBlind = run.result === 'error' || run.result === 'stopped';
    const kinds = new Set(run.unread.map(({ kind }) => kind));
    if (!isBlind) {
      for (const kind of kinds) if (!unread.has(kind)) unread.set(kind, { since: at, told: false });
      const late = [...unread].filter(
        ([kind, of]) => kinds.has(kind) && !of.told && at - of.since >= PATIENCE,
      );
      if (late.length > 0) expected.push({ at, title: UNREAD });
      for (const [, of] of late) of.told = true;
      const over = [...unread].filter(([kind]) => !kinds.has(kind));
      if (over.some(([, of]) => of.told)) expected.push({ at, title: READ });
      for (const [kind] of over) unread.delete(kind);
    }

    const isDone = run.result === 'done';
    const isDrift = isDone && applied === run.revision && hasChanges(run);
    if (isDrift && !isDrifted) expected.push({ at, title: new RegExp(`^${DRIFT}`) });
    if (isDone) isDrifted = isDrift;
    // A run of another revision replaces the applied one, even if the run did not apply it completely.
    applied = isDone || run.revision === applied ? run.revision : undefined;
  }
  return expected;
}

/** The subject of a notice, as `expectedOf` names it. Several subjects that are good again share one notice. */
function isOfHistory(notice: Heard): boolean {
  return textsOf(notice).some(
    (text) => text.startsWith('Mistake in') || text.endsWith(GOOD_FILE) || text.startsWith(DRIFT),
  );
}

function textsOf({ tone, title, details }: Heard): readonly string[] {
  return tone === 'good' ? [title, ...details] : [title];
}

/** Checks for everything with an end that no trouble is reported again before its end was. */
function repeated(notices: readonly Heard[]): readonly string[] {
  /** The trouble and its subject. */
  const wrong = new Map<string, string>();
  const findings: string[] = [];
  for (const notice of notices) {
    const { tone, title, details } = notice;
    if (tone === 'good') {
      const subjects = textsOf(notice).map(subjectOf);
      for (const [told, about] of wrong)
        if (subjects.some((subject) => about.includes(subject))) wrong.delete(told);
      continue;
    }
    if (title.startsWith('Drift')) continue;
    if (wrong.has(title)) findings.push(`told again before it was good: ${title}`);
    wrong.set(title, [title, ...details].join('\n'));
  }
  return findings;
}

/** The subject `services.a` in `Good again: services.a is as the file says`. */
function subjectOf(good: string): string {
  const [, subject = ''] =
    /^(?:Good again: )?(?:the (?:gate of |origin of |service token )?)?(\S+)/.exec(good) ?? [];
  return subject === 'runs' ? 'The run failed' : subject;
}

function countsOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
