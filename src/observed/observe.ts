import { addressId } from '../core/address.ts';
import { type IneffectiveWrite, ineffectiveTopic } from '../core/ineffective.ts';
import type { Observation, Observed } from '../core/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';

/**
 * Reads all kinds side by side. A kind that cannot be read is unknown, never empty, and does not keep the
 * others from being read.
 */
export async function observe(
  reconcilers: readonly AnyReconciler[],
  world: World,
): Promise<readonly Observation[]> {
  const ineffective = await ineffectiveWrites(world);
  return Promise.all(
    reconcilers.map(async (reconciler): Promise<Observation> => {
      const { kind } = reconciler;
      try {
        return { kind, state: 'known', objects: withWrites(await world.read(reconciler), ineffective) };
      } catch (error) {
        return { kind, state: 'unknown', error: error instanceof Error ? error : new Error(String(error)) };
      }
    }),
  );
}

/** By the id of the address: writes of earlier runs that had no effect. */
async function ineffectiveWrites({ notes }: World): Promise<ReadonlyMap<string, IneffectiveWrite>> {
  const found = new Map<string, IneffectiveWrite>();
  for (const name of await notes.list(ineffectiveTopic)) {
    const text = await notes.text(ineffectiveTopic, name);
    if (text !== undefined) found.set(name, JSON.parse(text) as IneffectiveWrite);
  }
  return found;
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
