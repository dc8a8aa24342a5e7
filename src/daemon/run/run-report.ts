import { type Change, isPending, type Plan, type Verb } from '../../core/change.ts';
import { describeError, UnreachableError } from '../../core/errors.ts';
import type { Mistake } from '../../core/mistake.ts';
import { addressId } from '../../core/objects/address.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { Attribution } from '../../core/record/change-log.ts';
import type { CallCounts } from '../../core/record/history.ts';
import { describeInterference, type Interference } from '../../core/shared-documents.ts';
import { besideMain } from '../../core/sources/source-files.ts';
import { alsoWords } from '../../report/mistakes/mistakes-text.ts';
import type {
  Drifted,
  Expiring,
  LastRun,
  Rotating,
  StatusMistake,
  StatusProblem,
} from '../../report/status/status.ts';

/** The result of a reconcile, as the daemon needs it. */
export interface RunReport {
  readonly mistakes: readonly Mistake[];
  /** Absent if mistakes prevented a plan. */
  readonly plan?: Plan;
  /** The changes that were made outside gates. */
  readonly attribution?: Attribution;
  readonly outcomes: readonly Outcome[];
  readonly calls?: CallCounts;
  /** Changes that other writers made meanwhile. */
  readonly interferences?: readonly Interference[];
  /** The reason why the run did nothing. */
  readonly waitsFor?: string;
}

/** The summary of a run for the status. */
export function summarise(
  report: RunReport,
  applied: boolean,
  file: string,
): Pick<LastRun, 'result' | 'counts' | 'foreseen' | 'problems' | 'drifted' | 'warnings'> {
  const problems = problemsOf(report);
  const pending = report.plan?.changes.some(isPending) ?? false;
  const result = problems.length > 0 ? 'incomplete' : pending && !applied ? 'reported' : 'done';
  const ofFile = statusMistakes(report.mistakes, file).map(warningText);
  const noticed = (report.interferences ?? []).filter(({ severity }) => severity === 'notice');
  const warnings = [...ofFile, ...(report.plan?.warnings ?? []), ...noticed.map(describeInterference)];
  const foreseen = report.plan?.changes.filter((change) => change.foreseen === true).length ?? 0;
  return {
    result,
    counts: countsOf(report.plan),
    ...(foreseen > 0 && { foreseen }),
    problems,
    ...(report.plan && { drifted: driftedIn(report.plan, report.outcomes) }),
    warnings,
  };
}

/** The most drifted objects in a status. */
const MOST_DRIFTED = 50;

/**
 * The objects that differ from the file. A refused change is a problem and not listed here: until it is resolved, gates
 * does not know whether it is drift.
 */
function driftedIn({ changes }: Plan, outcomes: readonly Outcome[]): Drifted {
  const done = new Set(outcomes.filter(({ status }) => status === 'done').map(({ change }) => change));
  const remaining = changes.filter(
    (change) => isPending(change) && change.verb !== 'refuse' && !done.has(change.id),
  );
  return {
    count: remaining.length,
    objects: remaining.slice(0, MOST_DRIFTED).map(({ verb, address, because, drift }: Change) => ({
      verb,
      what: addressId(address),
      ...(because !== undefined && { because }),
      ...(drift.length > 0 && { fields: drift.map(({ field }) => field) }),
    })),
  };
}

function countsOf(plan: Plan | undefined): Partial<Record<Verb, number>> {
  const counts: Partial<Record<Verb, number>> = {};
  for (const { verb } of plan?.changes ?? []) counts[verb] = (counts[verb] ?? 0) + 1;
  return counts;
}

