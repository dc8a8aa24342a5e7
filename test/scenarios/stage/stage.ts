import { describeError } from '../../../src/core/errors.ts';
import type { LagOptions, Sandbox } from '../../../src/lab/sandbox/index.ts';
import type { Report } from '../../../src/run/reconcile.ts';
import { eagerClock } from '../../support/world.ts';
import type { Beginning } from './beginning.ts';
import type { Read } from './calls.ts';
import type { Disk } from './disk.ts';
import { lagOfScenario } from './lag.ts';
import { Process } from './process.ts';
import type { Trouble } from './trouble.ts';

export interface Pass {
  /** The report; undefined if the process was killed. */
  readonly report: Report | undefined;
  /** The number of writes sent. */
  readonly writes: number;
  /** The sort of each sent write, as `sortOf` names it, in order. */
  readonly sorts: readonly string[];
  /** The number of writes that arrived; the oracle judged after each. */
  readonly judged: number;
  readonly reads: readonly Read[];
  /** The number of requests through the edge. */
  readonly probes: number;
  /** The changes that were reported as ended, in order. */
  readonly ended: readonly string[];
}

/** The changes that were not made, each with the reason. */
export function unfinished(report: Report | undefined): readonly string[] {
  return (report?.outcomes ?? [])
    .filter(({ status }) => status !== 'done')
    .map(({ change, error, reason }) => `${change}: ${error === undefined ? reason : describeError(error)}`);
}

/**
 * Runs one process: a complete run over the file, on the sandbox in this process, in virtual time. With a beginning, it
 * may continue from the work of processes that began the same. With a lag, writes take time to reach the edge.
 */
export async function runProcess(
  sandbox: Sandbox,
  disk: Disk,
  text: string,
  trouble?: Trouble | 'dry run' | 'watch',
  beginning?: Beginning,
  lag: LagOptions | undefined = lagOfScenario(),
  interlocked = true,
): Promise<Pass> {
  const of = typeof trouble === 'object' ? trouble : undefined;
  if (lag !== undefined) sandbox.setLag(lag);
  const clock = lag === undefined ? eagerClock() : undefined;
  const process = new Process({ sandbox, disk, trouble: of, beginning, clock, interlocked });
  const report = await process.pass(text, { apply: trouble !== 'dry run', watch: trouble === 'watch' });
  // The next process starts at once after a disturbed one, and finds its writes still on their way.
  if (trouble === undefined) await sandbox.arrive();
  return { report, ...process.sent };
}

/** A run of `gates plan` or `gates adopt`, for one service or, without one, for the whole file. */
export async function runCommand(
  command: 'plan' | 'adopt',
  { sandbox, disk, text }: { readonly sandbox: Sandbox; readonly disk: Disk; readonly text: string },
  service: string | undefined,
  trouble?: Trouble,
): Promise<Pass> {
  const lag = lagOfScenario();
  if (lag !== undefined) sandbox.setLag(lag);
  const clock = lag === undefined ? eagerClock() : undefined;
  const process = new Process({ sandbox, disk, trouble, beginning: undefined, clock, interlocked: true });
  const adopts = command === 'adopt';
  const report = await process.pass(text, {
    apply: adopts,
    watch: false,
    options: { adopt: adopts, adoptOnly: adopts, ...(service !== undefined && { service }), allow: [] },
  });
  if (trouble === undefined) await sandbox.arrive();
  return { report, ...process.sent };
}
