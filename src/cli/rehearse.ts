import { randomInt } from 'node:crypto';
import { reconcilers } from '../../reconcilers/index.ts';
import type { Plan } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import type { Disk } from '../core/world.ts';
import type { ReconcileRequest } from '../reconcile.ts';
import type { Recording } from '../rehearsal/recording.ts';
import { rehearse } from '../rehearsal/rehearse.ts';
import type { Rehearsal } from '../report/rehearsal.ts';
import type { Settings } from './settings.ts';
import { tellMoving } from './terminal.ts';

/** As many as take about a minute for a home; a larger plan is tried in part. */
const mostTrials = 600;

/** Milliseconds between two words about how far it is. */
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
 * Tries the plan on a copy of what the recording holds; tells on a terminal how far it is.
 * @throws UnsafeError when something could not be read, so that a copy would lack it.
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
  return rehearse({
    ...{ plan, request, reconcilers, disk },
    replies: recording.replies,
    seed: seed ?? randomInt(1_000_000),
    most: mostTrials,
    ...(authentikUrl !== undefined && { authentikUrl }),
    onTrial: teller(),
  });
}

function teller(): (done: number, all: number) => void {
  let last = 0;
  return (done, all) => {
    if (process.stderr.isTTY !== true) return;
    const now = Date.now();
    if (done < all && now - last < usualPause) return;
    last = now;
    tellMoving(done === all ? '' : `rehearsing ${done}/${all}`);
  };
}
