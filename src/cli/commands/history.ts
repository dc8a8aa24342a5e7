import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../clients/state/clock.ts';
import { createHistory, type History } from '../../clients/state/history.ts';
import { secondsOf } from '../../config/model/duration.ts';
import { ConfigError } from '../../core/errors.ts';
import type { HistoryRun } from '../../core/record/history.ts';
import type { ChainReport } from '../../core/record/history-chain.ts';
import { redactDeep } from '../../daemon/log/redact-deep.ts';
import { type EndedRun, historyRun } from '../../report/history/history.ts';
import { concernsService } from '../../report/history/history-stories.ts';
import { formatHistory } from '../../report/history/history-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { readSettings } from '../surroundings/settings.ts';
import { print, printJson, redactor, tell, wantsColor } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

export interface HistoryCommandOptions {
  readonly output: 'text' | 'json';
  readonly color: boolean;
  readonly service?: string;
  readonly since?: string;
}

/** The history, read from disk. */
interface Kept extends Pick<ChainReport, 'broken' | 'notes'> {
  /** Oldest first. */
  readonly runs: readonly HistoryRun[];
  /** Numbers of the first and the last run, and the hash of the last; undefined if no line is complete. */
  readonly span: { readonly first: number; readonly last: number; readonly hash: string } | undefined;
}

/** Prints the stored runs, newest first, and reports broken ones. Returns 0. */
export async function history(options: HistoryCommandOptions): Promise<number> {
  const { service, since } = options;
  const from = since === undefined ? undefined : sinceTime(since, systemClock.now());
  const report = await readHistory();
  const runs = report.runs
    .filter((run) => from === undefined || Date.parse(run.startedAt) >= from)
    .filter((run) => service === undefined || concernsService(run, service))
    .reverse();
  if (report.broken !== undefined) {
    tell(`warning: the history is broken at ${report.broken.place}: ${report.broken.reason}`);
  }
  for (const note of report.notes) tell(`note: ${note}`);
  if (options.output === 'json') printJson(runs);
  else if (runs.length === 0) tell('No run that is kept is among these.');
  else {
    const color = wantsColor(process.stdout, options.color);
    print(
      formatHistory(runs, {
        color,
        width: widthOf(process.stdout),
        ...(service !== undefined && { service }),
      }),
    );
  }
  return 0;
}

/** Checks that every run is stored as it was written. Exit codes: 0 = complete, 1 = broken. */
export async function verifyHistory(options: Pick<HistoryCommandOptions, 'output'>): Promise<number> {
  const { span, broken, notes } = await readHistory();
  if (options.output === 'json') {
    printJson({ whole: broken === undefined, ...span, broken, notes });
    return broken === undefined ? 0 : 1;
  }
  for (const note of notes) print(`note: ${note}\n`);
  if (broken !== undefined) print(`Broken at ${broken.place}: ${broken.reason}.\n`);
  else print(`Whole: runs ${span?.first} to ${span?.last}, the last with SHA-256 ${span?.hash}.\n`);
  return broken === undefined ? 0 : 1;
}

/** Records a run of the command line. An error is reported and does not change the result of the run. */
export async function recordRun(stateDir: string, ended: EndedRun): Promise<void> {
  try {
    await createHistory(stateDir).append(redactDeep(historyRun(ended), redactor.redact));
  } catch (error) {
    tell(
      `warning: this run is not in the history: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** @throws ConfigError if there is no run at all. */
async function readHistory(): Promise<Kept> {
  const { stateDir } = readSettings(process.env);
  const { records, ...report } = await readSteadily(createHistory(stateDir));
  const [first, last] = [records.at(0), records.at(-1)];
  if (first === undefined && report.broken === undefined) {
    throw new ConfigError('No run is kept in this state directory', {
      hint: `Start \`gates run\`, or set GATES_STATE_DIR (now ${stateDir})`,
    });
  }
  const span = first && last && { first: first.n, last: last.n, hash: last.hash };
  return { ...report, runs: records.map(({ run }) => run), span };
}

/** The most milliseconds for which a run is being written. */
const WRITING = 300;

/** The history, read again if it looks broken, because the first read may have met an incomplete write. */
async function readSteadily(kept: History): Promise<ChainReport> {
  const report = await kept.read();
  if (report.broken === undefined) return report;
  await setTimeout(WRITING);
  return kept.read();
}

/** Epoch milliseconds of `2d` before now, or of a date. */
function sinceTime(since: string, now: Date): number {
  if (/^\d+[smhd]$/.test(since)) return now.getTime() - secondsOf(since) * 1000;
  const time = /^\d{4}-\d\d-\d\d/.test(since) ? Date.parse(since) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError('--since is not a time', {
      hint: 'Write a span such as 12h or 2d, or a date such as 2026-11-25 or 2026-11-25T08:00Z',
    });
  }
  return time;
}
