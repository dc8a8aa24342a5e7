import { describeError, GatesError } from '../../core/errors.ts';
import type { Clock } from '../../core/world.ts';
import { PausedError } from '../lease/paused-turn.ts';
import type { Log } from '../log/log.ts';
import { redactDeep } from '../log/redact-deep.ts';
import type { StatusFile } from '../status/status-file.ts';
import { joinedEnding } from './account-endings.ts';
import { gatesSeen, tellNews } from './gates-seen.ts';
import { type AccountEnding, cutShort, EMPTY, type Ending, outlived } from './run-ending.ts';
import {
  expiringIn,
  type RunReport,
  retryDelay,
  retryDelayOf,
  rotationsIn,
  statusMistakes,
  summarise,
} from './run-report.ts';
import type { Reconcile, RunRequest } from './run-request.ts';
import type { AccountName } from './verdicts.ts';

export interface AccountsRunParts {
  readonly reconcile: Reconcile;
  readonly status: StatusFile;
  /** Path of gates.yaml in the repository, for messages. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly redact: (text: string) => string;
}

/**
 * Carries out a revision in each account, one after the other, and shows the gates of all of them in the status. An error in
 * one of several accounts is the result of that one, and the others go on.
 */
export async function runAccounts(
  request: RunRequest,
  accounts: readonly AccountName[] | undefined,
  parts: AccountsRunParts,
): Promise<Ending> {
  if (accounts === undefined) {
    const report = await parts.reconcile(request);
    showGates([report], request, parts);
    return endingOf(report, request, parts);
  }
  const reports: (RunReport | undefined)[] = [];
  const endings: AccountEnding[] = [];
  for (const account of accounts) {
    const { report, ending } = await runAccount({ ...request, account }, parts);
    reports.push(report);
    endings.push({ name: account.name, ending });
    if (request.turn.signal.aborted) break;
  }
  showGates(reports, request, parts);
  return joinedEnding(endings);
}

async function runAccount(
  request: RunRequest & { readonly account: AccountName },
  parts: AccountsRunParts,
): Promise<{ readonly report?: RunReport; readonly ending: Ending }> {
  const log = parts.log.with({ account: request.account.name });
  try {
    const report = await parts.reconcile(request);
    return { report, ending: endingOf(report, request, { ...parts, log }) };
  } catch (error) {
    if (request.turn.signal.aborted || error instanceof PausedError) throw error;
    if (!(error instanceof GatesError) && error instanceof Error)
      log.error('unexpected error', { stack: error.stack });
    const text = describeError(error);
    log.error('account not done', { error: text });
    return { ending: { ...EMPTY, result: 'error', error: text, retryAfter: retryDelay([error]) } };
  }
}

function endingOf(report: RunReport, { apply, turn }: RunRequest, { file }: AccountsRunParts): Ending {
  const errors = report.mistakes.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return outlived(statusMistakes(errors, file));
  const summary = { ...summarise(report, apply, file), report };
  if (turn.signal.aborted) return { ...summary, ...cutShort(turn.signal.reason) };
  const again = (report.interferences ?? []).length > 0;
  const retryAfter = retryDelayOf(report);
  return { ...summary, retryAfter, ...(again && { again }), expiring: expiringIn(report) };
}

/** Puts the gates that were checked into the status, and the rotations if all accounts could read them. */
function showGates(
  reports: readonly (RunReport | undefined)[],
  { watch }: RunRequest,
  { status, clock, log, redact }: AccountsRunParts,
): void {
  const sound = reports.flatMap((report) => (report?.plan === undefined ? [] : [report]));
  if (sound.length === 0) return;
  const before = status.current().gates ?? [];
  const now = clock.now();
  // An account that could not be planned may have any of the gates.
  const all = watch && sound.length === reports.length;
  const changes = sound.flatMap(({ plan }) => plan?.changes ?? []);
  const outcomes = sound.flatMap((report) => report.outcomes);
  const seen = redactDeep(gatesSeen({ plan: { changes }, outcomes }, before, { now, all }), redact);
  const rotations = reports.map((report) => (report === undefined ? undefined : rotationsIn(report)));
  const areKnown = rotations.every((each) => each !== undefined);
  status.change({
    gates: seen,
    ...(areKnown && {
      rotations: redactDeep(
        rotations.flatMap((each) => each ?? []),
        redact,
      ),
    }),
  });
  tellNews(log, before, seen);
}
