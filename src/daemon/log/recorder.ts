import type { History } from '../../clients/state/history.ts';
import { type EndedRun, historyRun } from '../../report/history/history.ts';
import type { Log } from './log.ts';
import { redactDeep } from './redact-deep.ts';

export interface RecorderOptions {
  readonly redactor: { readonly redact: (text: string) => string };
  readonly log: Log;
}

/** Stores runs in the history, without secrets. It never fails, so that no gate waits for a full disk. */
export function createRecorder(
  history: Pick<History, 'append'>,
  { redactor, log }: RecorderOptions,
): (ended: EndedRun) => Promise<void> {
  return async (ended) => {
    try {
      await history.append(redactDeep(historyRun(ended), redactor.redact));
    } catch (error) {
      log.with({ run: ended.run.id }).error('run not kept in the history', { error });
    }
  };
}
