import { addressId } from '../../core/objects/address.ts';
import { type Draft, refused } from '../drafts/draft.ts';
import { type Known, standingDoors } from '../drafts/known.ts';
import type { PlanOptions } from '../drafts/options.ts';

/**
 * The brakes of a plan. `prune` counts hostnames that leave the file or would end without a gate, and removed plain
 * objects. `change` counts rewritten plain objects. Creations count in neither, nor do hosts that move from one gate to
 * another. Changes above both the share and the floor are refused until a person allows them. A host outside the zones
 * of the file is always refused, because a zone that vanished from the file is more often a mistake than a wish.
 * Unfinished business is neither counted nor stopped.
 */
export function brake(
  known: Known,
  zones: readonly string[],
  drafts: readonly Draft[],
  options: PlanOptions,
): readonly Draft[] {
  const { limits, allow } = options;
  const units = new Set(drafts.flatMap((draft) => unitsGone(known, draft)));
  const rewritten = new Set(drafts.filter((draft) => isPlainRewrite(known, draft)).map((draft) => draft.id));
  // Counted only above the floor: with thousands of objects it is expensive, and mostly useless.
  const total = Math.max(units.size, rewritten.size) > limits.floor ? countUnits(known, drafts) : 0;
  const overPrune = !allow.includes('prune') && isOver(units.size, total, limits.prune, limits.floor);
  const overChange = !allow.includes('change') && isOver(rewritten.size, total, limits.change, limits.floor);
  return drafts.map((draft) => {
    if (draft.reconciler.traits?.unfinished === true) return draft;
    const stray = allow.includes('prune') ? undefined : hostOutside(draft, zones);
    if (stray !== undefined) {
      return refused(draft, `${stray} is in no zone of the file: \`gates apply --allow prune\` removes it`);
    }
    if (overPrune && touches(draft, units)) {
      return refused(draft, tooMany('remove', units.size, total, limits.prune, 'prune'));
    }
    if (overChange && rewritten.has(draft.id)) {
      return refused(draft, tooMany('rewrite', rewritten.size, total, limits.change, 'change'));
    }
    return draft;
  });
}

/** The units that this draft removes: hosts that the file no longer serves or guards, or a plain object. */
function unitsGone(known: Known, draft: Draft): readonly string[] {
  if (draft.verb !== 'prune' || draft.reconciler.traits?.unfinished === true) return [];
  if (draft.doors.length === 0)
    return draft.reconciler.traits?.counted === true ? [addressId(draft.address)] : [];
  return draft.doors
    .filter(({ host, step }) => !known.routes.has(host) || (step === 'unguard' && !known.guarded.has(host)))
    .map(({ host }) => host);
}

function isPlainRewrite(known: Known, draft: Draft): boolean {
  if (draft.reconciler.traits?.counted !== true || draft.drift.length === 0) return false;
  if (draft.verb !== 'update' && draft.verb !== 'adopt' && draft.verb !== 'replace') return false;
  return !draft.doors.some(({ host }) => (known.routes.get(host)?.size ?? 0) > 0);
}

/** A host of a removal that lies in no zone of the file. */
function hostOutside(draft: Draft, zones: readonly string[]): string | undefined {
  if (draft.because !== undefined) return undefined;
  return draft.doors
    .map(({ host }) => host)
    .find((host) => !zones.some((zone) => host === zone || host.endsWith(`.${zone}`)));
}

/** True for a change that removes one of the units, or that is a step at a host among them. */
function touches(draft: Draft, units: ReadonlySet<string>): boolean {
  if (draft.verb === 'keep') return false;
  return (
    draft.doors.some((effect) => units.has(effect.host)) ||
    (draft.verb === 'prune' && units.has(addressId(draft.address)))
  );
}

/**
 * The total to which the shares apply: hosts that our objects serve or guard, and our plain objects, including those
 * that this plan adopts.
 */
function countUnits(known: Known, drafts: readonly Draft[]): number {
  const adopted = drafts.filter(
    ({ verb, reconciler }) => verb === 'adopt' && reconciler.traits?.counted === true,
  );
  const units = new Set(adopted.flatMap(({ have }) => have?.id ?? []));
  for (const have of known.objects) {
    if (have.owner !== known.owner) continue;
    const doors = standingDoors(known, have);
    for (const effect of doors) units.add(effect.host);
    if (doors.length === 0 && known.reconcilers.get(have.address.kind)?.traits?.counted === true)
      units.add(have.id);
  }
  return units.size;
}

function isOver(count: number, total: number, share: number, floor: number): boolean {
  return count > floor && count > share * total;
}

function tooMany(verb: string, count: number, total: number, share: number, allow: string): string {
  const percent = Math.round(share * 100);
  const ways = `\`gates apply --allow ${allow}\` does it, or a commit that ends in \`Gates-Allow: ${allow}\``;
  return `this would ${verb} ${count} of ${total}, over the limit of ${percent} %: ${ways}`;
}
