import { type DoorEffect, isGuarding } from '../../core/objects/door.ts';
import { type Draft, driftBetween } from '../drafts/draft.ts';
import type { Known } from '../drafts/known.ts';
import { specsIn, specWithout, standingDrafts } from './around.ts';

/**
 * Paths below a path whose gate stays fall to that gate, unless another object names them. So the new outer gate names
 * them.
 */
export function takeAround(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const staying = standingDrafts(known, drafts);
  return drafts.flatMap((draft) => madeAround(draft, drafts, staying) ?? [draft]);
}

function madeAround(
  draft: Draft,
  drafts: readonly Draft[],
  staying: readonly Draft[],
): readonly Draft[] | undefined {
  const { reconciler, verb, want } = draft;
  const door = draft.doors.find(({ step, part }) => isGuarding(step) && part !== undefined);
  if (verb !== 'create' || want === undefined || door === undefined) return undefined;
  const isBelow = ({ host, part }: DoorEffect) => host === door.host && part?.startsWith(`${door.part}/`);
  const below = (others: readonly Draft[]) =>
    others.filter(({ address, doors }) => address.kind === draft.address.kind && doors.some(isBelow));
  const inside = specsIn(below(staying), ({ have }) => have?.spec);
  const deeper = specsIn(below(drafts), ({ want: asked }) => asked);
  const cover = inside.length === 0 ? undefined : reconciler.gate?.covered?.(undefined, want, inside);
  const outer = cover === undefined ? undefined : reconciler.gate?.around?.(want, cover, inside, deeper);
  if (outer === undefined) return undefined;
  const others = specsIn(outsideDrafts(staying, draft, isBelow), ({ have }) => have?.spec);
  const free = specWithout(reconciler, outer, others);
  if (free !== undefined && driftBetween(reconciler, free, want).length === 0) return undefined;
  return [{ ...draft, want: free ?? outer }];
}

/** The objects of the same kind that stay and do not lie below. Nobody else gets the paths that they name. */
function outsideDrafts(
  staying: readonly Draft[],
  { address }: Draft,
  isBelow: (effect: DoorEffect) => boolean | undefined,
): readonly Draft[] {
  return staying.filter(({ address: at, doors }) => at.kind === address.kind && !doors.some(isBelow));
}
