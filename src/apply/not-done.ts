import type { Change } from '../core/change.ts';
import type { Outcome } from '../core/outcome.ts';

/** The outcome of a change that gates did not try. */
export function skip({ id, address }: Pick<Change, 'id' | 'address'>, reason: string): Outcome {
  return { change: id, address, status: 'skipped', reason };
}

/** The outcome of a change that did not succeed. */
export function failure(change: Pick<Change, 'id' | 'address'>, error: Error): Outcome {
  return { change: change.id, address: change.address, status: 'failed', error };
}
