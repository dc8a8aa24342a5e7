import type { Phase } from '../../core/change.ts';
import { type DoorStep, doorSteps, stepRank } from '../../core/objects/door.ts';
import type { Draft } from '../drafts/draft.ts';

/** The phase that people read: from the earliest door step of the change, or from its verb if it has none. */
export function phaseOf(draft: Draft): Phase {
  const ranks = draft.doors.map((effect) => stepRank(effect.step));
  if (ranks.length === 0) return draft.verb === 'prune' ? 'clean' : 'prepare';
  return phaseOfStep[doorSteps[Math.min(...ranks)] ?? 'close'];
}

const phaseOfStep: Readonly<Record<DoorStep, Phase>> = {
  close: 'close',
  guard: 'guard',
  divide: 'guard',
  change: 'guard',
  attest: 'guard',
  route: 'open',
  publish: 'open',
  vacate: 'prove',
  prove: 'prove',
  purge: 'retire',
  unroute: 'retire',
  unguard: 'retire',
  confirm: 'retire',
};
