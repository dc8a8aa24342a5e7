import type { Change, Plan } from '../../core/change.ts';
import { describeError } from '../../core/errors.ts';
import { addressId } from '../../core/objects/address.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { Attribution, OutsideChange } from '../../core/record/change-log.ts';
import type { AllowedLimits, CallCounts, HistoryChange, HistoryRun } from '../../core/record/history.ts';
import { describeInterference, type Interference } from '../../core/shared-documents.ts';
import { outsideChange } from '../screen/outside-words.ts';

/** A run that has ended, as the history receives it. */
export interface EndedRun {
  readonly run: Pick<HistoryRun, 'id' | 'command' | 'triggers' | 'startedAt' | 'finishedAt' | 'result'> &
    Partial<
      Pick<
        HistoryRun,
        'account' | 'revision' | 'rejected' | 'error' | 'warnings' | 'by' | 'held' | 'allowed' | 'paused'
      >
    >;
  /** Absent if the run itself failed. */
  readonly report?: {
    readonly plan?: Plan;
    readonly attribution?: Attribution | undefined;
    readonly outcomes: readonly Outcome[];
    readonly calls?: CallCounts;
    /** Losses are stored with the warnings; the run itself reports notices. */
    readonly interferences?: readonly Interference[];
  };
}

/** The most changes, and the most warnings, of one entry. */
const MOST = 500;
/** The most characters of a text. */
const LONGEST = 600;

/** One entry of the history: of a bounded size, whatever the run met. */
export function historyRun({ run, report }: EndedRun): HistoryRun {
  const { plan, attribution, outcomes = [], calls, interferences = [] } = report ?? {};
  const { id, command, account, triggers, by, revision, held, paused, rejected } = run;
  const { startedAt, finishedAt, result, error } = run;
  const counts = countsOf(plan);
  const allowed = run.allowed && usedOf(run.allowed, counts);
  const changes = changesOf(plan, outcomes, attribution);
  const losses = interferences.filter(({ severity }) => severity === 'loss');
  const warnings = [...losses.map(describeInterference), ...(run.warnings ?? [])];
  const omitted = Math.max(0, changes.length - MOST) + Math.max(0, warnings.length - MOST);
  return {
    id,
    command,
    ...(account !== undefined && { account }),
    triggers,
    ...(revision !== undefined && { revision }),
    ...(by !== undefined && { by }),
    ...(allowed && { allowed }),
    ...(held && { held }),
    ...(paused && { paused }),
    ...(rejected !== undefined && { rejected }),
    startedAt,
    finishedAt,
    milliseconds: Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)),
    result,
    ...(error !== undefined && { error: cut(error) }),
    counts,
    changes: changes.slice(0, MOST),
    unread: (plan?.unknown ?? []).map(({ kind, reason }) => ({ kind, reason: cut(reason) })),
    warnings: warnings.slice(0, MOST).map(cut),
    ...(calls && { calls }),
    ...(omitted > 0 && { omitted }),
  };
}

/** The lifted limits that the plan needed; undefined if there are none, because most runs need none. */
function usedOf(allowed: AllowedLimits, counts: HistoryRun['counts']): AllowedLimits | undefined {
  const limits = allowed.limits.filter((limit) => isUsed(limit, counts));
  return limits.length === 0 ? undefined : { ...allowed, limits, why: cut(allowed.why) };
}

/** True if the run used the limit. A run outside the windows always used `window`, whatever it changed. */
function isUsed(limit: AllowedLimits['limits'][number], counts: HistoryRun['counts']): boolean {
  return limit === 'window' || guarded[limit].some((verb) => (counts[verb] ?? 0) > 0);
}

const guarded = {
  prune: ['prune'],
  change: ['update', 'adopt', 'replace'],
} as const satisfies Record<string, readonly Change['verb'][]>;

function countsOf(plan: Plan | undefined): HistoryRun['counts'] {
  const counts: Partial<Record<Change['verb'], number>> = {};
  for (const { verb } of plan?.changes ?? []) counts[verb] = (counts[verb] ?? 0) + 1;
  return counts;
}

/**
 * The changes of an entry. Good checks come with every run that watches, and changes that wait for an unread kind with
 * every run of an outage: only `counts` contains them, so that they do not fill the history.
 */
function changesOf(
  plan: Plan | undefined,
  outcomes: readonly Outcome[],
  attribution: Attribution | undefined,
): readonly HistoryChange[] {
  const blind = new Set(plan?.unknown.map(({ kind }) => kind));
  const byChange = new Map(outcomes.map((outcome) => [outcome.change, outcome]));
  return (plan?.changes ?? [])
    .filter(({ verb, address }) => verb !== 'keep' && !(verb === 'refuse' && blind.has(address.kind)))
    .map((change) => changeOf(change, byChange.get(change.id), attribution))
    .filter(({ verb, outcome }) => verb !== 'verify' || outcome === 'failed' || outcome === 'skipped');
}

function changeOf(
  change: Change,
  outcome: Outcome | undefined,
  attribution: Attribution | undefined,
): HistoryChange {
  const { verb, address, because, drift } = change;
  const outcomeReason = outcome?.error === undefined ? outcome?.reason : describeError(outcome.error);
  const reason = outcomeReason ?? change.reason;
  const outside = outsideChange(change, attribution);
  return {
    verb,
    what: addressId(address),
    ...(because !== undefined && { because }),
    ...(drift.length > 0 && { fields: drift.map(({ field }) => field) }),
    ...(outside !== undefined && { outside: bounded(outside) }),
    outcome: verb === 'refuse' ? 'refused' : (outcome?.status ?? 'planned'),
    ...(reason !== undefined && { reason: cut(reason) }),
  };
}

/** The most actors of an object in one entry. */
const MOST_ACTORS = 5;

function bounded({ how, by }: OutsideChange): OutsideChange {
  return { how, by: by.slice(0, MOST_ACTORS).map((actor) => ({ ...actor, name: cut(actor.name) })) };
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
