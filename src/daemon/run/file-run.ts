import { configOf, type ReadAccounts } from '../../config/parse-config.ts';
import { isCarriedOut } from '../../core/change.ts';
import { withAccount } from '../../core/sources/source-files.ts';
import { type Effects, reconcile } from '../../run/reconcile.ts';
import type { RunReport } from './run-report.ts';
import type { Reconcile, RunRequest } from './run-request.ts';

/** The clients of one run, and its count of calls. */
export type RunEffects = Effects & { readonly calls: () => NonNullable<RunReport['calls']> };

export interface FileRunOptions {
  /** Name of the file in the repository, for messages. */
  readonly file: string;
  readonly readAccounts: ReadAccounts;
  /** The clients for a run in one account, which writes only in its turn. Throws ConfigError without a token for it. */
  readonly effects: (turn: RunRequest['turn'], account: RunRequest['account']) => RunEffects;
}

/** Carries out one revision of the file. */
export function fileRun({ file, readAccounts, effects }: FileRunOptions): Reconcile {
  return async ({ text: complete, account, revision, apply, watch, allow, turn, onProgress }) => {
    let done = 0;
    let total = 0;
    const reached = effects(turn, account);
    const text = withAccount(complete, account?.name);
    const report = await reconcile(
      { text, revision, file, apply, options: { adopt: false, allow, watch } },
      {
        ...reached,
        // One reading of the complete file serves all its accounts.
        readConfig: async (source) => configOf(await readAccounts(complete), source),
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
