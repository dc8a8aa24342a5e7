import { randomUUID } from 'node:crypto';
import { systemClock } from '../../clients/state/clock.ts';
import { isPending } from '../../core/change.ts';
import { describeError } from '../../core/errors.ts';
import type { AllowedLimits, CallCounts } from '../../core/record/history.ts';
import { describeInterference, type Interference } from '../../core/shared-documents.ts';
import type { Turn } from '../../daemon/lease/lease-turn.ts';
import type { EndedRun } from '../../report/history/history.ts';
import type { Report } from '../../run/reconcile.ts';
import { whoAsks } from '../surroundings/person.ts';
import { recordRun } from './history.ts';

/** A command as the history records it. */
interface RecordedCommand {
  readonly command: string;
  readonly allow: AllowedLimits['limits'];
  /** The revision of the repository; undefined for a local file. */
  readonly revision: string | undefined;
  /** Undefined if the account has no name. */
  readonly account: string | undefined;
}

/** Records an apply in the history, as the daemon does with its runs. A plan that nobody agreed to is not recorded. */
export function applyRecorder(
  stateDir: string,
  { command, allow, revision, account }: RecordedCommand,
  { signal, confirm }: Turn,
) {
  const by = whoAsks();
  const startedAt = systemClock.now().toISOString();
  const record = async ({
    report,
    ...how
  }: Pick<EndedRun['run'], 'result' | 'error'> & Pick<EndedRun, 'report'>) => {
    // Without the turn, the files belong to another process.
    if (!(await confirm())) return;
    await recordRun(stateDir, {
      run: {
        id: randomUUID().slice(0, 8),
        command,
        triggers: [command],
        startedAt,
        finishedAt: systemClock.now().toISOString(),
        by,
        ...(account !== undefined && { account }),
        ...(revision !== undefined && { revision }),
        ...(allow.length > 0 && { allowed: { limits: allow, by, why: `${command} --allow` } }),
        ...how,
        warnings: [...(report?.plan?.warnings ?? []), ...noticesOf(report?.interferences)],
      },
      ...(report && { report }),
    });
  };
  return {
    async ended(report: Report, calls: CallCounts): Promise<void> {
      const { plan, attribution, outcomes, interferences } = report;
      const refused = plan === undefined || (outcomes.length === 0 && plan.changes.some(isPending));
      if (refused) return;
      const result = signal.aborted ? 'stopped' : isAllDone(report) ? 'done' : 'incomplete';
      await record({ result, report: { plan, attribution, outcomes, calls, interferences } });
    },
    failed: (error: unknown) => record({ result: 'error', error: describeError(error) }),
  };
}

function noticesOf(interferences: readonly Interference[] = []): readonly string[] {
  return interferences.filter(({ severity }) => severity === 'notice').map(describeInterference);
}

/** True if nothing failed, was skipped or refused, every kind was read, and no change of another writer was lost. */
export function isAllDone({ plan, outcomes, interferences }: Report): boolean {
  const isWithoutLoss = interferences.every(({ severity }) => severity === 'notice');
  return outcomes.every(({ status }) => status === 'done') && plan?.unknown.length === 0 && isWithoutLoss;
}
