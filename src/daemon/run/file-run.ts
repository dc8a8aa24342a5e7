import { isCarriedOut } from '../../core/change.ts';
import { type Effects, reconcile } from '../../run/reconcile.ts';
import type { Reconcile, RunRequest } from './daemon-run.ts';
import type { RunReport } from './run-report.ts';

/** The clients of one run, and its count of calls. */
export type RunEffects = Effects & { readonly calls: () => NonNullable<RunReport['calls']> };

export interface FileRunOptions {
  /** Name of the file in the repository, for messages. */
  readonly file: string;
  readonly readConfig: NonNullable<Effects['readConfig']>;
  /** The clients for one run, which writes only in its turn. */
  readonly effects: (turn: RunRequest['turn']) => RunEffects;
}

/** Carries out one revision of the file. */
export function fileRun({ file, readConfig, effects }: FileRunOptions): Reconcile {
  return async ({ text, revision, apply, watch, allow, turn, onProgress }) => {
    let done = 0;
    let total = 0;
    const reached = effects(turn);
    const report = await reconcile(
      { text, revision, file, apply, options: { adopt: false, allow, watch } },
      {
        ...reached,
        readConfig,
        onEvent(event) {
          if (event.type === 'planned') total = event.plan.changes.filter(isCarriedOut).length;
          if (event.type === 'finished') done += 1;
          if (event.type !== 'reading') onProgress({ done, total });
        },
      },
    );
    return { ...report, calls: reached.calls() };
  };
}
