import { randomInt } from 'node:crypto';
import { reconcilers } from '../../../reconcilers/index.ts';
import type { Recording } from '../../clients/http/recording.ts';
import type { Plan } from '../../core/change.ts';
import { UnsafeError } from '../../core/errors.ts';
import type { Disk } from '../../core/world.ts';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import type { Rehearsal } from '../../report/rehearsal/rehearsal.ts';
import type { ReconcileRequest } from '../../run/reconcile.ts';
import type { Settings } from '../surroundings/settings.ts';
import { tellMoving } from '../surroundings/terminal.ts';

/** More trials than a home needs. With `--seed` all of them are tried, however long that takes. */
const mostTrials = 600;

/** Milliseconds for trials, since a person waits for them; of a larger plan only a part is tried. */
const patience = 60_000;

/** Milliseconds between two updates of the progress. */
const usualPause = 200;

export interface RehearsalParts {
  readonly plan: Plan;
  readonly request: Omit<ReconcileRequest, 'apply'>;
  readonly recording: Recording;
  readonly disk: Disk;
  readonly settings: Settings;
  readonly seed: number | undefined;
}

/**
 * Tries the plan on a copy of what the recording holds, and shows the progress on a terminal.
 * @throws UnsafeError if a kind could not be read, so that a copy would lack it.
 */
export function rehearsePlan({
  plan,
  request,
  recording,
  disk,
  settings,
  seed,
}: RehearsalParts): Promise<Rehearsal> {
  if (plan.unknown.length > 0) {
    throw new UnsafeError('What could not be read cannot be copied, so there is no rehearsal', {
      hint: 'See above what it is, and try again',
    });
  }
  const { authentikUrl } = settings;
  const begun = Date.now();
  return rehearse({
    ...{ plan, request, reconcilers, disk },
    replies: recording.replies,
    seed: seed ?? randomInt(1_000_000),
    most: mostTrials,
    ...(authentikUrl !== undefined && { authentikUrl }),
    onTrial: teller(begun, seed === undefined),
    ...(seed === undefined && { goesOn: () => Date.now() - begun < patience }),
  }).finally(() => {
    if (process.stderr.isTTY === true) tellMoving();
  });
}

/** Shows the progress, and the most time that is left. */
function teller(begun: number, isLimited: boolean): (done: number, all: number) => void {
  let last = 0;
  return (done, all) => {
    const now = Date.now();
    if (process.stderr.isTTY !== true || now - last < usualPause) return;
    last = now;
    const total = ((all - done + 1) * (now - begun)) / Math.max(1, done - 1);
    const rest = isLimited ? Math.min(total, patience - (now - begun)) : total;
    const span = done === 1 ? (isLimited ? ', a minute at most' : '') : `, ${Math.ceil(rest / 1000)} s left`;
    tellMoving(`rehearsing: way ${done} of ${all}${span}`);
  };
}
