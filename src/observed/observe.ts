import { asError } from '../core/errors.ts';
import { addressId } from '../core/objects/address.ts';
import { type IneffectiveWrite, ineffectiveTopic } from '../core/objects/ineffective.ts';
import type { Observation, Observed } from '../core/objects/object.ts';
import { type FullQuota, fullQuotaTopic, isStillFull } from '../core/objects/quota.ts';
import type { ProgressEvent } from '../core/progress.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import { withSharedCauses } from './shared-causes.ts';

/**
 * Reads all kinds in parallel. A kind that cannot be read is unknown, never empty, and does not stop the others.
 * `onEvent` gets the kinds that are still being read, at first and after each.
 */
export async function observe(
  reconcilers: readonly AnyReconciler[],
  world: World,
  onEvent: (event: ProgressEvent) => void = () => {},
): Promise<readonly Observation[]> {
  const kinds = new Set(reconcilers.map(({ kind }) => kind));
  const tell = () => onEvent({ type: 'reading', kinds: [...kinds], all: reconcilers.length });
  tell();
  const ineffective = await ineffectiveWrites(world);
  const refused = await fullQuotas(world);
  const observations = await Promise.all(
    reconcilers.map(async (reconciler): Promise<Observation> => {
      const { kind } = reconciler;
      try {
        const objects = withWrites(await world.read(reconciler), ineffective);
        claim(objects, reconciler, world);
        const full = stillFull(reconciler, objects, refused, world.clock.now());
        return { kind, state: 'known', objects, ...(full.length > 0 && { full: Object.fromEntries(full) }) };
      } catch (error) {
        return { kind, state: 'unknown', error: asError(error) };
      } finally {
        kinds.delete(kind);
        tell();
      }
    }),
  );
  return withSharedCauses(observations);
}

/** Records the objects that this state folder must find again: ours, and those of kinds that carry no mark. */
function claim(
  objects: readonly Observed[],
  { traits, write }: AnyReconciler,
  { roster, scope }: World,
): void {
  const isMarked = traits?.unmarked !== true && write !== undefined;
  const claimed = isMarked ? objects.filter(({ owner }) => owner === scope.owner) : objects;
  roster.claim(claimed, isMarked);
}

/** Writes of earlier runs that had no effect, by the id of the address. */
async function ineffectiveWrites({ notes }: World): Promise<ReadonlyMap<string, IneffectiveWrite>> {
  const found = new Map<string, IneffectiveWrite>();
  for (const name of await notes.list(ineffectiveTopic)) {
    const text = await notes.text(ineffectiveTopic, name);
    if (text !== undefined) found.set(name, JSON.parse(text) as IneffectiveWrite);
  }
  return found;
}

async function fullQuotas({ notes }: World): Promise<ReadonlyMap<string, FullQuota>> {
  const found = new Map<string, FullQuota>();
  for (const name of await notes.list(fullQuotaTopic)) {
    const text = await notes.text(fullQuotaTopic, name);
    if (text !== undefined) found.set(name, JSON.parse(text) as FullQuota);
  }
  return found;
}

/** The quotas of the kind that refused an object in an earlier run and still have no room. */
function stillFull(
  { words }: AnyReconciler,
  objects: readonly Observed[],
  refused: ReadonlyMap<string, FullQuota>,
  now: Date,
): readonly (readonly [string, FullQuota])[] {
  const quota = words?.quota;
  if (quota === undefined || refused.size === 0) return [];
  const counts = new Map<string, number>();
  for (const { spec } of objects) {
    const name = quota(spec);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...refused].filter(([name, full]) => isStillFull(full, counts.get(name) ?? 0, now));
}

function withWrites(
  objects: readonly Observed[],
  writes: ReadonlyMap<string, IneffectiveWrite>,
): readonly Observed[] {
  if (writes.size === 0) return objects;
  return objects.map((object) => {
    const ineffective = writes.get(addressId(object.address));
    return ineffective?.id === object.id ? { ...object, ineffective } : object;
  });
}
