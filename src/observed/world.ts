import type { Kind } from '../core/address.ts';
import type { Observed } from '../core/object.ts';
import type { AnyReconciler, Reconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';

/** A world for one pass: what it is given, and a memory of what was read, so that each kind is read once. */
export function createWorld(parts: Omit<World, 'read' | 'forget'>): World {
  const memory = new Map<Kind, Promise<readonly Observed<unknown>[]>>();
  const world: World = {
    ...parts,
    read<Spec>(reconciler: Reconciler<Spec>): Promise<readonly Observed<Spec>[]> {
      const known = memory.get(reconciler.kind);
      if (known !== undefined) return known as Promise<readonly Observed<Spec>[]>;
      const reading = reconciler.observe(world);
      memory.set(reconciler.kind, reading);
      return reading;
    },
    forget(...reconcilers: readonly AnyReconciler[]): void {
      if (reconcilers.length === 0) memory.clear();
      for (const { kind } of reconcilers) memory.delete(kind);
    },
  };
  return world;
}