/** A kind that could not be read is one problem, not one for each of its objects that waits. */
function problemsOf({ plan, outcomes, interferences = [] }: RunReport): readonly StatusProblem[] {
  const changes = new Map(plan?.changes.map((change) => [change.id, change]));
  const blind = new Set(plan?.unknown.map(({ kind }) => kind));
  const refused = [...changes.values()].filter(
    ({ verb, address }) => verb === 'refuse' && !blind.has(address.kind),
  );
  return [
    ...(plan?.unknown ?? []).map(
      ({ kind, reason }): StatusProblem => ({ status: 'unknown', what: kind, reason }),
    ),
    ...refused.map((change): StatusProblem => problem('refused', change, change.reason)),
    ...outcomes.flatMap((outcome): readonly StatusProblem[] => {
      const change = changes.get(outcome.change);
      if (outcome.status === 'done' || change?.verb === 'refuse') return [];
      const reason = outcome.error === undefined ? outcome.reason : describeError(outcome.error);
      return [problem(outcome.status, change ?? outcome, reason)];
    }),
    ...interferences.flatMap(({ severity, what, text }): readonly StatusProblem[] =>
      severity === 'loss' ? [{ status: 'lost', what, reason: text }] : [],
    ),
  ];
}

function problem(
  status: StatusProblem['status'],
  of: { readonly address: Outcome['address']; readonly because?: string },
  reason: string | undefined,
): StatusProblem {
  return {
    status,
    what: addressId(of.address),
    ...(of.because === undefined ? {} : { because: of.because }),
    reason: reason ?? 'no reason was given',
  };
}

/** Milliseconds that the other side asked to wait; undefined if no error will pass by itself. */
export function retryDelay(errors: readonly unknown[]): number | undefined {
  const passing = errors.filter((error) => error instanceof UnreachableError);
  if (passing.length === 0) return undefined;
  return Math.max(...passing.map(({ facts }) => facts.retryAfter ?? 0));
}

/** The same for a run: a change to which the API did not answer, or a kind that could not be read. */
export function retryDelayOf({ plan, outcomes, waitsFor }: RunReport): number | undefined {
  const delay = retryDelay(outcomes.map(({ error }) => error));
  const isDue = (plan?.unknown.length ?? 0) > 0 || waitsFor !== undefined;
  return delay ?? (isDue ? 0 : undefined);
}

/** Our tokens that expire; undefined if they were not read. */
export function expiringIn({ plan }: RunReport): readonly Expiring[] | undefined {
  if (plan === undefined || plan.unknown.some(({ kind }) => kind === 'cloudflare/service-token'))
    return undefined;
  return plan.changes.flatMap(({ verb, have }) =>
    verb === 'prune' || have?.expiresAt === undefined ? [] : [{ name: have.address.key, at: have.expiresAt }],
  );
}

/** Our tokens with automatic rotation, and its time; undefined if they were not read. */
export function rotationsIn({ plan, outcomes }: RunReport): readonly Rotating[] | undefined {
  if (plan === undefined || plan.unknown.some(({ kind }) => kind === 'cloudflare/service-token'))
    return undefined;
  const done = new Map(outcomes.map(({ change, attributes }) => [change, attributes?.rotatesAt]));
  return plan.changes.flatMap(({ id, verb, have }) => {
    const at = done.get(id) ?? have?.rotatesAt;
    return verb === 'prune' || have === undefined || at === undefined ? [] : [{ name: have.address.key, at }];
  });
}

/** The warning for a head that does not descend from the previous one. After an intended rewrite, nothing is to do. */
export function rewrittenText(revision: string, before: string): string {
  const [head, earlier] = [revision, before].map((commit) => commit.slice(0, 8));
  return `The branch was rewritten: its head ${head} does not descend from ${earlier}, which was read before. If nobody meant to rewrite it, see who pushed`;
}

function warningText({ place, code, message, hint }: StatusMistake): string {
  const text = code === undefined ? message : `${code}: ${message}`;
  return hint === undefined ? `${place} ${text}` : `${place} ${text}. ${hint}`;
}

/** The mistakes with their places, `gates.yaml:31:11`, but without the lines, which only the author should see. */
export function statusMistakes(mistakes: readonly Mistake[], file: string): readonly StatusMistake[] {
  return mistakes.map((mistake) => {
    const { line, column, severity, code, message, hint } = mistake;
    const place = besideMain(file, mistake.file);
    return {
      place: `${place}:${line}:${column}`,
      severity,
      ...(code === undefined ? {} : { code }),
      message: `${message}${alsoWords(mistake, file)}`,
      ...(hint === undefined ? {} : { hint }),
    };
  });
}
